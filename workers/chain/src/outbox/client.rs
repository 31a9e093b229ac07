//! The daemon's side of the outbox: queues messages and reads their state.
//!
//! The database is the queue; this handle only writes to it and wakes the engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::store::{ItemState, NewItem, OutboxItem, OutboxStore, StoreError};
use crate::types::Coin;

/// Largest idempotency key, in bytes: it is stored in a unique column.
pub const MAX_KEY: usize = 200;

/// Interval at which a waiting caller rereads the store, in case another process settled the item.
const RECHECK: Duration = Duration::from_secs(5);

/// The state of a queued message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Executed.
    Done {
        /// Hash of the transaction that held it.
        tx_hash: String,
        /// Height of its block.
        height: u64,
    },
    /// Given up.
    Failed {
        /// The chain's error text.
        error: String,
    },
}

impl Outcome {
    fn of(item: OutboxItem) -> Option<Self> {
        match item.state {
            ItemState::Queued | ItemState::Signed => None,
            ItemState::Done => Some(Self::Done {
                tx_hash: item.tx_hash.unwrap_or_default(),
                height: item.height.unwrap_or_default(),
            }),
            ItemState::Failed => Some(Self::Failed { error: item.error.unwrap_or_default() }),
        }
    }
}

/// Why a message could not be queued or waited for.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum OutboxError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key is empty or too long.
    #[error("the idempotency key must have 1 to {MAX_KEY} bytes, it has {len}")]
    Key {
        /// Its length.
        len: usize,
    },
    /// The key belongs to another message.
    #[error("the idempotency key {key:?} was used for another message")]
    Conflict {
        /// The key.
        key: String,
    },
    /// There is no such item.
    #[error("there is no outbox item {id}")]
    NoItem {
        /// The id asked for.
        id: i64,
    },
    /// The outbox has stopped.
    #[error("the outbox has stopped")]
    Stopped,
}

impl OutboxError {
    /// Returns whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Store(e) => e.retryable,
            Self::Key { .. } | Self::Conflict { .. } | Self::NoItem { .. } | Self::Stopped => false,
        }
    }
}

/// Handle to an outbox. Cheap to clone.
#[derive(Clone)]
pub struct OutboxClient {
    pub(super) store: Arc<dyn OutboxStore>,
    pub(super) wake: Arc<Notify>,
    pub(super) settled: watch::Receiver<u64>,
    pub(super) failures: Arc<AtomicU64>,
    pub(super) address: Arc<str>,
}

impl OutboxClient {
    /// Address of the account that signs.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Queues a message for the contract and returns its id. Idempotent: queueing the same message under the same key again
    /// only returns the same id.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn enqueue(&self, key: &str, msg: Vec<u8>, funds: Vec<Coin>) -> Result<i64, OutboxError> {
        if key.is_empty() || key.len() > MAX_KEY {
            return Err(OutboxError::Key { len: key.len() });
        }
        let new = NewItem { key: key.to_owned(), msg, funds, reserved_gas: 0 };
        let item = self.store.enqueue(&new).await?;
        if item.msg != new.msg || item.funds != new.funds {
            return Err(OutboxError::Conflict { key: new.key });
        }
        self.nudge();
        Ok(item.id)
    }

    /// Wakes the engine to read its queue now: after the caller wrote rows itself (in its own database transaction), or when a
    /// block arrived.
    pub fn nudge(&self) {
        self.wake.notify_one();
    }

    /// Returns a counter of events that may have failed an item: while it does not change, no item has failed.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }

    /// Returns the item as it stands.
    ///
    /// # Errors
    /// [`OutboxError`].
    pub async fn item(&self, id: i64) -> Result<OutboxItem, OutboxError> {
        self.store.item(id).await?.ok_or(OutboxError::NoItem { id })
    }

    /// Waits until the item is done or given up. Wrap it in a time-out: it waits as long as the chain stands still.
    ///
    /// # Errors
    /// [`OutboxError`]; [`OutboxError::Stopped`] when the engine ends first.
    pub async fn wait(&self, id: i64) -> Result<Outcome, OutboxError> {
        let mut settled = self.settled.clone();
        loop {
            settled.borrow_and_update();
            if let Some(outcome) = Outcome::of(self.item(id).await?) {
                return Ok(outcome);
            }
            if let Ok(Err(_)) = tokio::time::timeout(RECHECK, settled.changed()).await {
                return Err(OutboxError::Stopped);
            }
        }
    }
}
