//! Has the chain pay out the contract's rewards. What comes in is distributed when it replies.

use cosmwasm_std::{DepsMut, Env, Response, SubMsg};
use gateway_api::RequestId;

use crate::archway;
use crate::error::ContractError;
use crate::operations::rewards::{archway_settings, held};
use crate::state::archway::ARCHWAY;
use crate::submessage::{id, Kind};

pub(crate) fn withdraw_rewards(deps: DepsMut<'_>, env: &Env) -> Result<Response, ContractError> {
    let settings = archway_settings(deps.as_ref())?;
    let mut state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    state.held_before = Some(held(deps.as_ref(), env, &settings.denom)?);
    ARCHWAY.save(deps.storage, &state)?;
    let message = archway::withdraw_rewards(env.contract.address.as_str());
    Ok(Response::new().add_submessage(SubMsg::reply_on_success(message, id(Kind::Rewards, RequestId(0)))))
}
