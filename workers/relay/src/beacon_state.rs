//! What the relay remembers of the beacon between tickets, so that callers cause one question to the chain a height.

use gateway_api::{Epoch, Seed};
use tokio::sync::{Mutex, MutexGuard};

/// What the relay knows of the current epoch's beacon. The lock is never held across a question to the chain.
#[derive(Debug, Default)]
pub(crate) struct Beacon(Mutex<Option<Known>>);

impl Beacon {
    /// What is known, for as long as nobody else changes it.
    pub(crate) async fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.0.lock().await
    }
}

/// The beacon of an epoch, at a height.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The height at which the contract was asked.
    pub(crate) height: u64,
    pub(crate) epoch: Epoch,
    pub(crate) seed: Seed,
    /// The lowest value among the contract's and those queued here.
    pub(crate) lowest: Option<Seed>,
}
