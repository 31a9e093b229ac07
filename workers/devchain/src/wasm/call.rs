//! One call into a contract: load, run within the remaining gas, charge, translate errors. `dispatch` decides what happens with
//! the response.

use cosmrs::proto::cosmwasm::wasm::v1::ContractInfo;
use cosmwasm_std::{
    Addr, BlockInfo, Coin, ContractInfo as EnvContract, ContractResult, Empty, Env, MessageInfo, Response,
    Timestamp, TransactionInfo,
};
use cosmwasm_vm::{
    VmResult, call_execute, call_instantiate, call_migrate, call_reply_raw, call_sudo, from_slice, to_vec,
};

use super::querier::ContractQuerier;
use super::storage::ContractStorage;
use super::vm::ContractInstance;
use super::{codes, gas};
use crate::error::{ExecError, wasm_code};
use crate::modules::Ctx;

/// How deep contracts may call each other through messages.
const MAX_CALL_DEPTH: u32 = 500;
/// The longest response to a reply, in bytes; the same as for other calls.
const MAX_REPLY_RESPONSE: usize = 256 * 1024;

/// A contract about to be called.
pub(super) struct Target<'a> {
    pub(super) address: &'a [u8],
    pub(super) info: &'a ContractInfo,
}

/// The entry point to call, and its arguments.
pub(super) enum Entry<'a> {
    Instantiate { sender: &'a str, funds: Vec<Coin>, msg: &'a [u8] },
    Execute { sender: &'a str, funds: Vec<Coin>, msg: &'a [u8] },
    Migrate { msg: &'a [u8] },
    Reply { msg: &'a [u8] },
    Sudo { msg: &'a [u8] },
}

impl Entry<'_> {
    /// Returns the code of an error raised in this entry point.
    fn error_code(&self) -> u32 {
        match self {
            Self::Instantiate { .. } => wasm_code::INSTANTIATE,
            Self::Migrate { .. } => wasm_code::MIGRATE,
            Self::Execute { .. } | Self::Reply { .. } | Self::Sudo { .. } => wasm_code::EXECUTE,
        }
    }

    fn run(&self, instance: &mut ContractInstance, env: &Env) -> VmResult<ContractResult<Response>> {
        let info = |sender: &str, funds: &[Coin]| MessageInfo {
            sender: Addr::unchecked(sender),
            funds: funds.to_vec(),
        };
        match self {
            Self::Instantiate { sender, funds, msg } => {
                call_instantiate::<_, _, _, Empty>(instance, env, &info(sender, funds), msg)
            }
            Self::Execute { sender, funds, msg } => {
                call_execute::<_, _, _, Empty>(instance, env, &info(sender, funds), msg)
            }
            Self::Migrate { msg } => call_migrate::<_, _, _, Empty>(instance, env, msg),
            Self::Sudo { msg } => call_sudo::<_, _, _, Empty>(instance, env, msg),
            Self::Reply { msg } => {
                let response = call_reply_raw(instance, &to_vec(env)?, msg)?;
                from_slice(&response, MAX_REPLY_RESPONSE)
            }
        }
    }
}

/// Calls a contract. `load_cost` is the cost of loading it here, in SDK gas.
pub(super) fn call(
    ctx: &Ctx,
    target: &Target<'_>,
    entry: &Entry<'_>,
    load_cost: u64,
) -> Result<Response, ExecError> {
    if ctx.call_depth > MAX_CALL_DEPTH {
        return Err(ExecError::wasm(wasm_code::CALL_DEPTH, ctx.call_depth));
    }
    ctx.state().consume(load_cost, "Loading CosmWasm module")?;
    let result = with_instance(ctx, target, |instance, env| entry.run(instance, env))?;
    let error = |text: String| ExecError::wasm(entry.error_code(), text);
    match result {
        Ok(ContractResult::Ok(response)) => Ok(response),
        Ok(ContractResult::Err(text)) => Err(error(text)),
        Err(vm) => Err(error(format!("Error calling the VM: {vm}"))),
    }
}

/// Runs `work` on a fresh instance with all the remaining gas, and charges what it used. If that was all of it, the answer is
/// out of gas, whatever the VM reported.
pub(super) fn with_instance<T>(
    ctx: &Ctx,
    target: &Target<'_>,
    work: impl FnOnce(&mut ContractInstance, &Env) -> VmResult<T>,
) -> Result<VmResult<T>, ExecError> {
    let checksum = codes::checksum(&codes::require(ctx, target.info.code_id)?)?;
    let storage = ContractStorage::new(ctx.session.clone(), target.address);
    let querier = ContractQuerier::new(ctx.clone());
    let gas_limit = gas::to_vm(ctx.state().meter().remaining());
    let mut instance = match ctx.chain.vm.instance(&checksum, storage, querier, gas_limit) {
        Ok(instance) => instance,
        Err(error) => return Ok(Err(error)),
    };
    let result = work(&mut instance, &env(ctx, target)?);
    let used = gas::from_vm(instance.create_gas_report().used_internally);
    let mut state = ctx.state();
    state.consume(used, OUT_OF_GAS)?;
    if state.meter().is_empty() { Err(ExecError::OutOfGas(OUT_OF_GAS)) } else { Ok(result) }
}

const OUT_OF_GAS: &str = "Wasm engine function execution";

fn env(ctx: &Ctx, target: &Target<'_>) -> Result<Env, ExecError> {
    Ok(Env {
        block: BlockInfo {
            height: ctx.block.height,
            time: Timestamp::from_nanos(ctx.block.time_ns),
            chain_id: ctx.chain.config.chain_id.clone(),
        },
        transaction: ctx.tx_index.map(|index| TransactionInfo { index }),
        contract: EnvContract { address: Addr::unchecked(ctx.chain.encode(target.address)?) },
    })
}
