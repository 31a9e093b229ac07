//! Hands rounds that draw by tickets from the mirror to the task that shows the node's.

use std::sync::{Mutex, PoisonError};

use gateway_api::events::RoundOpened;

/// Rounds that draw by tickets, in the order of their blocks, until the task that shows tickets takes them.
#[derive(Debug, Default)]
pub(crate) struct OpenedRounds(Mutex<Vec<RoundOpened>>);

impl OpenedRounds {
    /// Notes a round; to be called before its block's height is seen.
    pub(crate) fn add(&self, round: RoundOpened) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(round);
    }

    /// Takes all that were noted.
    pub(crate) fn take(&self) -> Vec<RoundOpened> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
