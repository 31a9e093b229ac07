//! Whether the answering chain is the one that the database has followed. A reset testnet keeps its id and starts over;
//! reconciling the database with it, or sending it what was queued for the old one, would do harm and never end.
//!
//! Two signs. The lowest block that the node keeps has a different hash than the block of that height had: the chain was reset.
//! Or the chain is far below what was seen of it: it was reset, or a node answers from an old state. While either holds, every
//! call fails with [`ChainError::Reset`], which is retryable, so that the daemon waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use gateway_chain::{
    Account, Answer, BlockEvents, BroadcastResult, Broadcaster, Chain, ChainError, ChainReader, MinimumPrice,
    Status, TxFound,
};
use gateway_daemon_runtime::CancellationToken;
use gateway_store::{Store, StoreError};

/// Blocks that a node may be below the highest seen: a lagging backend is not another chain.
const BELOW: u64 = 20;
/// The key under which a database stores what was seen: height, and height and hash of the lowest block.
const BINDING: &str = "chain_seen";
/// Blocks after which that is written again, and the interval at which this is checked.
const KEEP_EVERY: u64 = 100;
const KEEP_LOOK: Duration = Duration::from_secs(10);

const WHAT_TO_DO: &str = "if the chain was reset, stop the daemon, move its database away, set chain.contract to the new contract and \
     start it again; if it was not, the RPC endpoint is of another chain or restores an old state: name another in chain.rpc";

/// What was seen of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    /// The greatest height.
    height: u64,
    /// Height and hash of the lowest block that a node had.
    lowest: Option<(u64, String)>,
}

impl Memory {
    /// Reads what a database remembers; `cursor` is the height that it has processed.
    pub(crate) async fn read(store: &Store, cursor: Option<u64>) -> Result<Self, StoreError> {
        let bound = store.bindings().await?;
        let mut memory = bound.get(BINDING).and_then(|text| Self::parse(text)).unwrap_or_default();
        memory.height = memory.height.max(cursor.unwrap_or_default());
        Ok(memory)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let height = words.next()?.parse().ok()?;
        let lowest = words.next().and_then(|height| height.parse().ok());
        let lowest = lowest.zip(words.next().map(str::to_owned)).filter(|(_, hash)| !hash.is_empty());
        Some(Self { height, lowest })
    }

    fn text(&self) -> String {
        let (lowest, hash) = self.lowest.clone().unwrap_or_default();
        format!("{} {lowest} {hash}", self.height)
    }

    /// Returns the evidence, if any, that a chain of this status is another one.
    fn contradicts(&self, status: &Status) -> Option<String> {
        let Status { height, earliest, earliest_hash, .. } = status;
        match &self.lowest {
            Some((at, hash)) if at == earliest && !earliest_hash.is_empty() && hash != earliest_hash => {
                return Some(format!(
                    "the chain was reset under the same id: its block {at} has the hash {earliest_hash}, and had {hash} when this \
                     database followed it: {WHAT_TO_DO}"
                ));
            }
            _ => {}
        }
        let below = self.height.saturating_sub(*height);
        // A node that is catching up reports so itself.
        (below > BELOW && !status.catching_up).then(|| {
            format!(
                "the chain is at height {height}, {below} blocks below height {} that was seen of it: {WHAT_TO_DO}",
                self.height
            )
        })
    }

    fn learn(&mut self, status: &Status) {
        self.height = self.height.max(status.height);
        if !status.earliest_hash.is_empty() {
            self.lowest = Some((status.earliest, status.earliest_hash.clone()));
        }
    }
}

/// A chain that answers only while it is the remembered one.
pub(crate) struct SameChain {
    chain: Arc<dyn Chain>,
    state: Mutex<State>,
}

struct State {
    memory: Memory,
    /// The evidence that it is another chain, if so.
    other: Option<String>,
}

impl SameChain {
    pub(crate) fn new(chain: Arc<dyn Chain>, memory: Memory) -> Self {
        Self { chain, state: Mutex::new(State { memory, other: None }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Compares a status with what is remembered. The first contradiction is logged.
    fn compare(&self, status: &Status) -> Result<(), ChainError> {
        let mut state = self.state();
        let other = state.memory.contradicts(status);
        match &other {
            Some(reason) if state.other.is_none() => {
                tracing::error!(reason, "the chain is not followed any more")
            }
            None if state.other.is_some() => {
                tracing::info!(height = status.height, "the chain is the old one again")
            }
            _ => {}
        }
        if other.is_none() {
            state.memory.learn(status);
        }
        state.other.clone_from(&other);
        drop(state);
        metrics::gauge!("gateway_chain_reset").set(f64::from(u8::from(other.is_some())));
        other.map_or(Ok(()), |reason| Err(ChainError::Reset { reason }))
    }

    /// Calls the chain unless it is known to be another. A permanent refusal may come from another chain, so after one the
    /// status is compared first.
    async fn call<T>(&self, call: impl Future<Output = Result<T, ChainError>>) -> Result<T, ChainError> {
        if let Some(reason) = self.state().other.clone() {
            return Err(ChainError::Reset { reason });
        }
        let answer = call.await;
        if answer.as_ref().is_err_and(|error| !error.is_retryable())
            && let Err(reset @ ChainError::Reset { .. }) = self.status().await
        {
            return Err(reset);
        }
        answer
    }
}

#[async_trait]
impl ChainReader for SameChain {
    async fn status(&self) -> Result<Status, ChainError> {
        let status = self.chain.status().await?;
        self.compare(&status)?;
        Ok(status)
    }

    async fn block(&self, height: u64) -> Result<BlockEvents, ChainError> {
        self.call(self.chain.block(height)).await
    }

    async fn smart_query(
        &self,
        contract: &str,
        msg: Vec<u8>,
        least: u64,
    ) -> Result<Answer<Vec<u8>>, ChainError> {
        self.call(self.chain.smart_query(contract, msg, least)).await
    }

    async fn account(&self, address: &str, least: u64) -> Result<Answer<Account>, ChainError> {
        self.call(self.chain.account(address, least)).await
    }

    async fn balance(&self, address: &str, denom: &str) -> Result<u128, ChainError> {
        self.call(self.chain.balance(address, denom)).await
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>, ChainError> {
        self.call(self.chain.tx(hash)).await
    }

    async fn minimum_price(&self, denom: &str, contract: &str) -> Result<Option<MinimumPrice>, ChainError> {
        self.call(self.chain.minimum_price(denom, contract)).await
    }
}

#[async_trait]
impl Broadcaster for SameChain {
    async fn simulate(&self, tx: &[u8]) -> Result<u64, ChainError> {
        self.call(self.chain.simulate(tx)).await
    }

    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult, ChainError> {
        self.call(self.chain.broadcast(tx)).await
    }
}

/// Stores in the database what is seen of the chain, until cancelled.
///
/// # Errors
/// A [`StoreError`] that is not retryable.
pub(crate) async fn keep(
    chain: Arc<SameChain>,
    store: Store,
    cancel: CancellationToken,
) -> Result<(), StoreError> {
    let mut kept = None;
    loop {
        let seen = chain.state().memory.clone();
        if kept.is_none_or(|height| seen.height >= height + KEEP_EVERY) {
            match store.bind(BINDING, &seen.text()).await {
                Ok(()) => kept = Some(seen.height),
                Err(error) if error.is_retryable() => {
                    tracing::warn!(%error, "what was seen of the chain is not stored now")
                }
                Err(error) => return Err(error),
            }
        }
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            () = tokio::time::sleep(KEEP_LOOK) => {}
        }
    }
}

#[cfg(test)]
mod tests;
