//! One queue of contract messages, one key, one sequence.
//!
//! The outbox batches queued messages into transactions, writes the signed bytes down before sending them, and
//! follows each to its end. It is the only user of its account: two outboxes on one key would fight over the
//! sequence.

mod client;
mod config;
mod store;

pub use client::{MAX_KEY, OutboxClient, OutboxError, Outcome};
pub use config::OutboxConfig;
pub use store::{ItemState, NewItem, OutboxItem, OutboxStore, OutboxTx, StoreError, TxEnd};
