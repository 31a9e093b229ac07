//! The rewards that the chain pays for the contract's use, on their way to the treasury and the keepers' pool.

use cosmwasm_std::{Deps, DepsMut, Env, Response, Uint128};
use gateway_api::events::RewardsWithdrawn;
use gateway_api::Settings;

use super::treasury;
use crate::error::ContractError;
use crate::state::archway::ARCHWAY;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;

/// The settings, of a contract on Archway.
///
/// # Errors
/// [`ContractError::NoArchway`] where the settings name no Archway.
pub(crate) fn archway_settings(deps: Deps<'_>) -> Result<Settings, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    if settings.archway.is_none() {
        return Err(ContractError::NoArchway {});
    }
    Ok(settings)
}

/// The whole balance of a denom, what the contract owes included.
pub(crate) fn held(deps: Deps<'_>, env: &Env, denom: &str) -> Result<Uint128, ContractError> {
    Ok(deps.querier.query_balance(&env.contract.address, denom)?.amount)
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
