//! Code whose worker was killed for a forbidden system call is not run again: that can only have been an attempt to escape.
//!
//! It is forgotten when the daemon restarts, as an operator does after investigating.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Most pieces of code remembered; the oldest is forgotten first. Each costs its owner a project on the chain, whereas a killed
/// worker costs this node only a restart of it.
const MAX_CODES: usize = 4_096;

/// The hashes of such code.
#[derive(Debug, Default)]
pub(crate) struct Quarantine {
    codes: Mutex<Codes>,
}

#[derive(Debug, Default)]
struct Codes {
    held: BTreeSet<[u8; 32]>,
    /// In order of arrival.
    order: VecDeque<[u8; 32]>,
}

impl Quarantine {
    /// Returns whether this code may not run.
    pub(crate) fn holds(&self, code: &[u8; 32]) -> bool {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).held.contains(code)
    }

    /// Quarantines code, and reports it to the operator.
    pub(crate) fn add(&self, code: [u8; 32]) {
        {
            let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
            if !codes.held.insert(code) {
                return;
            }
            codes.order.push_back(code);
            if codes.order.len() > MAX_CODES
                && let Some(oldest) = codes.order.pop_front()
            {
                codes.held.remove(&oldest);
            }
        }
        tracing::error!(
            code = hex::encode(code),
            "code was killed for a forbidden system call: it will not run again"
        );
        metrics::counter!("gateway_vm_quarantined_total").increment(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_held_once_it_was_added_and_no_amount_of_it_stops_other_code() {
        let quarantine = Quarantine::default();
        quarantine.add([1; 32]);
        assert!(quarantine.holds(&[1; 32]) && !quarantine.holds(&[2; 32]));
        let code = |i: usize| {
            let mut code = [3; 32];
            code[..8].copy_from_slice(&i.to_le_bytes());
            code
        };
        for i in 0..MAX_CODES {
            quarantine.add(code(i));
        }
        assert!(!quarantine.holds(&[2; 32]));
        assert!(!quarantine.holds(&[1; 32]), "the oldest is forgotten");
        assert!(quarantine.holds(&code(0)) && quarantine.holds(&code(MAX_CODES - 1)));
    }
}
