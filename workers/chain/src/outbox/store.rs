//! What the outbox persists, as a trait: the rows are written before anything is sent.
//!
//! The product's store implements it on SQL. Every method is one transaction: all of it happens, or nothing.

use async_trait::async_trait;

use crate::types::Coin;

/// The state of a queued message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemState {
    /// Waits to be put into a transaction.
    Queued,
    /// Is in the signed transaction `tx_hash`, which is not settled yet.
    Signed,
    /// Was executed in the transaction `tx_hash`.
    Done,
    /// Was given up; `error` says why.
    Failed,
}

/// A message to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewItem {
    /// Idempotency key: queueing a second message under the same key does nothing.
    pub key: String,
    /// JSON of the contract's execute message.
    pub msg: Vec<u8>,
    /// Coins sent along.
    pub funds: Vec<Coin>,
    /// Gas that the message must leave for others on top of its own: the caps of the callbacks it triggers.
    pub reserved_gas: u64,
}

/// A queued message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxItem {
    /// Row id; ids grow in queueing order.
    pub id: i64,
    /// Idempotency key, unique.
    pub key: String,
    /// JSON of the contract's execute message.
    pub msg: Vec<u8>,
    /// Coins sent along. A message with coins is never sent again if its fate is uncertain.
    pub funds: Vec<Coin>,
    /// Gas left for callbacks on top of the message's own.
    pub reserved_gas: u64,
    /// Its state.
    pub state: ItemState,
    /// The newest transaction that held it.
    pub tx_hash: Option<String>,
    /// Height of the block that executed it, once done.
    pub height: Option<u64>,
    /// How many transactions failed in their block because of it, or for an unknown reason.
    pub attempts: u32,
    /// Why the newest attempt failed.
    pub error: Option<String>,
    /// When it was queued, milliseconds since the Unix epoch.
    pub created_ms: i64,
}

impl OutboxItem {
    /// Returns a message in its initial state.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn queued(id: i64, new: NewItem) -> Self {
        let NewItem { key, msg, funds, reserved_gas } = new;
        Self {
            id,
            key,
            msg,
            funds,
            reserved_gas,
            state: ItemState::Queued,
            tx_hash: None,
            height: None,
            attempts: 0,
            error: None,
            created_ms: 0,
        }
    }
}

/// A signed transaction that is not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxTx {
    /// Upper-case hex hash of `bytes`; unique.
    pub hash: String,
    /// The signed bytes: a restart sends exactly these.
    pub bytes: Vec<u8>,
    /// Account sequence it uses.
    pub sequence: u64,
    /// Newest height known when it was signed: no block at or below it can include it.
    pub signed_height: u64,
    /// Height after which it can no longer be included.
    pub timeout_height: u64,
    /// The items it holds, in message order.
    pub items: Vec<i64>,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TxEnd {
    /// Executed: its items are `Done`, those in `refused` are `Failed`.
    Included {
        /// Height of its block.
        height: u64,
        /// Items that the contract refused without failing the transaction, with its reasons; their coins were returned.
        refused: Vec<(i64, String)>,
    },
    /// Included but failed: its items go back to `Queued` with this error, those in `blamed` with one more attempt,
    /// except those in `give_up`, which become `Failed`.
    Failed {
        /// Why.
        error: String,
        /// Items that made it fail, or all if that is not known.
        blamed: Vec<i64>,
        /// Items that have no attempts left.
        give_up: Vec<i64>,
    },
    /// Can never be included: its items go back to `Queued` with this error.
    Dead {
        /// Why.
        error: String,
    },
    /// Whether it was included is unknown: items with coins become `Failed`, as sending them again might pay
    /// twice; the others go back to `Queued`.
    Lost {
        /// Why.
        error: String,
    },
}

/// The store failed.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("outbox store: {reason}")]
pub struct StoreError {
    /// Why.
    pub reason: String,
    /// Whether the same call may succeed later (a busy database), as opposed to broken data.
    pub retryable: bool,
}

impl StoreError {
    /// Creates an error worth a retry.
    pub fn retryable(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), retryable: true }
    }

    /// Creates an error that no retry cures.
    pub fn fatal(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), retryable: false }
    }
}

/// The outbox's rows. Implementations must make each call atomic and durable before it returns.
#[async_trait]
pub trait OutboxStore: Send + Sync + 'static {
    /// Queues a message, or returns the row already there under its key, unchanged.
    async fn enqueue(&self, new: &NewItem) -> Result<OutboxItem, StoreError>;

    /// Returns the item with this id.
    async fn item(&self, id: i64) -> Result<Option<OutboxItem>, StoreError>;

    /// Returns the items with these ids, in the order of the ids; missing ones are left out.
    async fn items(&self, ids: &[i64]) -> Result<Vec<OutboxItem>, StoreError> {
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            items.extend(self.item(*id).await?);
        }
        Ok(items)
    }

    /// Returns the oldest items in state `Queued` with an id above `after`, at most `limit`, by ascending id.
    async fn queued(&self, after: i64, limit: u32) -> Result<Vec<OutboxItem>, StoreError>;

    /// Returns the highest sequence of all transactions ever recorded.
    async fn highest_sequence(&self) -> Result<Option<u64>, StoreError>;

    /// Returns every unsettled transaction, by ascending sequence, then by ascending time-out height: a replacement comes after
    /// what it replaces.
    async fn in_flight(&self) -> Result<Vec<OutboxTx>, StoreError>;

    /// Stores a signed transaction and moves its items from `Queued` to `Signed`. Fails (fatally) and changes
    /// nothing if an item is not `Queued`.
    async fn record_signed(&self, tx: &OutboxTx) -> Result<(), StoreError>;

    /// Stores a transaction with the items and the sequence of the unsettled transaction `old`; the chain can execute only one
    /// of the two. Both stay in flight; the items, all still held by `old`, move to the new one. Fails (fatally) and changes
    /// nothing if any item is not held by `old`.
    async fn record_replacement(&self, old: &str, tx: &OutboxTx) -> Result<(), StoreError>;

    /// Ends a transaction and moves its items. An inclusion settles them whichever transaction now holds them; any other end
    /// moves only those that this transaction still holds. A transaction that is not in flight is left alone.
    async fn settle(&self, hash: &str, end: &TxEnd) -> Result<(), StoreError>;

    /// Gives up an item that is `Queued`: it can never succeed.
    async fn fail(&self, id: i64, error: &str) -> Result<(), StoreError>;
}
