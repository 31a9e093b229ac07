//! `MsgExecuteContract`.

use cosmrs::proto::cosmwasm::wasm::v1::{MsgExecuteContract, MsgExecuteContractResponse};

use super::call::{Entry, Target, call};
use super::dispatch::handle_response;
use super::{contracts, events, gas};
use crate::error::{ExecError, WASM, wasm_code};
use crate::event::Event;
use crate::modules::{Ctx, bank, coins};

/// Handles `MsgExecuteContract`: transfers the funds, calls the contract, carries out its response.
pub(crate) fn execute(
    ctx: &Ctx,
    msg: &MsgExecuteContract,
    out: &mut Vec<Event>,
) -> Result<MsgExecuteContractResponse, ExecError> {
    let sender = ctx.chain.decode(&msg.sender).map_err(|e| e.wrap("sender"))?;
    let address = ctx.chain.decode(&msg.contract).map_err(|e| e.wrap("contract"))?;
    let funds = coins::from_proto(&msg.funds)?;
    require_json(&msg.msg)?;
    let info = contracts::require(ctx, &address)?;
    if !funds.is_empty() {
        bank::send(ctx, &sender, &address, &funds, out)?;
    }
    let entry = Entry::Execute { sender: &msg.sender, funds, msg: &msg.msg };
    let response = call(ctx, &Target { address: &address, info: &info }, &entry, gas::INSTANCE)?;
    out.push(Event::new("execute").with(events::CONTRACT, &msg.contract));
    let data = handle_response(ctx, &address, response, out).map_err(|e| e.wrap("dispatch"))?;
    Ok(MsgExecuteContractResponse { data: data.unwrap_or_default() })
}

/// Refuses a contract message that is not JSON before any contract sees it.
pub(super) fn require_json(msg: &[u8]) -> Result<(), ExecError> {
    match serde_json::from_slice::<serde::de::IgnoredAny>(msg) {
        Ok(_) => Ok(()),
        Err(_) => Err(ExecError::Failed {
            codespace: WASM,
            code: wasm_code::INVALID,
            log: "payload msg: invalid".to_owned(),
        }),
    }
}
