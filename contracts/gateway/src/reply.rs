//! Dispatches the replies to the contract's sub-messages by the kind that their ids carry.

use cosmwasm_std::{DepsMut, Env, Reply, Response};
use gateway_api::RequestId;

use crate::error::ContractError;
use crate::operations::{callback, refund, rewards, sweep};
use crate::submessage::{Kind, KIND_SHIFT};

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
