//! One queue of contract messages, one key, one sequence.
//!
//! The outbox batches queued messages into transactions, stores the signed bytes before sending them, and follows each to its
//! end. It is the only user of its account: two outboxes on one key would conflict over the sequence.
//!
//! ```text
//!  enqueue          record_signed             broadcast … found by hash
//! ─────────▶ Queued ─────────────▶ Signed ───────────────────────────────▶ Done
//!              ▲                      │ included but failed,
//!              └──────────────────────┘ or provably never to be included
//!              └─▶ Failed: executed and refused, too many attempts, or coins whose fate is unknown
//! ```
//!
//! Shortcomings of the account or a node (funds, a higher fee, its state) cost a message neither its life nor an attempt: it
//! waits, and the readiness gives the reason.

mod batch;
mod batching;
mod block_search;
mod broadcast;
mod choose;
mod client;
mod config;
mod confirmer;
mod engine;
mod fate;
mod layout;
mod report;
mod store;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use gateway_daemon_runtime::TaskGroup;
use gateway_daemon_runtime::health::Readiness;
use tokio::sync::{Notify, watch};

pub use client::{MAX_KEY, OutboxClient, OutboxError, Outcome};
pub use config::OutboxConfig;
pub use layout::Layout;
pub use store::{ItemState, NewItem, OutboxItem, OutboxStore, OutboxTx, StoreError, TxEnd};

use self::engine::{Engine, Parts};
use self::report::Report;
use crate::config::ChainConfig;
use crate::error::{ChainError, Result};
use crate::reader::Chain;
use crate::signer::Signer;

/// The engine that owns the key. It runs as a task; use it through [`OutboxClient`].
pub struct Outbox;

impl Outbox {
    /// Starts the outbox of `signer` as a task of `group`. Resumes unsettled transactions of an earlier run first. `readiness`
    /// reports its state, with the reason when it cannot proceed.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when a setting is out of bounds.
    pub fn spawn(
        group: &mut TaskGroup,
        chain: Arc<dyn Chain>,
        signer: Signer,
        store: Arc<dyn OutboxStore>,
        chain_config: &ChainConfig,
        config: OutboxConfig,
        readiness: Readiness,
    ) -> Result<OutboxClient> {
        let (engine, client) = Self::build(chain, signer, store, chain_config, config, readiness)?;
        group.spawn("outbox", |cancel| engine.run(cancel));
        Ok(client)
    }

    fn build(
        chain: Arc<dyn Chain>,
        signer: Signer,
        store: Arc<dyn OutboxStore>,
        chain_config: &ChainConfig,
        config: OutboxConfig,
        readiness: Readiness,
    ) -> Result<(Engine, OutboxClient), ChainError> {
        chain_config.validate()?;
        config.validate()?;
        let (settled_tx, settled) = watch::channel(0);
        let (wake, failures) = (Arc::new(Notify::new()), Arc::new(AtomicU64::new(0)));
        let client = OutboxClient {
            store: store.clone(),
            wake: wake.clone(),
            settled,
            failures: failures.clone(),
            address: signer.address().into(),
        };
        let report = Report::new(readiness);
        let parts = Parts {
            chain: chain.clone(),
            broadcaster: chain,
            signer,
            store,
            report,
            wake,
            settled: settled_tx,
            failures,
        };
        let engine = Engine::new(parts, chain_config.clone(), config);
        Ok((engine, client))
    }
}

#[cfg(test)]
mod tests;
