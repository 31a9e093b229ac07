//! One node over CometBFT's RPC (HTTP): blocks with their results, application queries, broadcasting.

mod answers;
mod price;
mod transport;

use async_trait::async_trait;
use base64::Engine as _;
use cosmrs::proto::cosmos::auth::v1beta1::{BaseAccount, QueryAccountRequest, QueryAccountResponse};
use cosmrs::proto::cosmos::bank::v1beta1::{QueryBalanceRequest, QueryBalanceResponse};
use cosmrs::proto::cosmos::tx::v1beta1::{SimulateRequest, SimulateResponse};
use cosmrs::proto::cosmos::vesting::v1beta1::{
    ContinuousVestingAccount, DelayedVestingAccount, PeriodicVestingAccount, PermanentLockedAccount,
};
use cosmrs::proto::cosmwasm::wasm::v1::{QuerySmartContractStateRequest, QuerySmartContractStateResponse};
use cosmrs::proto::traits::Message;
use gateway_daemon_runtime::SecretUrl;
use serde_json::json;

pub(crate) use self::answers::number;
use self::answers::{BlockAnswer, BroadcastAnswer, QueryAnswer, ResultsAnswer, StatusAnswer, TxAnswer};
use self::transport::Transport;
use crate::config::ChainConfig;
use crate::error::{ChainError, Result};
use crate::node_wording::{self, QueryMeaning, RpcMeaning, SDK, SimulationMeaning, code};
use crate::reader::{Broadcaster, ChainReader};
use crate::types::{Account, Answer, BlockEvents, BroadcastResult, MinimumPrice, Status, TxFound};

const SIMULATE: &str = "/cosmos.tx.v1beta1.Service/Simulate";

/// A node reached over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct RpcChain {
    transport: Transport,
    name: String,
}

impl RpcChain {
    /// Creates a client for one node. Does not connect yet.
    ///
    /// # Errors
    /// [`ChainError::Invalid`] when the configuration is not valid.
    pub(crate) fn new(url: &SecretUrl, config: &ChainConfig) -> Result<Self> {
        config.validate_connection()?;
        let transport = Transport::new(url, config.timeout, config.max_response)?;
        Ok(Self { transport, name: url.to_string() })
    }

    /// Returns the node's scheme and host: the only part of its address that may be shown.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Sends one application query by its gRPC path, answered from `least` or a later height.
    async fn query<Q: Message, A: Message + Default>(
        &self,
        path: &'static str,
        query: &Q,
        least: u64,
    ) -> Result<Answer<A>> {
        let params = json!({ "path": path, "data": hex::encode(query.encode_to_vec()), "height": "0", "prove": false });
        let answer: QueryAnswer = self.transport.call("abci_query", params).await?;
        let answer = answer.response;
        if answer.code != 0 {
            return Err(failed_query(path, answer.code, answer.codespace, answer.log));
        }
        if answer.height < least {
            return Err(ChainError::NodeBehind { what: path.to_owned(), have: answer.height, need: least });
        }
        let value = A::decode(answer.bytes()?.as_slice()).map_err(|e| ChainError::decode(path, e))?;
        Ok(Answer { height: answer.height, value })
    }

    /// Distinguishes missing blocks: not made yet, pruned, or results not saved yet. Asks the node for its heights instead of
    /// reading its error text, which differs between versions.
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

/// Classifies a failed query. Simulations keep their code and log for the outbox, which knows the messages.
fn failed_query(path: &str, code: u32, codespace: String, log: String) -> ChainError {
    let meaning = if path == SIMULATE {
        match node_wording::simulation(code, &codespace, &log) {
            SimulationMeaning::NodeUnwell => QueryMeaning::NodeUnwell,
            SimulationMeaning::OutOfGas => QueryMeaning::OutOfGas,
            _ => QueryMeaning::Refused,
        }
    } else {
        node_wording::query(code, &codespace, &log)
    };
    let path = path.to_owned();
    match meaning {
        QueryMeaning::Refused => ChainError::Query { path, code, codespace, log },
        QueryMeaning::OutOfGas => ChainError::QueryOutOfGas { path, log },
        QueryMeaning::NodeUnwell => ChainError::NodeUnwell { what: path, code, codespace, log },
    }
}

/// Extracts the account from any of the types that can sign.
fn base_account(type_url: &str, value: &[u8]) -> Result<BaseAccount> {
    let bad = |e| ChainError::decode("account", e);
    let vesting = match type_url.trim_start_matches('/') {
        "cosmos.auth.v1beta1.BaseAccount" => return BaseAccount::decode(value).map_err(bad),
        "cosmos.vesting.v1beta1.ContinuousVestingAccount" => {
            ContinuousVestingAccount::decode(value).map_err(bad)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.DelayedVestingAccount" => {
            DelayedVestingAccount::decode(value).map_err(bad)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.PeriodicVestingAccount" => {
            PeriodicVestingAccount::decode(value).map_err(bad)?.base_vesting_account
        }
        "cosmos.vesting.v1beta1.PermanentLockedAccount" => {
            PermanentLockedAccount::decode(value).map_err(bad)?.base_vesting_account
        }
        _ => return Err(ChainError::invalid("account", format!("{type_url} cannot sign here"))),
    };
    vesting
        .and_then(|vesting| vesting.base_account)
        .ok_or_else(|| ChainError::decode("account", format!("{type_url} without a base account")))
}

#[async_trait]
impl ChainReader for RpcChain {
    async fn status(&self) -> Result<Status> {
        let answer: StatusAnswer = self.transport.call("status", json!({})).await?;
        answer.read()
    }

    async fn block(&self, height: u64) -> Result<BlockEvents> {
        let at = || json!({ "height": height.to_string() });
        let both = futures::try_join!(
            self.transport.call::<BlockAnswer>("block", at()),
            self.transport.call::<ResultsAnswer>("block_results", at()),
        );
        match both {
            Ok((block, results)) => answers::block(height, block, results),
            Err(error) => Err(self.missing_block(height, error).await),
        }
    }

    async fn smart_query(&self, contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>> {
        let query = QuerySmartContractStateRequest { address: contract.to_owned(), query_data: msg };
        let answer: Answer<QuerySmartContractStateResponse> =
            self.query("/cosmwasm.wasm.v1.Query/SmartContractState", &query, least).await?;
        Ok(answer.map(|answer| answer.data))
    }

    async fn account(&self, address: &str, least: u64) -> Result<Answer<Account>> {
        let query = QueryAccountRequest { address: address.to_owned() };
        let answer: Result<Answer<QueryAccountResponse>> =
            self.query("/cosmos.auth.v1beta1.Query/Account", &query, least).await;
        let missing = || ChainError::NoAccount { address: address.to_owned() };
        let answer = match answer {
            Err(ChainError::Query { code, log, .. }) if node_wording::does_not_exist(code, &log) => {
                return Err(missing());
            }
            answer => answer?,
        };
        let any = answer.value.account.ok_or_else(missing)?;
        let base = base_account(&any.type_url, &any.value)?;
        let account = Account { number: base.account_number, sequence: base.sequence };
        Ok(Answer { height: answer.height, value: account })
    }

    async fn balance(&self, address: &str, denom: &str) -> Result<u128> {
        let query = QueryBalanceRequest { address: address.to_owned(), denom: denom.to_owned() };
        let answer: Answer<QueryBalanceResponse> =
            self.query("/cosmos.bank.v1beta1.Query/Balance", &query, 0).await?;
        match answer.value.balance {
            Some(coin) => coin.amount.parse().map_err(|e| ChainError::decode("balance", e)),
            None => Ok(0),
        }
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>> {
        let id = hex::decode(hash).map_err(|e| ChainError::invalid("transaction hash", e))?;
        let id = base64::engine::general_purpose::STANDARD.encode(id);
        let answer: Result<TxAnswer> = self.transport.call("tx", json!({ "hash": id, "prove": false })).await;
        match answer {
            Ok(answer) => answer.read().map(Some),
            // There is no code for it.
            Err(ChainError::Rpc { message, .. })
                if node_wording::rpc(&message) == RpcMeaning::NoTransaction =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn minimum_price(&self, denom: &str, contract: &str) -> Result<Option<MinimumPrice>> {
        price::minimum(self, denom, contract).await
    }
}

#[async_trait]
impl Broadcaster for RpcChain {
    async fn simulate(&self, tx: &[u8]) -> Result<u64> {
        let query = SimulateRequest { tx_bytes: tx.to_vec(), ..SimulateRequest::default() };
        let answer: Answer<SimulateResponse> = self.query(SIMULATE, &query, 0).await?;
        let gas =
            answer.value.gas_info.ok_or_else(|| ChainError::decode("simulation", "no gas in the answer"))?;
        Ok(gas.gas_used)
    }

    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult> {
        let hash = crate::tx::hash(tx);
        let refused = |code, log| BroadcastResult { hash: hash.clone(), code, codespace: SDK.into(), log };
        let params = json!({ "tx": base64::engine::general_purpose::STANDARD.encode(tx) });
        match self.transport.call::<BroadcastAnswer>("broadcast_tx_sync", params).await {
            Ok(answer) => {
                Ok(BroadcastResult { hash, code: answer.code, codespace: answer.codespace, log: answer.log })
            }
            // The pool itself reports these as JSON-RPC or HTTP errors, as text only.
            Err(ChainError::RequestTooLarge { .. }) => {
                Ok(refused(code::TOO_LARGE, format!("{} bytes are more than the node takes", tx.len())))
            }
            Err(ChainError::Rpc { message, what, code }) => match node_wording::rpc(&message) {
                RpcMeaning::InPool => Ok(refused(code::IN_MEMPOOL, message)),
                RpcMeaning::PoolFull => Ok(refused(code::MEMPOOL_FULL, message)),
                _ => Err(ChainError::Rpc { what, code, message }),
            },
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
