//! State as a transaction sees it: layers plus the gas meters that every access is charged to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::layers::{Layers, Pair, Range};
use crate::error::ExecError;
use crate::gas::{Meter, kv};

/// A session that contract storage and queries inside the VM share with the VM's caller. Locked for one access at a time, never
/// across a call into a contract.
pub(crate) type SharedSession = Arc<Mutex<Session>>;

/// Locks a mutex. A panic while it was held leaves layers and meters intact, so poisoning is no reason to stop.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Layers and a stack of meters; the top meter is charged.
pub(crate) struct Session {
    layers: Layers,
    outer: Vec<Meter>,
    meter: Meter,
}

impl Session {
    /// Creates a session on top of `layers` with one meter.
    pub(crate) fn new(layers: Layers, meter: Meter) -> Self {
        Self { layers, outer: Vec::new(), meter }
    }

    /// Creates the same, ready to be shared.
    pub(crate) fn shared(layers: Layers, meter: Meter) -> SharedSession {
        Arc::new(Mutex::new(Self::new(layers, meter)))
    }

    /// Returns the layers, for opening and closing them.
    pub(crate) fn layers(&mut self) -> &mut Layers {
        &mut self.layers
    }

    /// Returns the meter that is currently charged.
    pub(crate) fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }

    /// Replaces the meter and returns the old one.
    pub(crate) fn replace_meter(&mut self, meter: Meter) -> Meter {
        std::mem::replace(&mut self.meter, meter)
    }

    /// Charges a new meter from now on, up to `limit`.
    pub(crate) fn push_meter(&mut self, limit: u64) {
        let outer = self.replace_meter(Meter::new(limit));
        self.outer.push(outer);
    }

    /// Restores the previous meter and returns the inner one. The caller decides how much of it the outer one pays.
    pub(crate) fn pop_meter(&mut self) -> Meter {
        match self.outer.pop() {
            Some(outer) => self.replace_meter(outer),
            None => self.meter,
        }
    }

    /// Charges gas for something other than state.
    pub(crate) fn consume(&mut self, amount: u64, what: &'static str) -> Result<(), ExecError> {
        self.meter.consume(amount, what)
    }

    /// Reads and charges.
    pub(crate) fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, ExecError> {
        self.consume(kv::READ_FLAT, "ReadFlat")?;
        let value = self.layers.get(key)?;
        let bytes = priced_len(key) + value.as_ref().map_or(0, |v| v.len() as u64);
        self.consume(kv::READ_BYTE * bytes, "ReadPerByte")?;
        Ok(value)
    }

    /// Writes and charges.
    pub(crate) fn set(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), ExecError> {
        self.consume(kv::WRITE_FLAT, "WriteFlat")?;
        self.consume(kv::WRITE_BYTE * (priced_len(&key) + value.len() as u64), "WritePerByte")?;
        self.layers.set(key, value);
        Ok(())
    }

    /// Removes and charges.
    pub(crate) fn remove(&mut self, key: Vec<u8>) -> Result<(), ExecError> {
        self.consume(kv::DELETE, "Delete")?;
        self.layers.remove(key);
        Ok(())
    }

    /// Returns the next pair of a range, charged as one iterator step.
    pub(crate) fn first(&mut self, range: &Range) -> Result<Option<Pair>, ExecError> {
        self.consume(kv::ITER_NEXT, "IterNextFlat")?;
        let found = self.layers.first(range)?;
        if let Some((key, value)) = &found {
            self.consume(kv::READ_BYTE * (priced_len(key) + value.len() as u64), "ReadPerByte")?;
        }
        Ok(found)
    }
}

/// Returns the length that gas is charged for: without the byte that names the module.
fn priced_len(key: &[u8]) -> u64 {
    key.len().saturating_sub(1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{ChainStore, Tip, WriteSet};

    #[test]
    fn access_costs_what_the_sdk_charges() {
        let store = ChainStore::open(None).unwrap();
        store.write_genesis(WriteSet::new(), &Tip::default()).unwrap();
        let mut session = Session::new(Layers::new(store.snapshot().unwrap().unwrap()), Meter::unlimited());
        session.set(b"mkey".to_vec(), b"value".to_vec()).unwrap();
        assert_eq!(session.meter().used(), 2_000 + 30 * (3 + 5));
        session.push_meter(1_024);
        assert_eq!(session.get(b"mkey").unwrap(), Some(b"value".to_vec()));
        assert_eq!(session.pop_meter().used(), 1_000 + 3 * (3 + 5));
        session.push_meter(1_023);
        assert_eq!(session.get(b"mkey"), Err(ExecError::OutOfGas("ReadPerByte")));
        session.pop_meter();
        assert_eq!(session.meter().used(), 2_240);
    }
}
