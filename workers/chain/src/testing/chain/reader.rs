//! The fake chain's answers: status, blocks, queries and transactions by hash.

use async_trait::async_trait;

use super::FakeChain;
use crate::error::{ChainError, Result};
use crate::reader::ChainReader;
use crate::types::{Account, Answer, BlockEvents, MinimumPrice, Status, TxFound};

#[async_trait]
impl ChainReader for FakeChain {
    async fn status(&self) -> Result<Status> {
        self.call("status", |state, _| {
            Ok(Status {
                height: state.height,
                time_ns: state.time_ns(),
                chain_id: Self::CHAIN_ID.into(),
                catching_up: false,
                earliest: state.earliest,
                earliest_hash: format!("{}-{}", state.generation, state.earliest),
            })
        })
        .await
    }

    async fn block(&self, height: u64) -> Result<BlockEvents> {
        self.call("block", |state, _| match state.blocks.get(&height) {
            Some(block) => Ok(block.clone()),
            None if height > state.height => Err(ChainError::NotYet { height }),
            None => Err(ChainError::Pruned { height, earliest: state.earliest }),
        })
        .await
    }

    async fn smart_query(&self, _contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>> {
        self.call("smart_query", |state, _| state.answer("smart_query", msg, least)).await
    }

    async fn account(&self, _address: &str, least: u64) -> Result<Answer<Account>> {
        self.call("account", |state, _| {
            let account = Account { number: 1, sequence: state.sequence };
            state.answer("account", account, least)
        })
        .await
    }

    async fn balance(&self, _address: &str, _denom: &str) -> Result<u128> {
        self.call("balance", |state, _| Ok(state.balance)).await
    }

    async fn minimum_price(&self, _denom: &str, _contract: &str) -> Result<Option<MinimumPrice>> {
        self.call("minimum_price", |_, _| Ok(None)).await
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>> {
        self.call("tx", |state, _| {
            if !state.has_index {
                return Err(ChainError::NoIndex);
            }
            let seen = |found: &&TxFound| found.tx.height + state.index_lag <= state.height;
            Ok(state.txs.get(hash).filter(seen).cloned())
        })
        .await
    }
}
