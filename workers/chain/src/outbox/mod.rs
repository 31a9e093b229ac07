//! One queue of contract messages, one key, one sequence.
//!
//! The outbox batches queued messages into transactions, writes the signed bytes down before sending them, and
//! follows each to its end. It is the only user of its account: two outboxes on one key would fight over the
//! sequence.
//!
//! ```text
//!  enqueue          record_signed             broadcast … found by hash
//! ─────────▶ Queued ─────────────▶ Signed ───────────────────────────────▶ Done
//!              ▲                      │ included but failed, refused by the pool,
//!              └──────────────────────┘ or provably never to be included
//!              └─▶ Failed: its simulation fails by itself, or too many attempts
//! ```

mod batch;
mod batching;
mod chain_errors;
mod client;
mod config;
mod confirmer;
mod engine;
mod store;

use std::sync::Arc;

use gateway_daemon_runtime::TaskGroup;
use tokio::sync::{Notify, watch};

pub use client::{MAX_KEY, OutboxClient, OutboxError, Outcome};
pub use config::OutboxConfig;
pub use store::{ItemState, NewItem, OutboxItem, OutboxStore, OutboxTx, StoreError, TxEnd};

use self::engine::Engine;
use crate::config::ChainConfig;
use crate::error::{ChainError, Result};
use crate::reader::ChainReader;
use crate::signer::Signer;

/// The engine that owns the key. It lives as a task; talk to it through [`OutboxClient`].
pub struct Outbox;

impl Outbox {
    /// Starts the outbox of `signer` as a task of `group`. Unsettled transactions of an earlier run are taken up
    /// first.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when a setting is out of bounds.
    pub fn spawn(
        group: &mut TaskGroup,
        chain: Arc<dyn ChainReader>,
        signer: Signer,
        store: Arc<dyn OutboxStore>,
        chain_config: &ChainConfig,
        config: OutboxConfig,
    ) -> Result<OutboxClient> {
        let (engine, client) = Self::build(chain, signer, store, chain_config, config)?;
        group.spawn("outbox", |cancel| engine.run(cancel));
        Ok(client)
    }

    fn build(
        chain: Arc<dyn ChainReader>,
        signer: Signer,
        store: Arc<dyn OutboxStore>,
        chain_config: &ChainConfig,
        config: OutboxConfig,
    ) -> Result<(Engine, OutboxClient), ChainError> {
        chain_config.validate()?;
        config.validate()?;
        let (settled_tx, settled) = watch::channel(0);
        let wake = Arc::new(Notify::new());
        let client = OutboxClient {
            store: store.clone(),
            wake: wake.clone(),
            settled,
            address: signer.address().into(),
        };
        let engine = Engine::new(chain, signer, store, chain_config.clone(), config, wake, settled_tx);
        Ok((engine, client))
    }
}

#[cfg(test)]
mod tests;
