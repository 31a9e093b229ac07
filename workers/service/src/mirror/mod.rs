//! Keeps a daemon's database in line with the contract: block by block, and by periodic reconciliation.
//!
//! Guarantees:
//! - every block is delivered once and in order, and again after a restart unless a cursor at or above it was stored;
//! - the contract's state is reconciled at the start, after each reconnect, every so many blocks, and in place of blocks that
//!   the node no longer has;
//! - an undecodable event is logged, counted and skipped: reconciliation finds its effects;
//! - transient failures are retried until cancelled, with the reason in the log.

mod events;

use std::time::Duration;

use async_trait::async_trait;
use gateway_chain::{BlockNotifier, ChainError, Follower, GatewayQuery};
use gateway_daemon_runtime::{Backoff, CancellationToken, Retryable};

pub use self::events::{ContractBlock, ContractEvent};
use crate::progress::Progress;

const RETRY: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

/// Stores the contract's state in a daemon's database.
#[async_trait]
pub trait MirrorSink: Send + Sync {
    /// Why a step failed.
    type Error: Retryable + From<ChainError> + Send;

    /// Stores a block's effects, with the cursor at its height, in one transaction. A block without effects needs none, unless it
    /// [stores the cursor](ContractBlock::stores_cursor): it is then delivered again after a restart.
    async fn apply(&self, block: &ContractBlock) -> Result<(), Self::Error>;

    /// Reconciles the database with the contract's state as of `height` or later, and stores what differs; with `move_cursor`
    /// also moves the cursor to `height`, last of all.
    async fn reconcile(&self, height: u64, move_cursor: bool) -> Result<(), Self::Error>;
}

/// Follows the contract for one daemon.
pub struct ChainMirror {
    /// The contract.
    pub query: GatewayQuery,
    /// Announces blocks.
    pub notifier: BlockNotifier,
    /// Time after which the chain is polled for a block that was not announced.
    pub poll: Duration,
    /// Blocks between two reconciliations.
    pub reconcile_blocks: u64,
    /// Receives the daemon's progress.
    pub progress: Progress,
}

impl ChainMirror {
    /// Follows until cancelled, from after `cursor`; without one, from the contract's present state on.
    ///
    /// # Errors
    /// `S::Error` that retrying does not cure: the sink's own, or converted from a [`ChainError`].
    pub async fn run<S: MirrorSink>(
        self,
        sink: &S,
        cursor: Option<u64>,
        cancel: &CancellationToken,
    ) -> Result<(), S::Error> {
        match self.follow(sink, cursor, cancel).await {
            Err(_) if cancel.is_cancelled() => Ok(()),
            end => end,
        }
    }

    async fn follow<S: MirrorSink>(
        &self,
        sink: &S,
        cursor: Option<u64>,
        cancel: &CancellationToken,
    ) -> Result<(), S::Error> {
        let mut connections = self.notifier.connections();
        let mut announced = true;
        // A database with a cursor is reconciled too: it may come from a backup.
        let next = self.compare(sink, cursor.is_none(), cancel).await?;
        let next = cursor.map_or(next, |cursor| cursor.saturating_add(1));
        let chain = self.query.chain().clone();
        let mut follower = Follower::new(chain, self.notifier.clone(), next).poll_every(self.poll);
        let mut compared_at = next;
        loop {
            let block = tokio::select! {
                block = follower.next(cancel) => block,
                change = connections.changed(), if announced => {
                    announced = change.is_ok();
                    if announced {
                        self.compare(sink, false, cancel).await?;
                    }
                    continue;
                }
            };
            match block {
                Ok(block) => {
                    let block = ContractBlock::read(self.query.contract(), block);
                    retry_until_answered(cancel, "a block could not be worked off", || sink.apply(&block))
                        .await?;
                    self.progress.applied(block.height, block.time_ns);
                    if block.height.saturating_sub(compared_at) >= self.reconcile_blocks {
                        self.compare(sink, false, cancel).await?;
                        compared_at = block.height;
                    }
                }
                Err(ChainError::Pruned { height, earliest }) => {
                    tracing::warn!(
                        height,
                        earliest,
                        "blocks are pruned: taking the contract's state instead"
                    );
                    follower.resume_at(self.compare(sink, true, cancel).await?);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reconciles with the contract; returns the height after the newest one before the reconciliation: what happens during it
    /// is in the blocks followed afterwards.
    async fn compare<S: MirrorSink>(
        &self,
        sink: &S,
        move_cursor: bool,
        cancel: &CancellationToken,
    ) -> Result<u64, S::Error> {
        let ask = || async { self.query.chain().status().await.map_err(S::Error::from) };
        let status = retry_until_answered(cancel, "the chain's height is not known", ask).await?;
        let compare = || sink.reconcile(status.height, move_cursor);
        retry_until_answered(cancel, "the contract's state could not be compared", compare).await?;
        metrics::counter!("gateway_reconciliations_total").increment(1);
        if move_cursor {
            self.progress.applied(status.height, status.time_ns);
        }
        Ok(status.height.saturating_add(1))
    }
}

/// Repeats a step for as long as its error is transient.
///
/// # Errors
/// `E`: one that retrying does not cure, or the newest one when the stop came.
pub async fn retry_until_answered<T, E: Retryable, Fut>(
    cancel: &CancellationToken,
    what: &str,
    mut step: impl FnMut() -> Fut,
) -> Result<T, E>
where
    Fut: Future<Output = Result<T, E>>,
{
    let mut delays = RETRY.delays();
    loop {
        let error = match step().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if !error.is_retryable() || cancel.is_cancelled() {
            return Err(error);
        }
        let delay = delays.next().unwrap_or(RETRY.max);
        tracing::warn!(%error, ?delay, "{what}, retrying");
        tokio::select! {
            () = cancel.cancelled() => return Err(error),
            () = tokio::time::sleep(delay) => {}
        }
    }
}

#[cfg(test)]
mod tests;
