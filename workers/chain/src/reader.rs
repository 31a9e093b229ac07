//! The two edges through which everything else meets the chain: reading it, and sending to it.
//!
//! Object safe, so that daemons hold `Arc<dyn ChainReader>` and tests inject faults here. Every call has a time-out and a
//! size limit; errors say by type whether to retry.

use async_trait::async_trait;

use crate::error::{ChainError, Result};
use crate::types::{Account, Answer, BlockEvents, BroadcastResult, MinimumPrice, Status, TxEvents, TxFound};

/// Reads one chain.
///
/// Answers of the application carry the height of the state they were read from. `least` is the lowest height the caller
/// can use, 0 for any: an older answer is [`ChainError::NodeBehind`](crate::ChainError::NodeBehind), which is retryable.
/// Without it a lagging node behind a load balancer makes what is there look absent.
#[async_trait]
pub trait ChainReader: Send + Sync + 'static {
    /// Where the chain stands.
    async fn status(&self) -> Result<Status>;

    /// The block at `height` with everything it emitted.
    ///
    /// [`ChainError::NotYet`](crate::ChainError::NotYet) above the newest block,
    /// [`ChainError::Pruned`](crate::ChainError::Pruned) below the lowest the node keeps.
    async fn block(&self, height: u64) -> Result<BlockEvents>;

    /// Asks `contract` the JSON query `msg`; the answer is JSON.
    ///
    /// [`ChainError::Query`](crate::ChainError::Query) is the contract's refusal,
    /// [`ChainError::QueryOutOfGas`](crate::ChainError::QueryOutOfGas) means that less must be asked at once.
    async fn smart_query(&self, contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>>;

    /// Number and sequence of an account.
    async fn account(&self, address: &str, least: u64) -> Result<Answer<Account>>;

    /// Balance in the smallest unit of `denom`; 0 when there is none.
    async fn balance(&self, address: &str, denom: &str) -> Result<u128>;

    /// The transaction with this hash (hex), if a block holds it and the node has indexed it.
    ///
    /// [`ChainError::NoIndex`](crate::ChainError::NoIndex) where the node keeps no index.
    async fn tx(&self, hash: &str) -> Result<Option<TxFound>>;

    /// The chain's least price of gas in `denom` and the flat fee of `contract`; `None` where it has no query for it.
    async fn minimum_price(&self, denom: &str, contract: &str) -> Result<Option<MinimumPrice>>;
}

/// Sends to one chain.
#[async_trait]
pub trait Broadcaster: Send + Sync + 'static {
    /// Gas that the transaction would use on the last committed state. The signature may be empty, the sequence must be
    /// right. What depends on the height of the coming block is not seen.
    async fn simulate(&self, tx: &[u8]) -> Result<u64>;

    /// Offers the transaction to the node's pool. A node that has it already answers code 19 of `sdk`.
    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult>;
}

/// Both edges of one chain.
pub trait Chain: ChainReader + Broadcaster {}

impl<T: ChainReader + Broadcaster> Chain for T {}

/// The transaction with this hash: from the index, or from the block at `height` where the index does not have it.
///
/// # Errors
/// The chain cannot be asked. Without a height, [`ChainError::NoIndex`] where the node keeps no index.
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
