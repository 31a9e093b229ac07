//! Code whose worker was killed for a forbidden system call is not run again: what it did can only have been an attempt
//! to get out.
//!
//! It is forgotten when the daemon starts anew, as an operator does after looking into it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Most pieces of code remembered; a node that has met more runs nothing, until somebody has looked into it.
const MAX_CODES: usize = 1_024;

/// The hashes of such code.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    codes: Mutex<BTreeSet<[u8; 32]>>,
}

impl Quarantine {
    /// Whether this code may not run.
    pub(crate) fn holds(&self, code: &[u8; 32]) -> bool {
        let codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.contains(code) || codes.len() >= MAX_CODES
    }

    /// Puts code under quarantine, and says so to whoever watches the node.
    pub(crate) fn add(&self, code: [u8; 32]) {
        if !self.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(code) {
            return;
        }
        tracing::error!(
            code = hex::encode(code),
            "code was killed for a forbidden system call: it will not run again"
        );
        metrics::counter!("vm_quarantined_total").increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_held_once_it_was_added_and_nothing_runs_when_there_is_too_much_of_it() {
        let quarantine = Quarantine::default();
        quarantine.add([1; 32]);
        assert!(quarantine.holds(&[1; 32]) && !quarantine.holds(&[2; 32]));
        for i in 0..MAX_CODES {
            let mut code = [3; 32];
            code[..8].copy_from_slice(&i.to_le_bytes());
            quarantine.add(code);
        }
        assert!(quarantine.holds(&[2; 32]));
    }
}
