//! A contract's own storage: the part of the state under its prefix, charged to the transaction's meter.

use std::ops::Bound;

use cosmwasm_std::{Order, Record};
use cosmwasm_vm::{BackendError, BackendResult, GasInfo, Storage};

use super::gas;
use crate::error::ExecError;
use crate::state::layers::Range;
use crate::state::{Session, SharedSession, keys, lock};

/// Storage of one contract within one session.
pub(crate) struct ContractStorage {
    session: SharedSession,
    prefix: Vec<u8>,
    iterators: Vec<Range>,
}

impl ContractStorage {
    pub(super) fn new(session: SharedSession, contract: &[u8]) -> Self {
        Self { session, prefix: keys::contract_storage(contract), iterators: Vec::new() }
    }

    fn key(&self, key: &[u8]) -> Vec<u8> {
        [self.prefix.as_slice(), key].concat()
    }

    /// Runs one access and reports the gas it took from the meter, so that the VM counts it too.
    fn metered<T>(&self, access: impl FnOnce(&mut Session) -> Result<T, ExecError>) -> BackendResult<T> {
        let mut session = lock(&self.session);
        let before = session.meter().used();
        let result = access(&mut session).map_err(backend_error);
        let used = session.meter().used().saturating_sub(before);
        (result, GasInfo::with_externally_used(gas::to_vm(used)))
    }
}

/// Converts the error of a failed access for the VM.
pub(super) fn backend_error(error: ExecError) -> BackendError {
    match error {
        ExecError::OutOfGas(_) => BackendError::out_of_gas(),
        other => BackendError::unknown(other.to_string()),
    }
}

impl Storage for ContractStorage {
    fn get(&self, key: &[u8]) -> BackendResult<Option<Vec<u8>>> {
        self.metered(|session| session.get(&self.key(key)))
    }

    fn scan(&mut self, start: Option<&[u8]>, end: Option<&[u8]>, order: Order) -> BackendResult<u32> {
        let whole = Range::prefix(&self.prefix);
        let range = Range {
            start: start.map_or(whole.start, |key| Bound::Included(self.key(key))),
            end: end.map_or(whole.end, |key| Bound::Excluded(self.key(key))),
            descending: order == Order::Descending,
        };
        let Ok(id) = u32::try_from(self.iterators.len()) else {
            return (Err(BackendError::unknown("too many iterators")), GasInfo::free());
        };
        self.iterators.push(range);
        self.metered(|session| session.consume(crate::gas::kv::ITER_NEXT, "IterNextFlat").map(|()| id))
    }

    fn next(&mut self, iterator_id: u32) -> BackendResult<Option<Record>> {
        let Some(range) = self.iterators.get(iterator_id as usize).cloned() else {
            return (Err(BackendError::iterator_does_not_exist(iterator_id)), GasInfo::free());
        };
        let (found, gas_info) = self.metered(|session| session.first(&range));
        let record = match found {
            Ok(Some((key, value))) => {
                let own = key.get(self.prefix.len()..).unwrap_or_default().to_vec();
                if let Some(range) = self.iterators.get_mut(iterator_id as usize) {
                    range.skip(key);
                }
                Ok(Some((own, value)))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        (record, gas_info)
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> BackendResult<()> {
        self.metered(|session| session.set(self.key(key), value.to_vec()))
    }

    fn remove(&mut self, key: &[u8]) -> BackendResult<()> {
        self.metered(|session| session.remove(self.key(key)))
    }
}
