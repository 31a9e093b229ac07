//! Typed queries to one contract.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ChainError, Result};
use crate::paging::first_page;
use crate::reader::ChainReader;
use crate::types::Answer;

/// A contract's address bound to a connection: takes a query message, returns the typed answer.
#[derive(Clone)]
pub struct GatewayQuery {
    chain: Arc<dyn ChainReader>,
    contract: Arc<str>,
    least: u64,
    /// Entries to ask for at once, learned from the node's gas limit for queries; shared by clones.
    pub(crate) page: Arc<AtomicU32>,
    /// As `page`, of lists whose entries have no inputs.
    pub(crate) short_page: Arc<AtomicU32>,
}

impl GatewayQuery {
    /// Binds `contract`.
    pub fn new(chain: Arc<dyn ChainReader>, contract: impl Into<Arc<str>>) -> Self {
        Self { chain, contract: contract.into(), least: 0, page: first_page(), short_page: first_page() }
    }

    /// Returns a handle to the same contract that accepts answers from `height` or later only: what a caller has seen in a
    /// block must be present in the state it reads.
    #[must_use]
    pub fn at_least(&self, height: u64) -> Self {
        Self { least: self.least.max(height), ..self.clone() }
    }

    /// Returns the contract's address.
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// Returns the connection.
    pub fn chain(&self) -> &Arc<dyn ChainReader> {
        &self.chain
    }

    /// Asks `query` (for the gateway contract a `gateway_api::QueryMsg`) and reads the answer as `T`.
    ///
    /// # Errors
    /// [`ChainError::Query`] when the contract refuses, [`ChainError::Decode`] when the answer is not a `T`,
    /// [`ChainError::NodeBehind`] when the node's state is older than [`at_least`](Self::at_least) requires,
    /// [`ChainError::QueryOutOfGas`] when less must be asked for at once.
    pub async fn ask<T, Q>(&self, query: &Q) -> Result<Answer<T>>
    where
        T: DeserializeOwned,
        Q: Serialize + Sync + ?Sized,
    {
        let msg = serde_json::to_vec(query).map_err(|e| ChainError::invalid("query", e))?;
        let answer = self.chain.smart_query(&self.contract, msg, self.least).await?;
        let value = serde_json::from_slice(&answer.value);
        let value = value.map_err(|e| ChainError::decode("contract's answer", e))?;
        Ok(Answer { height: answer.height, value })
    }
}
