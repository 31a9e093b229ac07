//! Delivers every block once, in order, from a given height. The websocket only notifies; blocks read by height are
//! authoritative.
//!
//! The caller keeps the cursor, in the same database transaction as the work a block produced; this module never skips a
//! height, whatever the node does.

mod block_notifier;
mod header_subscription;
mod height_tracker;

use std::sync::Arc;
use std::time::Duration;

use gateway_daemon_runtime::{Backoff, CancellationToken};

pub use block_notifier::{BlockNotifier, BlockSignal};
pub use height_tracker::{HeightTracker, Step};

use crate::error::{ChainError, Result};
use crate::reader::ChainReader;
use crate::types::BlockEvents;

const RETRY: Backoff = Backoff::new(Duration::from_millis(20), Duration::from_secs(10));

/// Yields the chain's blocks in order.
pub struct Follower {
    chain: Arc<dyn ChainReader>,
    block_notifier: BlockNotifier,
    heights: HeightTracker,
    poll_interval: Duration,
}

impl Follower {
    /// Follows `chain` from `start_height` (cursor + 1; 0 counts as 1). Polls the node at least every two seconds while the
    /// block notifier is silent; see [`poll_every`](Self::poll_every).
    pub fn new(chain: Arc<dyn ChainReader>, block_notifier: BlockNotifier, start_height: u64) -> Self {
        let heights = HeightTracker::new(start_height.max(1));
        Self { chain, block_notifier, heights, poll_interval: Duration::from_secs(2) }
    }

    /// Sets how long to wait for a silent block notifier before polling.
    #[must_use]
    pub fn poll_every(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Returns the height that [`next`](Self::next) will yield.
    pub fn next_height(&self) -> u64 {
        self.heights.next_height()
    }

    /// Returns how many blocks this follower lags behind the newest known height.
    pub fn lag(&self) -> u64 {
        self.heights.lag()
    }

    /// Continues from `height`: for use after [`ChainError::Pruned`], once the caller has reconciled its state with the
    /// contract's.
    pub fn resume_at(&mut self, height: u64) {
        self.heights.resume_at(height);
    }

    /// Returns the next block. Retries for as long as the node is unreachable; cancel safe: dropping the call loses nothing.
    ///
    /// # Errors
    /// [`ChainError::Pruned`] when the node no longer has the block (reconcile, then [`resume_at`](Self::resume_at)),
    /// [`ChainError::Cancelled`], or an error that no retry can cure. After an error the next call asks for the same height.
    pub async fn next(&mut self, cancel: &CancellationToken) -> Result<BlockEvents> {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(ChainError::Cancelled),
            block = self.advance() => block,
        }
    }

    async fn advance(&mut self) -> Result<BlockEvents> {
        let mut delays = RETRY.delays();
        loop {
            let height = match self.heights.step() {
                Step::Fetch(height) => height,
                Step::Wait => {
                    self.wait_for_news(&mut delays).await?;
                    continue;
                }
            };
            match self.chain.block(height).await {
                Ok(block) if block.height == height => {
                    self.heights.delivered(height);
                    metrics::gauge!("gateway_chain_height").set(height as f64);
                    metrics::gauge!("gateway_chain_lag").set(self.heights.lag() as f64);
                    return Ok(block);
                }
                Ok(block) => {
                    let reason = format!("the node sent block {}", block.height);
                    return Err(ChainError::decode(format!("block {height}"), reason));
                }
                Err(error) if error.is_retryable() => self.pause(&mut delays, &error).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Waits for a signal, or polls the node's height if none comes.
    async fn wait_for_news(&mut self, delays: &mut impl Iterator<Item = Duration>) -> Result<()> {
        if !self.heights.knows_latest() || !self.block_notifier.notified_within(self.poll_interval).await {
            match self.chain.status().await {
                Ok(status) => self.heights.saw_latest(status.height),
                Err(error) if error.is_retryable() => self.pause(delays, &error).await,
                Err(error) => return Err(error),
            }
        } else if let Some(height) = self.block_notifier.hint() {
            self.heights.saw_latest(height);
        }
        Ok(())
    }

    async fn pause(&self, delays: &mut impl Iterator<Item = Duration>, error: &ChainError) {
        let delay = delays.next().unwrap_or(RETRY.max);
        tracing::debug!(%error, ?delay, height = self.heights.next_height(), "the chain does not answer, retrying");
        tokio::time::sleep(delay).await;
    }
}

#[cfg(test)]
mod tests;
