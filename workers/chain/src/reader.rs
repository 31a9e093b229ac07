//! The two interfaces to the chain: reading it, and sending to it.
//!
//! Object safe, so that daemons hold `Arc<dyn ChainReader>` and tests inject faults here. Every call has a time-out and a size
//! limit; an error's type states whether to retry.

use async_trait::async_trait;

use crate::error::{ChainError, Result};
use crate::types::{Account, Answer, BlockEvents, BroadcastResult, MinimumPrice, Status, TxEvents, TxFound};

/// Reads one chain.
///
/// Answers of the application carry the height of the state they were read from. `least` is the lowest height acceptable to the
/// caller, 0 for any: an older answer is [`ChainError::NodeBehind`](crate::ChainError::NodeBehind), which is retryable. Without
/// it a lagging node behind a load balancer would make existing objects appear absent.
#[async_trait]
pub trait ChainReader: Send + Sync + 'static {
    /// Returns the chain's current state as the node sees it.
    async fn status(&self) -> Result<Status>;

    /// Returns the block at `height` with everything it emitted.
    ///
    /// [`ChainError::NotYet`](crate::ChainError::NotYet) above the newest block,
    /// [`ChainError::Pruned`](crate::ChainError::Pruned) below the lowest the node keeps.
    async fn block(&self, height: u64) -> Result<BlockEvents>;

    /// Sends `contract` the JSON query `msg`; the answer is JSON.
    ///
    /// [`ChainError::Query`](crate::ChainError::Query) is the contract's refusal,
    /// [`ChainError::QueryOutOfGas`](crate::ChainError::QueryOutOfGas) means that less must be asked for at once.
    async fn smart_query(&self, contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>>;

    /// Returns the number and sequence of an account.
    async fn account(&self, address: &str, least: u64) -> Result<Answer<Account>>;

    /// Returns the balance in the smallest unit of `denom`; 0 if there is none.
    async fn balance(&self, address: &str, denom: &str) -> Result<u128>;

    /// Returns the transaction with this hash (hex), if a block includes it and the node has indexed it.
    ///
    /// [`ChainError::NoIndex`](crate::ChainError::NoIndex) if the node keeps no index.
    async fn tx(&self, hash: &str) -> Result<Option<TxFound>>;

    /// Returns the chain's minimum gas price in `denom` and the flat fee of `contract`; `None` if it has no query for it.
    async fn minimum_price(&self, denom: &str, contract: &str) -> Result<Option<MinimumPrice>>;
}

/// Sends to one chain.
#[async_trait]
pub trait Broadcaster: Send + Sync + 'static {
    /// Returns the gas that the transaction would use on the last committed state. The signature may be empty, the sequence
    /// must be right. Effects that depend on the height of the coming block are not seen.
    async fn simulate(&self, tx: &[u8]) -> Result<u64>;

    /// Broadcasts the transaction to the node's pool. A node that already has it answers code 19 of `sdk`.
    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult>;
}

/// Both interfaces of one chain.
pub trait Chain: ChainReader + Broadcaster {}

impl<T: ChainReader + Broadcaster> Chain for T {}

/// Returns the transaction with this hash: from the index, or from the block at `height` if it is not indexed.
///
/// # Errors
/// Those of the queries. Without a height, [`ChainError::NoIndex`] if the node keeps no index.
pub async fn tx_at(chain: &dyn ChainReader, hash: &str, height: Option<u64>) -> Result<Option<TxEvents>> {
    let indexed = match chain.tx(hash).await {
        Ok(Some(found)) => return Ok(Some(found.tx)),
        indexed @ (Ok(None) | Err(ChainError::NoIndex)) => indexed,
        Err(error) => return Err(error),
    };
    let Some(height) = height else { return indexed.map(|_| None) };
    match chain.block(height).await {
        Ok(block) => Ok(block.txs.into_iter().find(|tx| tx.hash == hash)),
        Err(ChainError::Pruned { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
