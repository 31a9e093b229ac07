//! `MsgInstantiateContract` and `MsgInstantiateContract2`: they differ in how the address is derived.

use cosmrs::proto::cosmwasm::wasm::v1::{
    AbsoluteTxPosition, AccessType, CodeInfo, ContractInfo, MsgInstantiateContract, MsgInstantiateContract2,
    MsgInstantiateContract2Response, MsgInstantiateContractResponse,
};

use super::call::{Entry, Target, call};
use super::dispatch::handle_response;
use super::execute::require_json;
use super::{codes, contracts, events, gas};
use crate::address::{classic_contract_address, predictable_contract_address};
use crate::error::{ExecError, code, wasm_code};
use crate::event::Event;
use crate::modules::{Ctx, auth, bank, coins};
use crate::state::keys;

const MAX_LABEL: usize = 128;

/// Handles `MsgInstantiateContract`.
pub(crate) fn instantiate(
    ctx: &Ctx,
    msg: &MsgInstantiateContract,
    out: &mut Vec<Event>,
) -> Result<MsgInstantiateContractResponse, ExecError> {
    let (address, data) = create(ctx, msg, out, |ctx, _, _| {
        let instance = auth::next_number(&mut ctx.state(), keys::last_instance_id(), 1)?;
        Ok(classic_contract_address(msg.code_id, instance).to_vec())
    })?;
    Ok(MsgInstantiateContractResponse { address, data })
}

/// Handles `MsgInstantiateContract2`.
pub(crate) fn instantiate2(
    ctx: &Ctx,
    msg: &MsgInstantiateContract2,
    out: &mut Vec<Event>,
) -> Result<MsgInstantiateContract2Response, ExecError> {
    if msg.fix_msg {
        return Err(ExecError::sdk(code::INVALID_REQUEST, "fix_msg is not supported"));
    }
    let classic = MsgInstantiateContract {
        sender: msg.sender.clone(),
        admin: msg.admin.clone(),
        code_id: msg.code_id,
        label: msg.label.clone(),
        msg: msg.msg.clone(),
        funds: msg.funds.clone(),
    };
    let (address, data) = create(ctx, &classic, out, |_, code, sender| {
        predictable_contract_address(&code.code_hash, sender, &msg.salt)
            .ok_or_else(|| ExecError::sdk(code::INVALID_REQUEST, "salt: length must be 1 to 64 bytes"))
    })?;
    Ok(MsgInstantiateContract2Response { address, data })
}

fn create(
    ctx: &Ctx,
    msg: &MsgInstantiateContract,
    out: &mut Vec<Event>,
    find_address: impl FnOnce(&Ctx, &CodeInfo, &[u8]) -> Result<Vec<u8>, ExecError>,
) -> Result<(String, Vec<u8>), ExecError> {
    let sender = ctx.chain.decode(&msg.sender).map_err(|e| e.wrap("sender"))?;
    if !msg.admin.is_empty() {
        ctx.chain.decode(&msg.admin).map_err(|e| e.wrap("admin"))?;
    }
    check_label(&msg.label)?;
    require_json(&msg.msg)?;
    let funds = coins::from_proto(&msg.funds)?;
    let code_info = codes::require(ctx, msg.code_id)?;
    check_permission(&code_info, &msg.sender)?;
    let address = find_address(ctx, &code_info, &sender)?;
    let address_text = ctx.chain.encode(&address)?;
    if contracts::contract_info(&mut ctx.state(), &address)?.is_some() {
        return Err(ExecError::wasm(wasm_code::ACCOUNT_EXISTS, &address_text));
    }
    auth::ensure(&mut ctx.state(), &ctx.chain.codec, &address)?;
    if !funds.is_empty() {
        bank::send(ctx, &sender, &address, &funds, out)?;
    }
    let position = (ctx.block.height, u64::from(ctx.tx_index.unwrap_or_default()));
    let info = ContractInfo {
        code_id: msg.code_id,
        creator: msg.sender.clone(),
        admin: msg.admin.clone(),
        label: msg.label.clone(),
        created: Some(AbsoluteTxPosition { block_height: position.0, tx_index: position.1 }),
        ibc_port_id: String::new(),
        extension: None,
    };
    let entry = Entry::Instantiate { sender: &msg.sender, funds, msg: &msg.msg };
    let response = call(ctx, &Target { address: &address, info: &info }, &entry, gas::INSTANCE)?;
    {
        // Before any sub-message, which may already call the contract back.
        let mut state = ctx.state();
        contracts::store(&mut state, &address, &info)?;
        contracts::index(&mut state, msg.code_id, position, &address)?;
    }
    out.push(
        Event::new("instantiate")
            .with(events::CONTRACT, &address_text)
            .with("code_id", msg.code_id.to_string()),
    );
    let data = handle_response(ctx, &address, response, out).map_err(|e| e.wrap("dispatch"))?;
    Ok((address_text, data.unwrap_or_default()))
}

fn check_label(label: &str) -> Result<(), ExecError> {
    if label.is_empty() {
        return Err(ExecError::wasm(wasm_code::EMPTY, "label: is required"));
    }
    if label.len() > MAX_LABEL {
        let text = format!("label: cannot be longer than {MAX_LABEL} characters");
        return Err(ExecError::wasm(wasm_code::LIMIT, text));
    }
    Ok(())
}

fn check_permission(code_info: &CodeInfo, sender: &str) -> Result<(), ExecError> {
    let Some(config) = &code_info.instantiate_config else { return Ok(()) };
    let allowed = match AccessType::try_from(config.permission) {
        Ok(AccessType::Everybody) => true,
        Ok(AccessType::AnyOfAddresses) => config.addresses.iter().any(|address| address == sender),
        _ => false,
    };
    if allowed { Ok(()) } else { Err(ExecError::sdk(code::UNAUTHORIZED, "can not instantiate")) }
}
