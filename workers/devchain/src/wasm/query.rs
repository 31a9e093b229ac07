//! Reading contracts: smart queries run code, raw queries read one key.

use cosmwasm_std::ContractResult;
use cosmwasm_vm::call_query;

use super::call::{Target, with_instance};
use super::execute::require_json;
use super::{contracts, gas};
use crate::error::{ExecError, WASM, wasm_code};
use crate::modules::Ctx;
use crate::state::keys;

/// Deepest nesting of queries between contracts.
const MAX_QUERY_DEPTH: u32 = 10;

/// Queries a contract. The answer is JSON.
pub(crate) fn smart(ctx: &Ctx, contract: &[u8], msg: &[u8]) -> Result<Vec<u8>, ExecError> {
    require_json(msg)?;
    if ctx.query_depth >= MAX_QUERY_DEPTH {
        return Err(ExecError::Failed {
            codespace: WASM,
            code: 27,
            log: "max query stack size exceeded".to_owned(),
        });
    }
    let mut inner = ctx.clone();
    inner.query_depth += 1;
    // A query belongs to no transaction, whoever sends it.
    inner.tx_index = None;
    ctx.state().consume(gas::INSTANCE, "Loading CosmWasm module: query")?;
    let info = contracts::require(&inner, contract)?;
    let target = Target { address: contract, info: &info };
    let error = |text: String| ExecError::wasm(wasm_code::QUERY, text);
    match with_instance(&inner, &target, |instance, env| call_query(instance, env, msg))? {
        Ok(ContractResult::Ok(answer)) => Ok(answer.to_vec()),
        Ok(ContractResult::Err(text)) => Err(error(text)),
        Err(vm) => Err(error(format!("Error calling the VM: {vm}"))),
    }
}

/// Reads one key of a contract's storage.
pub(crate) fn raw(ctx: &Ctx, contract: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, ExecError> {
    contracts::require(ctx, contract)?;
    let key = [keys::contract_storage(contract).as_slice(), key].concat();
    ctx.state().get(&key)
}
