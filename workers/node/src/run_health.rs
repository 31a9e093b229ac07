//! Whether jobs that seat the node produce an outcome. A node that is seated and never attests would otherwise look healthy.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use gateway_api::RequestId;
use gateway_daemon_runtime::health::Readiness;

/// Consecutive requests without an outcome after which the node is not ready: one or two may be the fault of their code.
const FAILED: usize = 3;
/// Most requests remembered.
const REMEMBERED: usize = 100;

/// Counts requests without an outcome since the last one that had one.
pub(crate) struct RunHealth {
    readiness: Readiness,
    failed: Mutex<BTreeSet<RequestId>>,
}

impl RunHealth {
    /// Starts out ready: nothing has failed yet.
    pub(crate) fn new(readiness: Readiness) -> Self {
        readiness.ready();
        Self { readiness, failed: Mutex::default() }
    }

    /// Records that a run produced an outcome.
    pub(crate) fn attested(&self) {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.readiness.ready();
    }

    /// Records that a run for `request` produced no outcome, for a reason on the node's side.
    pub(crate) fn failed(&self, request: RequestId, reason: &str) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() < REMEMBERED {
            failed.insert(request);
        }
        if failed.len() >= FAILED {
            self.readiness
                .not_ready(format!("the last {} requests had no outcome here: {reason}", failed.len()));
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway_daemon_runtime::health::Health;

    use super::*;

    #[test]
    fn three_requests_in_a_row_without_an_outcome_are_not_ready() {
        let health = Health::new();
        let runs = RunHealth::new(health.register("jobs"));
        for request in [1, 1, 1, 2] {
            runs.failed(RequestId(request), "no source has the code");
        }
        assert!(health.is_ready(), "two requests, one of them tried thrice");
        runs.failed(RequestId(3), "no source has the code");
        assert!(health.snapshot()["jobs"].clone().unwrap_err().contains("no source has the code"));
        runs.attested();
        assert!(health.is_ready());
    }
}
