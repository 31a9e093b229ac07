//! Sets who owns the contract's metadata at Archway's rewards module, and who receives its rewards.

use cosmwasm_std::{Deps, Env, Response};

use crate::archway::set_metadata;
use crate::error::ContractError;
use crate::operations::rewards::archway_settings;

pub(crate) fn set_rewards(
    deps: Deps<'_>,
    env: &Env,
    owner: &str,
    rewards: &str,
) -> Result<Response, ContractError> {
    archway_settings(deps)?;
    let [owner, rewards] = [deps.api.addr_validate(owner)?, deps.api.addr_validate(rewards)?];
    let message = set_metadata(env.contract.address.as_str(), owner.as_str(), rewards.as_str());
    Ok(Response::new().add_message(message))
}
