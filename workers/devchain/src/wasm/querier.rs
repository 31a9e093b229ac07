//! What contracts may query from the chain: balances, other contracts, codes. Anything else is answered as unsupported.

use cosmwasm_std::{
    BankQuery, Binary, ContractResult, Empty, QueryRequest, SystemError, SystemResult, WasmQuery, from_json,
};
use cosmwasm_vm::{BackendResult, GasInfo, Querier};
use serde::Serialize;
use serde_json::json;

use super::storage::backend_error;
use super::{contracts, gas, query};
use crate::archway;
use crate::error::{ExecError, SDK, code};
use crate::modules::{Ctx, bank};

/// Queries from within one contract call.
pub(crate) struct ContractQuerier {
    ctx: Ctx,
}

impl ContractQuerier {
    pub(super) fn new(ctx: Ctx) -> Self {
        Self { ctx }
    }

    fn answer(&self, request: &[u8]) -> Result<Vec<u8>, ExecError> {
        let parsed: QueryRequest<Empty> = from_json(request).map_err(|e| {
            system(SystemError::InvalidRequest { error: e.to_string(), request: request.into() })
        })?;
        match parsed {
            QueryRequest::Bank(query) => self.bank(query),
            QueryRequest::Wasm(query) => self.wasm(query),
            #[allow(deprecated)] // the name of the query on chains of this version
            QueryRequest::Stargate { path, .. } => {
                let refused = || Err(unsupported(format!("'{path}' path is not allowed from the contract")));
                archway::answer_contract(&path).unwrap_or_else(refused)
            }
            _ => Err(unsupported("unknown query request variant".to_owned())),
        }
    }

    #[allow(deprecated)] // contracts still ask for all balances
    fn bank(&self, query: BankQuery) -> Result<Vec<u8>, ExecError> {
        let chain = &self.ctx.chain;
        match query {
            BankQuery::Supply { denom } => {
                let amount = bank::supply(&mut self.ctx.state(), &denom)?;
                encode(&json!({ "amount": { "denom": denom, "amount": amount.to_string() } }))
            }
            BankQuery::Balance { address, denom } => {
                let address = chain.decode(&address)?;
                let amount = bank::balance(&mut self.ctx.state(), &address, &denom)?;
                encode(&json!({ "amount": { "denom": denom, "amount": amount.to_string() } }))
            }
            BankQuery::AllBalances { address } => {
                let address = chain.decode(&address)?;
                let amount = bank::all_balances(&mut self.ctx.state(), &address)?;
                encode(&json!({ "amount": amount }))
            }
            _ => Err(unsupported("unknown BankQuery variant".to_owned())),
        }
    }

    fn wasm(&self, query: WasmQuery) -> Result<Vec<u8>, ExecError> {
        let ctx = &self.ctx;
        match query {
            WasmQuery::Smart { contract_addr, msg } => {
                query::smart(ctx, &ctx.chain.decode(&contract_addr)?, msg.as_slice())
            }
            WasmQuery::Raw { contract_addr, key } => {
                let contract = ctx.chain.decode(&contract_addr)?;
                Ok(query::raw(ctx, &contract, key.as_slice())?.unwrap_or_default())
            }
            WasmQuery::ContractInfo { contract_addr } => {
                let address = ctx.chain.decode(&contract_addr)?;
                let info = contracts::require(ctx, &address)?;
                let admin = (!info.admin.is_empty()).then_some(info.admin);
                encode(&json!({
                    "code_id": info.code_id, "creator": info.creator, "admin": admin,
                    "pinned": false, "ibc_port": null,
                }))
            }
            WasmQuery::CodeInfo { code_id } => {
                let info = super::codes::require(ctx, code_id)?;
                encode(&json!({
                    "code_id": code_id, "creator": info.creator, "checksum": hex::encode(info.code_hash),
                }))
            }
            _ => Err(unsupported("unknown WasmQuery variant".to_owned())),
        }
    }
}

fn encode(answer: &impl Serialize) -> Result<Vec<u8>, ExecError> {
    serde_json::to_vec(answer).map_err(|e| ExecError::sdk(code::INVALID_REQUEST, e))
}

fn system(system: SystemError) -> ExecError {
    ExecError::System { codespace: SDK, code: code::INVALID_REQUEST, text: system.to_string(), system }
}

fn unsupported(kind: String) -> ExecError {
    system(SystemError::UnsupportedRequest { kind })
}

impl Querier for ContractQuerier {
    fn query_raw(
        &self,
        request: &[u8],
        gas_limit: u64,
    ) -> BackendResult<SystemResult<ContractResult<Binary>>> {
        {
            let mut state = self.ctx.state();
            state.push_meter(gas::from_vm(gas_limit));
            // A query writes nothing, whatever it tries.
            state.layers().push();
        }
        let answer = self.answer(request);
        let (used, outer) = {
            let mut state = self.ctx.state();
            state.layers().drop_top();
            let used = state.pop_meter().used();
            (used, state.consume(used, "contract sub-query"))
        };
        let result = match (answer, outer) {
            (Ok(bytes), Ok(())) => Ok(SystemResult::Ok(ContractResult::Ok(Binary::from(bytes)))),
            (Err(ExecError::System { system, .. }), Ok(())) => Ok(SystemResult::Err(system)),
            (Err(error @ ExecError::Failed { .. }), Ok(())) => {
                Ok(SystemResult::Ok(ContractResult::Err(error.redacted())))
            }
            (Err(error), _) | (_, Err(error)) => Err(backend_error(error)),
        };
        (result, GasInfo::with_externally_used(gas::to_vm(used)))
    }
}
