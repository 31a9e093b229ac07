//! The one trait through which everything else sees the chain.
//!
//! Object safe, so that daemons hold `Arc<dyn ChainReader>` and tests inject faults at this edge.

use async_trait::async_trait;

use crate::error::Result;
use crate::types::{Account, BlockEvents, BroadcastResult, Status, TxFound};

/// A connection to one chain. Every call has a time-out and a size limit; errors say whether to retry.
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
    async fn smart_query(&self, contract: &str, msg: Vec<u8>) -> Result<Vec<u8>>;

    /// Number and sequence of an account.
    async fn account(&self, address: &str) -> Result<Account>;

    /// Balance in the smallest unit of `denom`; 0 when there is none.
    async fn balance(&self, address: &str, denom: &str) -> Result<u128>;

    /// Gas that the transaction would use now. The signature may be empty, the sequence must be right.
    async fn simulate(&self, tx: &[u8]) -> Result<u64>;

    /// Offers the transaction to the node's pool. A node that has it already answers code 19 of `sdk`.
    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult>;

    /// The transaction with this hash (hex), if a block holds it and the node has indexed it.
    async fn tx(&self, hash: &str) -> Result<Option<TxFound>>;
}
