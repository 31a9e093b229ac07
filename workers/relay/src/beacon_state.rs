//! The relay's knowledge of the beacon between tickets, so that callers cause at most one chain query per height.

use gateway_api::{Epoch, Seed};
use tokio::sync::{Mutex, MutexGuard};

/// What the relay knows of the current epoch's beacon. The lock is never held across a chain query.
#[derive(Debug, Default)]
pub(crate) struct Beacon(Mutex<Option<Known>>);

impl Beacon {
    /// Locks the known state against changes by others.
    pub(crate) async fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.0.lock().await
    }
}

/// The beacon of an epoch, at a height.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The height at which the contract was queried.
    pub(crate) height: u64,
    pub(crate) epoch: Epoch,
    pub(crate) seed: Seed,
    /// The lowest value among the contract's tickets and those queued here.
    pub(crate) lowest: Option<Seed>,
}
