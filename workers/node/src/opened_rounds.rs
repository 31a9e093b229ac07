//! Hands rounds drawn by tickets from the mirror to the task that submits the node's ticket.

use std::sync::{Mutex, PoisonError};

use gateway_api::events::RoundOpened;

/// Rounds drawn by tickets, in the order of their blocks, until the task that submits tickets takes them.
#[derive(Debug, Default)]
pub(crate) struct OpenedRounds(Mutex<Vec<RoundOpened>>);

impl OpenedRounds {
    /// Adds a round; to be called before its block's height is recorded.
    pub(crate) fn add(&self, round: RoundOpened) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(round);
    }

    /// Takes all rounds that were added.
    pub(crate) fn take(&self) -> Vec<RoundOpened> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
