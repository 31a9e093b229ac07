//! Dispatches the replies to the contract's sub-messages. An id carries the kind and the request; chains of CosmWasm 1.5
//! return nothing else.

use cosmwasm_std::{DepsMut, Env, Reply, Response};
use gateway_api::RequestId;

use crate::error::ContractError;
use crate::execute::{callback, refund, rewards, sweep};

/// What a sub-message was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A transfer to a requester.
    Refund = 1,
    /// A consumer's callback.
    Callback = 2,
    /// A reservation of the sweep.
    Sweep = 3,
    /// A withdrawal of rewards.
    Rewards = 4,
    /// A reservation of a tick; the number is the job's.
    Tick = 5,
}

/// Requests number below 2^56: the byte above them says the kind.
const KIND_SHIFT: u32 = 56;

/// What Archway's wasmd replies where a sub-message was refused because the call stack was at its maximum depth of 500: the
/// message itself was never tried. A contract cannot forge the text: its own errors carry code 5.
const CALL_DEPTH: &str = "codespace: wasm, code: 30";

/// Reverts the transaction where a sub-message failed for the depth of the call stack alone: whoever sends a message from the
/// bottom of 499 calls would otherwise make every refund and callback of it fail.
///
/// # Errors
/// [`ContractError::CallDepth`].
pub(crate) fn check_depth(error: &str) -> Result<(), ContractError> {
    if error == CALL_DEPTH {
        return Err(ContractError::CallDepth {});
    }
    Ok(())
}

/// The id of a sub-message.
pub(crate) fn id(kind: Kind, request: RequestId) -> u64 {
    ((kind as u64) << KIND_SHIFT) | request.get()
}

pub(crate) fn reply(deps: DepsMut<'_>, env: &Env, reply: Reply) -> Result<Response, ContractError> {
    let request = RequestId(reply.id & ((1 << KIND_SHIFT) - 1));
    match reply.id >> KIND_SHIFT {
        kind if kind == Kind::Refund as u64 => {
            refund::failed(deps, request, reply.result.into_result().err().as_deref().unwrap_or_default())
        }
        kind if kind == Kind::Callback as u64 => {
            callback::answered(deps, env.block.height, request, reply.result)
        }
        kind if kind == Kind::Sweep as u64 => {
            sweep::refused(deps, env, reply.result.into_result().err().as_deref().unwrap_or_default())
        }
        kind if kind == Kind::Rewards as u64 => rewards::withdrawn(deps, env),
        kind if kind == Kind::Tick as u64 => sweep::tick_refused(deps),
        _ => Err(ContractError::UnknownReply { id: reply.id }),
    }
}
