//! Typed questions to one contract.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ChainError, Result};
use crate::reader::ChainReader;

/// A contract's address bound to a connection: ask it a query message, get the typed answer.
#[derive(Clone)]
pub struct GatewayQuery {
    chain: Arc<dyn ChainReader>,
    contract: Arc<str>,
}

impl GatewayQuery {
    /// Binds `contract`.
    pub fn new(chain: Arc<dyn ChainReader>, contract: impl Into<Arc<str>>) -> Self {
        Self { chain, contract: contract.into() }
    }

    /// The contract's address.
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// The connection.
    pub fn chain(&self) -> &Arc<dyn ChainReader> {
        &self.chain
    }

    /// Asks `query` (for the gateway contract a `gateway_api::QueryMsg`) and reads the answer as `T`.
    ///
    /// # Errors
    /// [`ChainError::Query`] when the contract refuses, [`ChainError::Decode`] when the answer is not a `T`.
    pub async fn ask<T, Q>(&self, query: &Q) -> Result<T>
    where
        T: DeserializeOwned,
        Q: Serialize + Sync + ?Sized,
    {
        let msg = serde_json::to_vec(query).map_err(|e| ChainError::invalid("query", e))?;
        let answer = self.chain.smart_query(&self.contract, msg).await?;
        serde_json::from_slice(&answer).map_err(|e| ChainError::decode("contract's answer", e))
    }
}
