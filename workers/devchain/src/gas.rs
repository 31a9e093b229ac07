//! Gas: the meter and the prices of state access, in SDK gas. The contract module's own prices are in `wasm::gas`.

use crate::error::ExecError;

/// Prices of state access, as in the SDK's default KV gas config.
pub(crate) mod kv {
    pub(crate) const DELETE: u64 = 1_000;
    pub(crate) const READ_FLAT: u64 = 1_000;
    pub(crate) const READ_BYTE: u64 = 3;
    pub(crate) const WRITE_FLAT: u64 = 2_000;
    pub(crate) const WRITE_BYTE: u64 = 30;
    pub(crate) const ITER_NEXT: u64 = 30;
}

/// A gas meter: the limit and the use so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meter {
    limit: u64,
    used: u64,
}

impl Meter {
    /// Creates a meter that stops at `limit`.
    pub(crate) fn new(limit: u64) -> Self {
        Self { limit, used: 0 }
    }

    /// Creates a meter that counts and never stops.
    pub(crate) fn unlimited() -> Self {
        Self::new(u64::MAX)
    }

    /// Counts `amount`; exceeding the limit is an error, but the use stays counted, as in the SDK.
    pub(crate) fn consume(&mut self, amount: u64, what: &'static str) -> Result<(), ExecError> {
        self.used = self.used.saturating_add(amount);
        if self.used > self.limit { Err(ExecError::OutOfGas(what)) } else { Ok(()) }
    }

    /// Returns the limit.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Returns the gas used so far; the last step may exceed the limit.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    /// Returns the gas used, capped at the limit.
    pub(crate) fn used_to_limit(&self) -> u64 {
        self.used.min(self.limit)
    }

    /// Returns the gas that is left.
    pub(crate) fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// Returns whether the limit has been reached.
    pub(crate) fn is_empty(&self) -> bool {
        self.used >= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_counts_the_step_that_broke_it() {
        let mut meter = Meter::new(10);
        assert_eq!(meter.consume(10, "a"), Ok(()));
        assert!(meter.is_empty());
        assert_eq!(meter.consume(1, "b"), Err(ExecError::OutOfGas("b")));
        assert_eq!((meter.used(), meter.used_to_limit(), meter.remaining()), (11, 10, 0));
    }
}
