//! Announces new blocks from a websocket subscription. Only the announcement is used: blocks are read by height.
//!
//! One supervisor task connects, subscribes to new blocks, watches for silence and reconnects forever. Missing signals cost
//! latency, never blocks: the follower polls when no signal comes.

use std::time::Duration;

use futures::StreamExt;
use gateway_daemon_runtime::{Backoff, CancellationToken, SecretUrl, TaskGroup};
use tendermint_rpc::event::EventData;
use tendermint_rpc::query::EventType;
use tendermint_rpc::{SubscriptionClient, WebSocketClient, WebSocketClientUrl, WebSocketConfig};
use tokio::sync::watch;

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
        let parse = |url: SecretUrl| {
            let bad = |_| ChainError::invalid("chain.websocket", format!("{url} is no websocket's address"));
            url.expose().parse::<WebSocketClientUrl>().map_err(bad)
        };
        let urls = config.websocket_urls()?.into_iter().map(parse).collect::<Result<Vec<_>>>()?;
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
    urls: Vec<WebSocketClientUrl>,
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
    async fn listen(&self, url: &WebSocketClientUrl, signalled: &mut bool) -> String {
        let config = WebSocketConfig {
            max_message_size: Some(self.limit),
            max_frame_size: Some(self.limit),
            ..WebSocketConfig::default()
        };
        let connecting = WebSocketClient::builder(url.clone()).config(config).build();
        let (client, driver) = match tokio::time::timeout(self.connect_timeout, connecting).await {
            Ok(Ok(pair)) => pair,
            Ok(Err(error)) => return error.to_string(),
            Err(_) => return "no connection in time".into(),
        };
        // The driver is polled here, not spawned, so that it ends with this call in any case.
        let driving = driver.run();
        tokio::pin!(driving);
        let events = self.events(&client, signalled);
        tokio::select! {
            end = &mut driving => match end {
                Ok(()) => "closed".into(),
                Err(error) => error.to_string(),
            },
            reason = events => reason,
        }
    }

    async fn events(&self, client: &WebSocketClient, signalled: &mut bool) -> String {
        let subscribing = client.subscribe(EventType::NewBlock.into());
        let mut blocks = match tokio::time::timeout(self.connect_timeout, subscribing).await {
            Ok(Ok(blocks)) => blocks,
            Ok(Err(error)) => return error.to_string(),
            Err(_) => return "no answer to the subscription in time".into(),
        };
        self.block_signal.connections.send_modify(|n| *n += 1);
        loop {
            let event = match tokio::time::timeout(self.watchdog, blocks.next()).await {
                Ok(Some(Ok(event))) => event,
                // The node drops a subscription whose buffer overflows and reports it once.
                Ok(Some(Err(error))) => return error.to_string(),
                Ok(None) => return "subscription ended".into(),
                Err(_) => return format!("no block for {:?}", self.watchdog),
            };
            if let EventData::NewBlock { block: Some(block), .. } = event.data {
                *signalled = true;
                self.block_signal.notify(block.header.height.value());
            }
        }
    }
}
