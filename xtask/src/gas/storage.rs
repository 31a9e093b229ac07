//! A contract's storage with the chain's prices, shared by the virtual machine and by the natively compiled contract, which
//! builds long histories quickly.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cosmwasm_std::{Order, Record};
use cosmwasm_vm::{BackendError, BackendResult, GasInfo, Storage as VmStorage};

/// Units of the virtual machine's gas per unit of the chain's.
pub(super) const VM_GAS: u64 = 140_000;

// The chain's store prices (its KVGasConfig).
const READ_FLAT: u64 = 1000;
const READ_BYTE: u64 = 3;
const WRITE_FLAT: u64 = 2000;
const WRITE_BYTE: u64 = 30;
const DELETE_FLAT: u64 = 1000;
const NEXT_FLAT: u64 = 30;

type Data = BTreeMap<Vec<u8>, Vec<u8>>;

/// The storage; clones share the data.
#[derive(Clone, Default)]
pub(super) struct Store {
    data: Arc<Mutex<Data>>,
    iterators: HashMap<u32, std::vec::IntoIter<Record>>,
}

fn priced<T>(value: T, gas: u64) -> BackendResult<T> {
    (Ok(value), GasInfo::with_externally_used(gas.saturating_mul(VM_GAS)))
}

fn bytes(parts: &[&[u8]]) -> u64 {
    parts.iter().map(|part| part.len() as u64).sum()
}

impl Store {
    fn lock(&self) -> MutexGuard<'_, Data> {
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn collect(&self, start: Option<&[u8]>, end: Option<&[u8]>, order: Order) -> Vec<Record> {
        let lower = start.map_or(Bound::Unbounded, |key| Bound::Included(key.to_vec()));
        let upper = end.map_or(Bound::Unbounded, |key| Bound::Excluded(key.to_vec()));
        if let (Some(start), Some(end)) = (start, end)
            && start >= end
        {
            return Vec::new();
        }
        let data = self.lock();
        // No query or sweep of the contract reads further than a page.
        let range = data.range((lower, upper)).map(|(key, value)| (key.clone(), value.clone()));
        match order {
            Order::Ascending => range.take(200).collect(),
            Order::Descending => range.rev().take(200).collect(),
        }
    }
}

impl VmStorage for Store {
    fn get(&self, key: &[u8]) -> BackendResult<Option<Vec<u8>>> {
        let value = self.lock().get(key).cloned();
        let size = bytes(&[key, value.as_deref().unwrap_or_default()]);
        priced(value, READ_FLAT + READ_BYTE * size)
    }

    fn scan(&mut self, start: Option<&[u8]>, end: Option<&[u8]>, order: Order) -> BackendResult<u32> {
        let id = u32::try_from(self.iterators.len()).unwrap_or(u32::MAX);
        let records = self.collect(start, end, order);
        self.iterators.insert(id, records.into_iter());
        priced(id, READ_FLAT)
    }

    fn next(&mut self, iterator_id: u32) -> BackendResult<Option<Record>> {
        match self.iterators.get_mut(&iterator_id) {
            Some(iterator) => {
                let record = iterator.next();
                let size = record.as_ref().map_or(0, |(key, value)| bytes(&[key, value]));
                priced(record, NEXT_FLAT + READ_BYTE * size)
            }
            None => (Err(BackendError::iterator_does_not_exist(iterator_id)), GasInfo::free()),
        }
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> BackendResult<()> {
        self.lock().insert(key.to_vec(), value.to_vec());
        priced((), WRITE_FLAT + WRITE_BYTE * bytes(&[key, value]))
    }

    fn remove(&mut self, key: &[u8]) -> BackendResult<()> {
        self.lock().remove(key);
        priced((), DELETE_FLAT)
    }
}

impl cosmwasm_std::Storage for Store {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.lock().get(key).cloned()
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.lock().insert(key.to_vec(), value.to_vec());
    }

    fn remove(&mut self, key: &[u8]) {
        self.lock().remove(key);
    }

    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'a> {
        Box::new(self.collect(start, end, order).into_iter())
    }
}
