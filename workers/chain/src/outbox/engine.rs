//! The outbox's loop: settle what is in flight, then sign what is queued.
//!
//! Everything that matters is in the store; this type's own state only saves work and may be lost at any await point.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gateway_daemon_runtime::{Backoff, CancellationToken};
use tokio::sync::{Notify, watch};

use super::block_search::BlockSearch;
use super::broadcast::Sent;
use super::config::OutboxConfig;
use super::report::Report;
use super::store::{OutboxStore, OutboxTx, StoreError, TxEnd};
use crate::config::ChainConfig;
use crate::error::{ChainError, Result};
use crate::fees::FeePolicy;
use crate::reader::{Broadcaster, ChainReader};
use crate::signer::Signer;
use crate::types::Account;

const RETRY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(15));

/// Interval of passes while nothing is queued or in flight: they only look whether the chain answers.
const IDLE: Duration = Duration::from_secs(5);

/// How long to wait for the next pass, unless something is queued.
enum Wait {
    Poll,
    Idle,
    Penalty(Duration),
}

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
    /// Returns true for every chain error: the rows are safe, and `/ready` and the log report the error.
    fn is_retryable(&self) -> bool {
        match self {
            Self::Chain(error) => !matches!(error, ChainError::Key { .. } | ChainError::WrongChain { .. }),
            Self::Store(error) => error.retryable,
        }
    }
}

/// Owns the key and its sequence.
pub(super) struct Engine {
    pub(super) chain: Arc<dyn ChainReader>,
    pub(super) broadcaster: Arc<dyn Broadcaster>,
    pub(super) signer: Signer,
    pub(super) store: Arc<dyn OutboxStore>,
    pub(super) fees: FeePolicy,
    pub(super) chain_config: ChainConfig,
    pub(super) config: OutboxConfig,
    pub(super) report: Report,
    wake: Arc<Notify>,
    settled: watch::Sender<u64>,
    failures: Arc<AtomicU64>,
    /// The account, if known to be fresh.
    pub(super) account: Option<Account>,
    /// By hash; entries of settled transactions are removed.
    pub(super) sent: HashMap<String, Sent>,
    pub(super) search: BlockSearch,
    /// The node has a transaction index, as far as is known.
    pub(super) has_index: bool,
    /// The highest height at which this account was observed: no older state may be used.
    pub(super) known_height: u64,
    /// Nothing is signed while the chain is at or below this height: the account's state must settle first.
    pub(super) hold_at: u64,
    /// Items deferred until a height: they cannot be afforded, or a node cannot simulate them.
    pub(super) deferred: HashMap<i64, u64>,
    /// Consecutive passes in which no node could simulate.
    pub(super) unwell: u32,
    /// Most bytes of messages in a transaction; lowered below the configured value after a node's refusal.
    pub(super) max_bytes: usize,
    checked: bool,
}

/// The parts of an engine.
pub(super) struct Parts {
    pub(super) chain: Arc<dyn ChainReader>,
    pub(super) broadcaster: Arc<dyn Broadcaster>,
    pub(super) signer: Signer,
    pub(super) store: Arc<dyn OutboxStore>,
    pub(super) report: Report,
    pub(super) wake: Arc<Notify>,
    pub(super) settled: watch::Sender<u64>,
    pub(super) failures: Arc<AtomicU64>,
}

impl Engine {
    pub(super) fn new(parts: Parts, chain_config: ChainConfig, config: OutboxConfig) -> Self {
        let Parts { chain, broadcaster, signer, store, report, wake, settled, failures } = parts;
        Self {
            chain,
            broadcaster,
            signer,
            store,
            fees: FeePolicy::new(&chain_config),
            max_bytes: config.max_bytes,
            chain_config,
            config,
            report,
            wake,
            settled,
            failures,
            account: None,
            sent: HashMap::new(),
            search: BlockSearch::default(),
            has_index: true,
            known_height: 0,
            hold_at: 0,
            deferred: HashMap::new(),
            unwell: 0,
            checked: false,
        }
    }

    /// Runs until cancelled.
    pub(super) async fn run(mut self, cancel: CancellationToken) -> std::result::Result<(), PassError> {
        let mut delays = RETRY.delays();
        loop {
            let end = tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                end = self.pass() => end,
            };
            let failure = end.as_ref().err().map(ToString::to_string);
            self.report.pass(failure.as_deref(), self.fees.problem());
            let wait = match end {
                Ok(idle) => {
                    delays.reset();
                    if idle { Wait::Idle } else { Wait::Poll }
                }
                Err(error) if error.is_retryable() => {
                    let delay = delays.next().unwrap_or(RETRY.max);
                    tracing::warn!(%error, ?delay, "the outbox cannot proceed, retrying");
                    metrics::counter!("gateway_outbox_errors_total").increment(1);
                    Wait::Penalty(delay)
                }
                Err(error) => return Err(error),
            };
            tokio::select! {
                () = cancel.cancelled() => return Ok(()),
                () = self.rest(wait) => {}
            }
        }
    }

    /// Waits for work: the notification (plus a moment to fill a batch), the next poll, or the end of a penalty.
    async fn rest(&self, wait: Wait) {
        let longest = match wait {
            Wait::Penalty(delay) => {
                tokio::time::sleep(delay).await;
                return;
            }
            Wait::Poll => self.config.poll_interval,
            Wait::Idle => self.config.poll_interval.max(IDLE),
        };
        let woken = tokio::time::timeout(longest, self.wake.notified()).await;
        if woken.is_ok() {
            tokio::time::sleep(self.config.max_delay).await;
        }
    }

    /// Runs one round of work. Returns whether nothing is left to do until something is queued.
    pub(super) async fn pass(&mut self) -> std::result::Result<bool, PassError> {
        let status = self.chain.status().await?;
        if status.chain_id != self.chain_config.chain_id {
            let expected = self.chain_config.chain_id.clone();
            return Err(ChainError::WrongChain { expected, found: status.chain_id }.into());
        }
        if status.catching_up {
            return Ok(false);
        }
        let in_flight = self.follow_flights(status.height).await?;
        if !self.checked {
            self.check_history().await?;
            self.checked = true;
        }
        let signed = self.sign_queued(status.height).await?;
        Ok(in_flight == 0 && !signed && self.store.queued(0, 1).await?.is_empty())
    }

    /// Compares the account with the store's record of it, once after a start. A store restored from an old copy may hold
    /// messages that have since been executed: those with coins are not sent again.
    async fn check_history(&mut self) -> std::result::Result<(), PassError> {
        let Some(highest) = self.store.highest_sequence().await? else { return Ok(()) };
        let account = match self.account().await {
            Err(ChainError::NoAccount { .. }) => return Ok(()),
            account => account?,
        };
        if account.sequence <= highest + 1 {
            return Ok(());
        }
        tracing::warn!(
            account = self.signer.address(),
            sequence = account.sequence,
            highest,
            "the account sent transactions that this database does not know: it is an old copy, or something else uses the key"
        );
        let mut after = 0;
        loop {
            let queued = self.store.queued(after, self.config.max_items).await?;
            let Some(last) = queued.last() else { return Ok(()) };
            after = last.id;
            for item in queued.iter().filter(|item| !item.funds.is_empty()) {
                let error = "the account sent transactions that this database does not know, so this message may have \
                             been executed already: it is not sent again";
                self.give_up(item, error).await?;
            }
        }
    }

    /// Ends a transaction in the store and forgets it.
    pub(super) async fn settle(&mut self, tx: &OutboxTx, end: &TxEnd) -> std::result::Result<(), StoreError> {
        self.store.settle(&tx.hash, end).await?;
        self.sent.remove(&tx.hash);
        let outcome = match end {
            TxEnd::Included { height, refused } => {
                tracing::info!(tx = tx.hash, height, messages = tx.items.len(), "transaction included");
                for (item, error) in refused {
                    tracing::warn!(item, error, "message refused by the contract");
                }
                "included"
            }
            TxEnd::Failed { error, give_up, .. } => {
                tracing::warn!(tx = tx.hash, error, given_up = give_up.len(), "transaction failed");
                "failed"
            }
            TxEnd::Dead { error } => {
                tracing::warn!(tx = tx.hash, error, "transaction can never be included");
                "dead"
            }
            TxEnd::Lost { error } => {
                tracing::error!(
                    tx = tx.hash,
                    error,
                    "transaction lost: what it carried coins for is not sent again"
                );
                "lost"
            }
        };
        metrics::counter!("gateway_outbox_settled_total", "outcome" => outcome).increment(1);
        if !matches!(end, TxEnd::Included { refused, .. } if refused.is_empty()) {
            self.failed();
        }
        self.announce();
        Ok(())
    }

    /// Counts an event that may have failed items.
    pub(super) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Release);
    }

    /// Wakes callers that wait for an outcome.
    pub(super) fn announce(&self) {
        self.settled.send_modify(|n| *n += 1);
    }

    /// Returns the account, queried only when not known, and never from a state older than the last observation.
    pub(super) async fn account(&mut self) -> Result<Account> {
        if let Some(account) = self.account {
            return Ok(account);
        }
        let account = self.chain.account(self.signer.address(), self.known_height).await?.value;
        self.account = Some(account);
        Ok(account)
    }
}
