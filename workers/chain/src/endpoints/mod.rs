//! Several nodes of one chain used as one: each call goes to the best of them, and to the next if that one fails.
//!
//! A node that failed is set aside for a while; one whose height lags stays behind the others until it catches up. Ties go by
//! the order of the configuration. A single node works the same way, without a choice. A read that every node failed to answer
//! is retried twice if the failure may be transient (`retry`).

mod retry;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use gateway_daemon_runtime::{Backoff, TaskGroup};

use crate::config::{ChainConfig, HTTP};
use crate::error::{ChainError, Result};
use crate::reader::{Broadcaster, ChainReader};
use crate::rpc::RpcChain;
use crate::types::{Account, Answer, BlockEvents, BroadcastResult, MinimumPrice, Status, TxFound};

/// Blocks by which a node may lag behind the best before it is asked last.
const LAG: u64 = 3;
/// How long a node is asked last after failures.
const ASIDE: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));

/// The configured nodes of one chain. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Endpoints {
    nodes: Arc<[Node]>,
    chain_id: String,
    poll_interval: Duration,
    /// Time limit of one call, its retry included.
    timeout: Duration,
}

#[derive(Debug)]
struct Node {
    rpc: RpcChain,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// The highest height it was seen at.
    height: u64,
    failures: u32,
    aside_until: Option<Instant>,
    /// Never usable: the node belongs to another chain.
    unfit: bool,
}

impl Node {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen_at(&self, height: u64) {
        let mut state = self.state();
        state.height = state.height.max(height);
        self.count(&state);
    }

    fn note<T>(&self, result: &Result<T>) {
        let mut state = self.state();
        match result {
            Err(error) if sets_aside(error) => {
                let pause = ASIDE.nominal(state.failures);
                state.failures = state.failures.saturating_add(1);
                state.aside_until = Some(Instant::now() + pause);
                tracing::debug!(node = self.rpc.name(), %error, ?pause, "the node is set aside");
            }
            Err(_) => {}
            Ok(_) => (state.failures, state.aside_until) = (0, None),
        }
        self.count(&state);
    }

    fn count(&self, state: &State) {
        let node = self.rpc.name().to_owned();
        let good = state.aside_until.is_none() && !state.unfit;
        metrics::gauge!("gateway_chain_endpoint_up", "node" => node.clone()).set(f64::from(u8::from(good)));
        metrics::gauge!("gateway_chain_endpoint_height", "node" => node).set(state.height as f64);
    }
}

/// Returns whether an error shows that the node itself is unwell, rather than merely unable to give this one answer.
fn sets_aside(error: &ChainError) -> bool {
    matches!(
        error,
        ChainError::Transport { .. }
            | ChainError::Timeout { .. }
            | ChainError::HttpStatus { .. }
            | ChainError::NodeUnwell { .. }
            | ChainError::NoResults
    )
}

/// Returns whether another node may answer after this failure.
fn worth_asking_another(error: &ChainError) -> bool {
    error.is_retryable() || matches!(error, ChainError::Pruned { .. } | ChainError::Decode { .. })
}

impl Endpoints {
    /// Clients for `config.rpc`. Does not connect yet.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when the configuration is not valid.
    pub fn new(config: &ChainConfig) -> Result<Self> {
        let node = |url| Ok(Node { rpc: RpcChain::new(&url, config)?, state: Mutex::default() });
        let nodes = config.rpc.parsed("chain.rpc", &HTTP)?.into_iter().map(node).collect::<Result<_>>()?;
        Ok(Self {
            nodes,
            chain_id: config.chain_id.clone(),
            poll_interval: config.poll_interval,
            timeout: config.timeout,
        })
    }

    /// Creates clients for `config.rpc` after checking that at least one belongs to the configured chain.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`], or why no node could be reached.
    pub async fn connect(config: &ChainConfig) -> Result<Self> {
        let endpoints = Self::new(config)?;
        retry::with_retries(endpoints.timeout, || endpoints.survey()).await?;
        Ok(endpoints)
    }

    /// Polls every node's height as a task of `group`, so that one that lags or stands still is abandoned.
    pub fn supervise(&self, group: &mut TaskGroup) {
        if self.nodes.len() < 2 {
            return;
        }
        let endpoints = self.clone();
        group.spawn("chain endpoints", |cancel| async move {
            loop {
                tokio::select! {
                    biased;
                    () = cancel.cancelled() => return Ok::<(), ChainError>(()),
                    () = tokio::time::sleep(endpoints.poll_interval) => {}
                }
                if let Err(error) = endpoints.survey().await {
                    tracing::warn!(%error, "no node of the chain answers");
                }
            }
        });
    }

    /// Asks every node once; succeeds if at least one belongs to the right chain.
    async fn survey(&self) -> Result<()> {
        let asked = self.nodes.iter().map(|node| self.visit(node));
        let found = futures::future::join_all(asked).await;
        let mut error = None;
        for result in found {
            match result {
                Ok(()) => return Ok(()),
                Err(failed) => error = error.or(Some(failed)),
            }
        }
        error.map_or(Ok(()), Err)
    }

    async fn visit(&self, node: &Node) -> Result<()> {
        let status = node.rpc.status().await;
        node.note(&status);
        let status = status?;
        let right = status.chain_id == self.chain_id;
        node.state().unfit = !right;
        if !right {
            return Err(ChainError::WrongChain { expected: self.chain_id.clone(), found: status.chain_id });
        }
        if !status.catching_up {
            node.seen_at(status.height);
        }
        Ok(())
    }

    /// Returns the nodes in the order in which they are asked.
    fn order(&self) -> Vec<&Node> {
        let best = self.nodes.iter().map(|node| node.state().height).max().unwrap_or_default();
        let now = Instant::now();
        let mut order: Vec<_> = self.nodes.iter().filter(|node| !node.state().unfit).collect();
        order.sort_by_key(|node| {
            let state = node.state();
            (state.aside_until.is_some_and(|until| now < until), state.height.saturating_add(LAG) < best)
        });
        order
    }

    /// Reads from one node after another until one answers, and retries if that may help.
    async fn read<'a, T, F>(&'a self, call: impl Fn(&'a Node) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        retry::with_retries(self.timeout, || self.first(worth_asking_another, &call)).await
    }

    /// Calls one node after another until one answers; returns the first one's error if none does.
    async fn first<'a, T, F>(
        &'a self,
        worth_another: impl Fn(&ChainError) -> bool,
        call: impl Fn(&'a Node) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut error = None;
        for node in self.order() {
            let result = call(node).await;
            node.note(&result);
            match result {
                Err(failed) if worth_another(&failed) => error = error.or(Some(failed)),
                result => return result,
            }
        }
        let reason =
            || ChainError::invalid("chain.rpc", "no node of the configured chain is among the addresses");
        Err(error.unwrap_or_else(reason))
    }
}

#[async_trait]
impl ChainReader for Endpoints {
    async fn status(&self) -> Result<Status> {
        retry::with_retries(self.timeout, || self.first(|_| true, status_of)).await
    }

    async fn block(&self, height: u64) -> Result<BlockEvents> {
        self.read(|node| node.rpc.block(height)).await
    }

    async fn smart_query(&self, contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>> {
        self.read(|node| node.rpc.smart_query(contract, msg.clone(), least)).await
    }

    async fn account(&self, address: &str, least: u64) -> Result<Answer<Account>> {
        self.read(|node| node.rpc.account(address, least)).await
    }

    async fn balance(&self, address: &str, denom: &str) -> Result<u128> {
        self.read(|node| node.rpc.balance(address, denom)).await
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>> {
        self.read(|node| node.rpc.tx(hash)).await
    }

    async fn minimum_price(&self, denom: &str, contract: &str) -> Result<Option<MinimumPrice>> {
        self.read(|node| node.rpc.minimum_price(denom, contract)).await
    }
}

/// Reads a node's status and records its height.
async fn status_of(node: &Node) -> Result<Status> {
    let status = node.rpc.status().await?;
    node.seen_at(status.height);
    Ok(status)
}

#[async_trait]
impl Broadcaster for Endpoints {
    /// Counts as a read: it changes nothing on the chain.
    async fn simulate(&self, tx: &[u8]) -> Result<u64> {
        self.read(|node| node.rpc.simulate(tx)).await
    }

    /// Broadcasts to the first node that answers. The bytes are the same for every node, so a second node is harmless. There is
    /// no retry here: the sender looks for the hash first.
    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult> {
        self.first(worth_asking_another, |node| node.rpc.broadcast(tx)).await
    }
}

#[cfg(test)]
mod tests;
