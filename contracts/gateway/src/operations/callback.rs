//! Calls a consumer back: a sub-message with the request's gas, sent after all state is written and always replied to, so
//! that a consumer that fails, runs out of gas or calls in again harms nobody.

use cosmwasm_std::{to_json_binary, DepsMut, Response, Storage, SubMsg, SubMsgResult, WasmMsg};
use gateway_api::events::{CallbackDelivered, CallbackDue, CallbackFailed};
use gateway_api::{CodeHash, GatewayCallback, GatewayResult, RequestId, Resolution};

use crate::error::ContractError;
use crate::state::requests::Request;
use crate::state::results::{Callback, CALLBACKS, DUE};
use crate::submessage::{check_depth, id, Kind};

/// Longest text of an error that is kept, bytes.
const MAX_ERROR_BYTES: usize = 256;

/// A call about a request that has ended.
pub(crate) struct Call<'a> {
    /// The request.
    pub(crate) id: RequestId,
    /// Its record.
    pub(crate) request: &'a Request,
    /// The hash of the code that it pinned.
    pub(crate) code: CodeHash,
    /// How it ended.
    pub(crate) resolution: Resolution,
    /// Attempts that failed before.
    pub(crate) failed: u8,
}

/// The call, where one was asked for, and its record.
pub(crate) fn send(storage: &mut dyn Storage, call: Call<'_>) -> Result<Option<SubMsg>, ContractError> {
    let Call { id: id_of, request, code, resolution, failed } = call;
    let Some(gas) = request.callback_gas else { return Ok(None) };
    let result = GatewayResult {
        request: id_of,
        project: request.project,
        version: request.version,
        code,
        draw: request.draw.class(),
        schedule: request.schedule,
        resolution,
    };
    CALLBACKS.save(storage, id_of.get(), &Callback::Sent { failed })?;
    let call = WasmMsg::Execute {
        contract_addr: request.requester.to_string(),
        msg: to_json_binary(&GatewayCallback::GatewayResult(result))?,
        funds: Vec::new(),
    };
    Ok(Some(SubMsg::reply_always(call, id(Kind::Callback, id_of)).with_gas_limit(gas)))
}

/// Marks the call about a request that has expired as due, where one was asked for: it is delivered by a message of its own,
/// so that what a consumer's call costs is no obstacle to anybody's refund.
pub(crate) fn mark_due(
    storage: &mut dyn Storage,
    id: RequestId,
    request: &Request,
) -> Result<Option<CallbackDue>, ContractError> {
    if request.callback_gas.is_none() {
        return Ok(None);
    }
    CALLBACKS.save(storage, id.get(), &Callback::Due {})?;
    DUE.save(storage, id.get(), &())?;
    Ok(Some(CallbackDue { request: id }))
}

/// Records how the call went.
pub(crate) fn answered(
    deps: DepsMut<'_>,
    height: u64,
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
            check_depth(&error)?;
            let (tries, error) = (failed.saturating_add(1), shortened(&error));
            let record = Callback::Failed { tries, error: error.clone(), height };
            CALLBACKS.save(deps.storage, request.get(), &record)?;
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
