//! The outbox's loop: settle what is in flight, then sign what is queued.
//!
//! Everything that matters is in the store; what this type remembers only saves work and may be lost at any
//! await point.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gateway_daemon_runtime::{Backoff, CancellationToken};
use tokio::sync::{Notify, watch};

use super::config::OutboxConfig;
use super::store::{OutboxStore, OutboxTx, StoreError, TxEnd};
use crate::config::ChainConfig;
use crate::error::{ChainError, Result};
use crate::reader::ChainReader;
use crate::signer::Signer;
use crate::types::Account;

const RETRY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(15));

/// Why a pass ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum PassError {
    /// The chain failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PassError {
    /// Errors of the chain are lived through, whatever they are: the rows are safe and the operator is told.
    fn is_retryable(&self) -> bool {
        match self {
            Self::Chain(error) => !matches!(error, ChainError::Key { .. } | ChainError::WrongChain { .. }),
            Self::Store(error) => error.retryable,
        }
    }
}

/// What this process knows of a transaction's sending.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    /// Height at the newest broadcast that got an answer.
    pub(super) at: Option<u64>,
    /// Some node may have the bytes: a refusal proves nothing.
    pub(super) perhaps_taken: bool,
}

/// Owns the key and its sequence.
pub(super) struct Engine {
    pub(super) chain: Arc<dyn ChainReader>,
    pub(super) signer: Signer,
    pub(super) store: Arc<dyn OutboxStore>,
    pub(super) chain_config: ChainConfig,
    pub(super) config: OutboxConfig,
    wake: Arc<Notify>,
    settled: watch::Sender<u64>,
    /// The account, when known to be fresh.
    pub(super) account: Option<Account>,
    /// By hash; entries of settled transactions are removed.
    pub(super) sent: HashMap<String, Sent>,
    /// Nothing is signed while the chain is at or below this height: the account's state must settle first.
    pub(super) hold_at: u64,
    chain_checked: bool,
}

impl Engine {
    pub(super) fn new(
        chain: Arc<dyn ChainReader>,
        signer: Signer,
        store: Arc<dyn OutboxStore>,
        chain_config: ChainConfig,
        config: OutboxConfig,
        wake: Arc<Notify>,
        settled: watch::Sender<u64>,
    ) -> Self {
        Self {
            chain,
            signer,
            store,
            chain_config,
            config,
            wake,
            settled,
            account: None,
            sent: HashMap::new(),
            hold_at: 0,
            chain_checked: false,
        }
    }

    /// Works until cancelled.
    pub(super) async fn run(mut self, cancel: CancellationToken) -> std::result::Result<(), PassError> {
        let mut delays = RETRY.delays();
        loop {
            let end = tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                end = self.pass() => end,
            };
            let wait = match end {
                Ok(()) => {
                    delays.reset();
                    None
                }
                Err(error) if error.is_retryable() => {
                    let delay = delays.next().unwrap_or(RETRY.max);
                    tracing::warn!(%error, ?delay, "the outbox cannot go on, trying again");
                    metrics::counter!("gateway_outbox_errors_total").increment(1);
                    Some(delay)
                }
                Err(error) => return Err(error),
            };
            tokio::select! {
                () = cancel.cancelled() => return Ok(()),
                () = self.rest(wait) => {}
            }
        }
    }

    /// Waits for work: the notification (and then a moment for company), the next poll, or the end of a penalty.
    async fn rest(&self, penalty: Option<Duration>) {
        if let Some(delay) = penalty {
            tokio::time::sleep(delay).await;
            return;
        }
        let rung = tokio::time::timeout(self.config.poll_interval, self.wake.notified()).await;
        if rung.is_ok() {
            tokio::time::sleep(self.config.max_delay).await;
        }
    }

    /// One round of work.
    pub(super) async fn pass(&mut self) -> std::result::Result<(), PassError> {
        let status = self.chain.status().await?;
        if !self.chain_checked {
            if status.chain_id != self.chain_config.chain_id {
                let expected = self.chain_config.chain_id.clone();
                return Err(ChainError::WrongChain { expected, found: status.chain_id }.into());
            }
            self.chain_checked = true;
        }
        if status.catching_up {
            return Ok(());
        }
        self.follow_flights(status.height).await?;
        self.sign_queued(status.height).await?;
        Ok(())
    }

    /// Ends a transaction in the store and forgets it.
    pub(super) async fn settle(&mut self, tx: &OutboxTx, end: &TxEnd) -> std::result::Result<(), StoreError> {
        self.store.settle(&tx.hash, end).await?;
        self.sent.remove(&tx.hash);
        let outcome = match end {
            TxEnd::Included { height } => {
                tracing::info!(tx = tx.hash, height, messages = tx.items.len(), "transaction included");
                "included"
            }
            TxEnd::Returned { error, give_up } => {
                tracing::warn!(tx = tx.hash, error, given_up = give_up.len(), "transaction failed");
                "returned"
            }
        };
        metrics::counter!("gateway_outbox_settled_total", "outcome" => outcome).increment(1);
        self.announce();
        Ok(())
    }

    /// Wakes callers that wait for an outcome.
    pub(super) fn announce(&self) {
        self.settled.send_modify(|n| *n += 1);
    }

    /// The account, asked for only when not known.
    pub(super) async fn account(&mut self) -> Result<Account> {
        if let Some(account) = self.account {
            return Ok(account);
        }
        let account = self.chain.account(self.signer.address()).await?;
        self.account = Some(account);
        Ok(account)
    }
}
