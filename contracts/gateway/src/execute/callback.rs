//! Calls a consumer back: a sub-message with the request's gas, sent after all state is written and answered always, so
//! that a consumer that fails, runs out of gas or calls in again harms nobody.

use crate::error::ContractError;
use crate::reply::{id, Kind};
use crate::state::requests::Request;
use crate::state::results::{Callback, CALLBACKS};
use cosmwasm_std::{to_json_binary, DepsMut, Response, Storage, SubMsg, SubMsgResult, WasmMsg};
use gateway_api::events::{CallbackDelivered, CallbackFailed};
use gateway_api::{GatewayCallback, GatewayResult, RequestId, Resolution};

/// Longest text of an error that is kept, bytes.
const MAX_ERROR_BYTES: usize = 256;

/// The call about a request that has ended, where one was asked for, and its record.
pub(crate) fn send(
    storage: &mut dyn Storage,
    id_of: RequestId,
    request: &Request,
    resolution: Resolution,
    failed: u8,
) -> Result<Option<SubMsg>, ContractError> {
    let Some(gas) = request.callback_gas else { return Ok(None) };
    let result =
        GatewayResult { request: id_of, project: request.project, version: request.version, resolution };
    CALLBACKS.save(storage, id_of.get(), &Callback::Sent { failed })?;
    let call = WasmMsg::Execute {
        contract_addr: request.requester.to_string(),
        msg: to_json_binary(&GatewayCallback::GatewayResult(result))?,
        funds: Vec::new(),
    };
    Ok(Some(SubMsg::reply_always(call, id(Kind::Callback, id_of)).with_gas_limit(gas)))
}

/// How the call went.
pub(crate) fn answered(
    deps: DepsMut<'_>,
    request: RequestId,
    result: SubMsgResult,
) -> Result<Response, ContractError> {
    let failed = match CALLBACKS.may_load(deps.storage, request.get())? {
        Some(Callback::Sent { failed }) => failed,
        _ => return Err(ContractError::NotFound { what: "callback that was sent for the request" }),
    };
    match result {
        SubMsgResult::Ok(_) => {
            CALLBACKS.save(deps.storage, request.get(), &Callback::Delivered)?;
            Ok(Response::new().add_event(CallbackDelivered { request }))
        }
        SubMsgResult::Err(error) => {
            let (tries, error) = (failed.saturating_add(1), shortened(&error));
            CALLBACKS.save(deps.storage, request.get(), &Callback::Failed { tries, error: error.clone() })?;
            Ok(Response::new().add_event(CallbackFailed { request, tries: tries.into(), error }))
        }
    }
}

/// At most so many bytes, cut between characters, and never empty: the chain refuses empty attributes.
pub(crate) fn shortened(error: &str) -> String {
    let error = if error.trim().is_empty() { "unknown" } else { error };
    error
        .char_indices()
        .take_while(|(at, c)| at + c.len_utf8() <= MAX_ERROR_BYTES)
        .map(|(_, c)| if c.is_control() { ' ' } else { c })
        .collect()
}
