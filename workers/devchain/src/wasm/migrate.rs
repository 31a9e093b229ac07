//! What only a contract's admin may do: migrate it, transfer the admin role, give it up.

use cosmrs::proto::cosmwasm::wasm::v1::{
    ContractInfo, MsgClearAdmin, MsgMigrateContract, MsgMigrateContractResponse, MsgUpdateAdmin,
};

use super::call::{Entry, Target, call};
use super::dispatch::handle_response;
use super::execute::require_json;
use super::{codes, contracts, events, gas};
use crate::error::{ExecError, code};
use crate::event::Event;
use crate::modules::Ctx;

/// Handles `MsgMigrateContract`.
pub(crate) fn migrate(
    ctx: &Ctx,
    msg: &MsgMigrateContract,
    out: &mut Vec<Event>,
) -> Result<MsgMigrateContractResponse, ExecError> {
    require_json(&msg.msg)?;
    let (address, mut info) = owned(ctx, &msg.contract, &msg.sender, "can not migrate")?;
    codes::require(ctx, msg.code_id)?;
    let old_code = info.code_id;
    info.code_id = msg.code_id;
    let entry = Entry::Migrate { msg: &msg.msg };
    let response = call(ctx, &Target { address: &address, info: &info }, &entry, gas::INSTANCE)?;
    {
        let mut state = ctx.state();
        contracts::unindex(&mut state, old_code, &address)?;
        let position = (ctx.block.height, u64::from(ctx.tx_index.unwrap_or_default()));
        contracts::index(&mut state, msg.code_id, position, &address)?;
        contracts::store(&mut state, &address, &info)?;
    }
    out.push(
        Event::new("migrate").with("code_id", msg.code_id.to_string()).with(events::CONTRACT, &msg.contract),
    );
    let data = handle_response(ctx, &address, response, out).map_err(|e| e.wrap("dispatch"))?;
    Ok(MsgMigrateContractResponse { data: data.unwrap_or_default() })
}

/// Handles `MsgUpdateAdmin`.
pub(crate) fn update_admin(ctx: &Ctx, msg: &MsgUpdateAdmin, out: &mut Vec<Event>) -> Result<(), ExecError> {
    ctx.chain.decode(&msg.new_admin).map_err(|e| e.wrap("new admin"))?;
    if msg.new_admin == msg.sender {
        return Err(ExecError::sdk(code::INVALID_REQUEST, "new admin is the same as the old"));
    }
    set_admin(ctx, &msg.contract, &msg.sender, &msg.new_admin, out)
}

/// Handles `MsgClearAdmin`.
pub(crate) fn clear_admin(ctx: &Ctx, msg: &MsgClearAdmin, out: &mut Vec<Event>) -> Result<(), ExecError> {
    set_admin(ctx, &msg.contract, &msg.sender, "", out)
}

fn set_admin(
    ctx: &Ctx,
    contract: &str,
    sender: &str,
    new_admin: &str,
    out: &mut Vec<Event>,
) -> Result<(), ExecError> {
    let (address, mut info) = owned(ctx, contract, sender, "can not modify contract")?;
    info.admin = new_admin.to_owned();
    contracts::store(&mut ctx.state(), &address, &info)?;
    out.push(
        Event::new("update_contract_admin")
            .with(events::CONTRACT, contract)
            .with("new_admin_address", new_admin),
    );
    Ok(())
}

/// Returns the contract, if `sender` is its admin.
fn owned(
    ctx: &Ctx,
    contract: &str,
    sender: &str,
    refusal: &str,
) -> Result<(Vec<u8>, ContractInfo), ExecError> {
    let address = ctx.chain.decode(contract).map_err(|e| e.wrap("contract"))?;
    let info = contracts::require(ctx, &address)?;
    if info.admin.is_empty() || info.admin != sender {
        return Err(ExecError::sdk(code::UNAUTHORIZED, refusal));
    }
    Ok((address, info))
}
