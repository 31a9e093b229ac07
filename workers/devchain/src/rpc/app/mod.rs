//! `abci_query`: the application's own queries, by gRPC path, with protobuf in and out.

mod account;
mod bank;
mod simulate;
mod wasm;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cosmrs::proto::prost::Message;
use serde_json::json;

use super::jsonrpc::{Answer, answer};
use super::params::Params;
use crate::archway;
use crate::chain::Engine;
use crate::error::{ExecError, code};
use crate::modules::Ctx;

/// Gas limit of a query that runs no contract: ample, but finite.
const READ_GAS: u64 = 1_000_000_000;

/// Answers a query against the last committed block.
pub(super) fn abci_query(engine: &Engine, params: &Params) -> Answer {
    let path = params.text("path")?.unwrap_or_default();
    let data = params.hex("data")?;
    let latest = engine.latest().tip.height;
    let asked = params.number("height")?.unwrap_or_default();
    let result = if asked > latest {
        let text = "cannot query with height in the future; please provide a valid height";
        Err(ExecError::sdk(code::INVALID_HEIGHT, text))
    } else if asked == 0 || asked == latest {
        route(engine, &path, &data)
    } else {
        let text = format!("failed to load state at height {asked}; only height {latest} is kept");
        Err(ExecError::sdk(code::INVALID_REQUEST, text))
    };
    let (code, codespace, log, value) = match result {
        Ok(value) => (0, "", String::new(), Some(STANDARD.encode(value))),
        Err(error) => {
            let (codespace, code) = error.code();
            (code, codespace, error.to_string(), None)
        }
    };
    // A query that no handler saw has no height.
    let height = if matches!(code, code::INVALID_HEIGHT) || is_unknown(&log) { 0 } else { latest };
    answer(&json!({ "response": {
        "code": code, "log": log, "info": "", "index": "0", "key": null, "value": value, "proofOps": null,
        "height": height.to_string(), "codespace": codespace,
    }}))
}

/// Returns whether an error means that there is no such query.
fn is_unknown(log: &str) -> bool {
    log.starts_with(UNKNOWN) || log.starts_with(NO_PATH)
}

const UNKNOWN: &str = "unknown query path";
const NO_PATH: &str = "no query path provided";

fn route(engine: &Engine, path: &str, data: &[u8]) -> Result<Vec<u8>, ExecError> {
    let read = || engine.query_ctx(READ_GAS);
    match path {
        "/cosmos.auth.v1beta1.Query/Account" => run(data, |r| account::account(&read(), r)),
        "/cosmos.bank.v1beta1.Query/Balance" => run(data, |r| bank::balance(&read(), r)),
        "/cosmos.bank.v1beta1.Query/AllBalances" => run(data, |r| bank::all_balances(&read(), r)),
        "/cosmos.bank.v1beta1.Query/SupplyOf" => run(data, |r| bank::supply_of(&read(), r)),
        "/cosmos.tx.v1beta1.Service/Simulate" => run(data, |r| simulate::simulate(engine, r)),
        "/cosmwasm.wasm.v1.Query/SmartContractState" => {
            let ctx = engine.query_ctx(engine.chain.config.query_gas_limit);
            run(data, |r| wasm::smart(&ctx, &r))
        }
        "/cosmwasm.wasm.v1.Query/RawContractState" => run(data, |r| wasm::raw(&read(), &r)),
        "/cosmwasm.wasm.v1.Query/ContractInfo" => run(data, |r| wasm::contract_info(&read(), r)),
        "/cosmwasm.wasm.v1.Query/ContractsByCode" => run(data, |r| wasm::contracts_by_code(&read(), &r)),
        "/cosmwasm.wasm.v1.Query/Code" => run(data, |r| wasm::code(&read(), &r)),
        other => archway::answer(&read(), other, data).unwrap_or_else(|| {
            let text = if other.is_empty() { NO_PATH } else { UNKNOWN };
            Err(ExecError::sdk(code::UNKNOWN_REQUEST, text))
        }),
    }
}

fn run<Q: Message + Default, A: Message>(
    data: &[u8],
    query: impl FnOnce(Q) -> Result<A, ExecError>,
) -> Result<Vec<u8>, ExecError> {
    let request = Q::decode(data).map_err(|e| ExecError::sdk(code::INVALID_REQUEST, e))?;
    query(request).map(|answer| answer.encode_to_vec())
}

/// Returns a gRPC error of code NotFound, as ABCI reports it.
fn not_found(text: impl std::fmt::Display) -> ExecError {
    ExecError::sdk(code::KEY_NOT_FOUND, format!("rpc error: code = NotFound desc = {text}"))
}

/// Returns a module's error without a gRPC code, as ABCI reports it.
fn unknown(error: &ExecError) -> ExecError {
    ExecError::sdk(code::UNKNOWN_REQUEST, error)
}

/// Decodes an address in a request.
fn address(ctx: &Ctx, text: &str) -> Result<Vec<u8>, ExecError> {
    ctx.chain.codec.decode(text).map_err(|e| ExecError::sdk(code::INVALID_REQUEST, e))
}
