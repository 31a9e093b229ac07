//! [`ChainReader`] over Tendermint RPC (HTTP): blocks with their results, application queries, broadcasting.
//!
//! Wire types come from `tendermint-rpc`; the transport is ours, because every answer needs a size limit.

mod convert;
mod transport;

use async_trait::async_trait;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::proto::cosmwasm::wasm::v1::{QuerySmartContractStateRequest, QuerySmartContractStateResponse};
use cosmrs::proto::traits::Message;
use tendermint::block::Height;
use tendermint_rpc::endpoint::{abci_query, block, block_results, broadcast::tx_sync, status, tx};

use self::transport::Transport;
use crate::config::ChainConfig;
use crate::error::{ChainError, Result};
use crate::reader::ChainReader;
use crate::types::{Account, BlockEvents, BroadcastResult, Status, TxFound};

/// Codespace of the SDK's own errors.
const SDK: &str = "sdk";
/// The node has the transaction in its pool already.
const IN_MEMPOOL: u32 = 19;
/// The node's pool is full.
const MEMPOOL_FULL: u32 = 20;
/// The application has no such thing.
const NOT_FOUND: u32 = 22;

/// A node reached over HTTP.
#[derive(Clone, Debug)]
pub struct RpcChain {
    transport: Transport,
}

impl RpcChain {
    /// A client for `config.rpc`. Does not connect yet.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when the configuration is not valid.
    pub fn new(config: &ChainConfig) -> Result<Self> {
        config.validate_connection()?;
        Ok(Self { transport: Transport::new(&config.rpc, config.timeout, config.max_response)? })
    }

    /// A client for `config.rpc` that was seen to belong to the configured chain.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`], or why the node could not be asked.
    pub async fn connect(config: &ChainConfig) -> Result<Self> {
        let chain = Self::new(config)?;
        let found = chain.status().await?.chain_id;
        if found != config.chain_id {
            return Err(ChainError::WrongChain { expected: config.chain_id.clone(), found });
        }
        Ok(chain)
    }

    /// One application query by its gRPC path.
    async fn query<Q: Message, A: Message + Default>(&self, path: &'static str, query: &Q) -> Result<A> {
        let request = abci_query::Request::new(Some(path.to_owned()), query.encode_to_vec(), None, false);
        let answer = self.transport.call(path, request).await?.response;
        if answer.code.is_err() {
            return Err(ChainError::Query {
                path: path.to_owned(),
                code: answer.code.value(),
                codespace: answer.codespace,
                log: answer.log,
            });
        }
        A::decode(answer.value.as_slice()).map_err(|e| ChainError::decode(path, e))
    }

    /// Tells a missing block apart: not made yet, pruned, or results not saved yet. Asks the node where it stands
    /// instead of reading its error text, which differs between versions.
    async fn missing_block(&self, height: u64, error: ChainError) -> ChainError {
        if !matches!(error, ChainError::Rpc { .. }) {
            return error;
        }
        match self.status().await {
            Ok(status) if height > status.height => ChainError::NotYet { height },
            Ok(status) if height < status.earliest => {
                ChainError::Pruned { height, earliest: status.earliest }
            }
            _ => error,
        }
    }
}

#[async_trait]
impl ChainReader for RpcChain {
    async fn status(&self) -> Result<Status> {
        let answer = self.transport.call("status", status::Request).await?;
        let sync = answer.sync_info;
        Ok(Status {
            height: sync.latest_block_height.value(),
            time_ns: convert::nanoseconds(sync.latest_block_time)?,
            chain_id: answer.node_info.network.to_string(),
            catching_up: sync.catching_up,
            earliest: sync.earliest_block_height.value(),
        })
    }

    async fn block(&self, height: u64) -> Result<BlockEvents> {
        let at = Height::try_from(height).map_err(|e| ChainError::invalid("height", e))?;
        let both = futures::try_join!(
            self.transport.call("block", block::Request::new(at)),
            self.transport.call("block_results", block_results::Request::new(at)),
        );
        match both {
            Ok((block, results)) => convert::block(height, &block.block, results),
            Err(error) => Err(self.missing_block(height, error).await),
        }
    }

    async fn smart_query(&self, contract: &str, msg: Vec<u8>) -> Result<Vec<u8>> {
        let query = QuerySmartContractStateRequest { address: contract.to_owned(), query_data: msg };
        let answer: QuerySmartContractStateResponse =
            self.query("/cosmwasm.wasm.v1.Query/SmartContractState", &query).await?;
        Ok(answer.data)
    }

    async fn account(&self, address: &str) -> Result<Account> {
        let query = QueryAccountRequest { address: address.to_owned() };
        let answer: Result<QueryAccountResponse> =
            self.query("/cosmos.auth.v1beta1.Query/Account", &query).await;
        let missing = || ChainError::NoAccount { address: address.to_owned() };
        let any = match answer {
            Ok(answer) => answer.account.ok_or_else(missing)?,
            Err(ChainError::Query { code, log, .. }) if code == NOT_FOUND || log.contains("not found") => {
                return Err(missing());
            }
            Err(error) => return Err(error),
        };
        if any.type_url != "/cosmos.auth.v1beta1.BaseAccount" {
            return Err(ChainError::invalid("account", format!("{} cannot sign here", any.type_url)));
        }
        let base = BaseAccount::decode(any.value.as_slice()).map_err(|e| ChainError::decode("account", e))?;
        Ok(Account { number: base.account_number, sequence: base.sequence })
    }

    async fn balance(&self, address: &str, denom: &str) -> Result<u128> {
        let query = QueryBalanceRequest { address: address.to_owned(), denom: denom.to_owned() };
        let answer: QueryBalanceResponse = self.query("/cosmos.bank.v1beta1.Query/Balance", &query).await?;
        match answer.balance {
            Some(coin) => coin.amount.parse().map_err(|e| ChainError::decode("balance", e)),
            None => Ok(0),
        }
    }

    async fn simulate(&self, tx: &[u8]) -> Result<u64> {
        let query = SimulateRequest { tx_bytes: tx.to_vec(), ..SimulateRequest::default() };
        let answer: SimulateResponse = self.query("/cosmos.tx.v1beta1.Service/Simulate", &query).await?;
        let gas = answer.gas_info.ok_or_else(|| ChainError::decode("simulation", "no gas in the answer"))?;
        Ok(gas.gas_used)
    }

    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult> {
        let hash = crate::tx::hash(tx);
        let refused = |code, log| BroadcastResult { hash: hash.clone(), code, codespace: SDK.into(), log };
        match self.transport.call("broadcast_tx_sync", tx_sync::Request::new(tx)).await {
            Ok(answer) => Ok(BroadcastResult {
                hash,
                code: answer.code.value(),
                codespace: answer.codespace,
                log: answer.log,
            }),
            // The pool itself answers these as JSON-RPC errors, in words only.
            Err(ChainError::Rpc { message, .. }) if message.contains("already exists in cache") => {
                Ok(refused(IN_MEMPOOL, message))
            }
            Err(ChainError::Rpc { message, .. }) if message.contains("mempool is full") => {
                Ok(refused(MEMPOOL_FULL, message))
            }
            Err(error) => Err(error),
        }
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>> {
        let id: tendermint::Hash = hash.parse().map_err(|e| ChainError::invalid("transaction hash", e))?;
        match self.transport.call("tx", tx::Request::new(id, false)).await {
            Ok(answer) => convert::found(answer).map(Some),
            // There is no code for it: `tx (HASH) not found`.
            Err(ChainError::Rpc { message, .. }) if message.contains("not found") => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
