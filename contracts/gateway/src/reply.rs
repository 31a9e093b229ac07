//! What the contract hears back from its sub-messages. An id says the kind and the request; nothing else comes back on
//! the chain's version.

use crate::error::ContractError;
use crate::execute::{callback, refund, rewards, sweep};
use cosmwasm_std::{DepsMut, Env, Reply, Response};
use gateway_api::RequestId;

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
}

/// Requests number below 2^56: the byte above them says the kind.
const KIND_SHIFT: u32 = 56;

/// The id of a sub-message.
pub(crate) fn id(kind: Kind, request: RequestId) -> u64 {
    ((kind as u64) << KIND_SHIFT) | request.get()
}

pub(crate) fn reply(deps: DepsMut<'_>, env: &Env, reply: Reply) -> Result<Response, ContractError> {
    let request = RequestId(reply.id & ((1 << KIND_SHIFT) - 1));
    match reply.id >> KIND_SHIFT {
        kind if kind == Kind::Refund as u64 => refund::failed(deps, request),
        kind if kind == Kind::Callback as u64 => callback::answered(deps, request, reply.result),
        kind if kind == Kind::Sweep as u64 => {
            sweep::refused(deps, env, reply.result.into_result().err().as_deref().unwrap_or_default())
        }
        kind if kind == Kind::Rewards as u64 => rewards::withdrawn(deps, env),
        _ => Err(ContractError::UnknownReply { id: reply.id }),
    }
}
