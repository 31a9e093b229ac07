//! The rewards that the chain pays for the contract's use: who receives them, and how they reach the treasury.

use cosmwasm_std::{Deps, DepsMut, Env, Response, SubMsg, Uint128};
use gateway_api::events::RewardsWithdrawn;
use gateway_api::{RequestId, Settings};

use super::treasury;
use crate::archway::{set_metadata, withdraw_rewards};
use crate::error::ContractError;
use crate::reply::{id, Kind};
use crate::state::archway::ARCHWAY;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;

/// The settings of a contract on Archway.
fn settings(deps: Deps<'_>) -> Result<Settings, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    if settings.archway.is_none() {
        return Err(ContractError::NoArchway {});
    }
    Ok(settings)
}

fn held(deps: Deps<'_>, env: &Env, denom: &str) -> Result<Uint128, ContractError> {
    Ok(deps.querier.query_balance(&env.contract.address, denom)?.amount)
}

pub(crate) fn set(deps: Deps<'_>, env: &Env, owner: &str, rewards: &str) -> Result<Response, ContractError> {
    settings(deps)?;
    let [owner, rewards] = [deps.api.addr_validate(owner)?, deps.api.addr_validate(rewards)?];
    let message = set_metadata(env.contract.address.as_str(), owner.as_str(), rewards.as_str());
    Ok(Response::new().add_message(message))
}

pub(crate) fn withdraw(deps: DepsMut<'_>, env: &Env) -> Result<Response, ContractError> {
    let settings = settings(deps.as_ref())?;
    let mut state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    state.held_before = Some(held(deps.as_ref(), env, &settings.denom)?);
    ARCHWAY.save(deps.storage, &state)?;
    let message = withdraw_rewards(env.contract.address.as_str());
    Ok(Response::new().add_submessage(SubMsg::reply_on_success(message, id(Kind::Rewards, RequestId(0)))))
}

/// The chain has paid: the treasury has what came in.
pub(crate) fn withdrawn(deps: DepsMut<'_>, env: &Env) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let mut state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    let now = held(deps.as_ref(), env, &settings.denom)?;
    let amount = now.saturating_sub(state.held_before.take().unwrap_or(now));
    ARCHWAY.save(deps.storage, &state)?;
    let mut book = Book::open(deps.storage)?;
    let pooled = treasury::part(amount, settings.keepers.map_or(0, |keepers| keepers.rewards_bps))?;
    book.pool_in(pooled)?;
    let rest = amount.checked_sub(pooled)?;
    let burned = treasury::give(&mut book, settings.treasury.as_deref(), rest, &settings.denom)?;
    book.close(deps.storage)?;
    Ok(Response::new().add_messages(burned).add_event(RewardsWithdrawn { amount }))
}
