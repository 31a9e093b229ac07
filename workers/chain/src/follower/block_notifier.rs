//! Announces new blocks from a node's websocket. Only the announcement is used: blocks are read by height.
//!
//! One supervisor task connects, subscribes to new blocks, watches for silence and reconnects forever. Missing signals cost
//! latency, never blocks: the follower polls when no signal comes.

use std::time::Duration;

use gateway_daemon_runtime::{Backoff, CancellationToken, SecretUrl, TaskGroup};
use tokio::sync::watch;

use super::header_subscription::{HeaderSubscription, SubscriptionError};
use crate::config::ChainConfig;
use crate::error::{ChainError, Result};

const RECONNECT: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(15));

/// The connection is considered dead after this many poll intervals without a block.
const WATCHDOG_POLLS: u32 = 15;

/// The sending end.
#[derive(Debug)]
pub struct BlockSignal {
    signals: watch::Sender<Signal>,
    connections: watch::Sender<u64>,
}

/// The receiving end; clones receive the same signals.
#[derive(Clone, Debug)]
pub struct BlockNotifier {
    signals: watch::Receiver<Signal>,
    connections: watch::Receiver<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Signal {
    height: Option<u64>,
}

impl BlockSignal {
    /// Announces that the chain has reached `height`.
    pub fn notify(&self, height: u64) {
        self.signals.send_replace(Signal { height: Some(height) });
    }
}

impl BlockNotifier {
    /// Returns a sender and its receiver, for callers that learn of blocks by other means.
    pub fn manual() -> (BlockSignal, Self) {
        let (signals, received) = watch::channel(Signal::default());
        let (connections, connected) = watch::channel(0);
        (BlockSignal { signals, connections }, Self { signals: received, connections: connected })
    }

    /// Returns a receiver that never gets a signal: the follower polls.
    pub fn silent() -> Self {
        Self::manual().1
    }

    /// Signals each new block that the node's websocket announces, supervised by a task of `group`.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when the address is not a websocket address.
    pub fn websocket(group: &mut TaskGroup, config: &ChainConfig) -> Result<Self> {
        let urls = config.websocket_urls()?;
        let (block_signal, block_notifier) = Self::manual();
        let supervisor = Supervisor {
            urls,
            block_signal,
            limit: config.max_response,
            connect_timeout: config.timeout,
            watchdog: config.poll_interval.saturating_mul(WATCHDOG_POLLS),
        };
        group.spawn("chain block_notifier", |cancel| async move {
            supervisor.run(cancel).await;
            Ok::<(), ChainError>(())
        });
        Ok(block_notifier)
    }

    /// Counts the connections made; it changes at each reconnect, which is the moment to reconcile.
    pub fn connections(&self) -> watch::Receiver<u64> {
        self.connections.clone()
    }

    /// Returns the newest announced height.
    pub fn hint(&self) -> Option<u64> {
        self.signals.borrow().height
    }

    /// Waits for the next signal; returns `false` if none comes within `patience`.
    pub async fn notified_within(&mut self, patience: Duration) -> bool {
        match tokio::time::timeout(patience, self.signals.changed()).await {
            Ok(Ok(())) => true,
            Err(_elapsed) => false,
            Ok(Err(_sender_dropped)) => {
                tokio::time::sleep(patience).await;
                false
            }
        }
    }
}

struct Supervisor {
    /// The addresses, used one at a time; when a connection ends, the next one is tried.
    urls: Vec<SecretUrl>,
    block_signal: BlockSignal,
    limit: usize,
    connect_timeout: Duration,
    watchdog: Duration,
}

impl Supervisor {
    async fn run(self, cancel: CancellationToken) {
        let mut delays = RECONNECT.delays();
        for url in self.urls.iter().cycle() {
            let mut signalled = false;
            let end = tokio::select! {
                () = cancel.cancelled() => return,
                end = self.listen(url, &mut signalled) => end,
            };
            if signalled {
                delays.reset();
            }
            let delay = delays.next().unwrap_or(RECONNECT.max);
            tracing::debug!(reason = %end, ?delay, "websocket ended, connecting again");
            metrics::counter!("gateway_chain_websocket_ends_total").increment(1);
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(delay) => {}
            }
        }
    }

    /// Runs one connection from start to end; returns why it ended.
    async fn listen(&self, url: &SecretUrl, signalled: &mut bool) -> SubscriptionError {
        let mut headers = match HeaderSubscription::open(url, self.limit, self.connect_timeout).await {
            Ok(headers) => headers,
            Err(error) => return error,
        };
        self.block_signal.connections.send_modify(|n| *n += 1);
        loop {
            match headers.next(self.watchdog).await {
                Ok(height) => {
                    *signalled = true;
                    self.block_signal.notify(height);
                }
                Err(error) => return error,
            }
        }
    }
}
