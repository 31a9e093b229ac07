//! Starts the sweep of overdue requests, which renews itself from then on. The sender pays for the first reservation.

use cosmwasm_std::{DepsMut, Env, MessageInfo, Response};

use crate::error::ContractError;
use crate::operations::{funds, reservation, sweep};
use crate::state::archway::ARCHWAY;
use crate::state::governance::current_settings;

pub(crate) fn start_sweep(
    deps: DepsMut<'_>,
    env: &Env,
    info: &MessageInfo,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let archway = settings.archway.as_ref().ok_or(ContractError::NoArchway {})?;
    let state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    match state.height {
        // One that is past was not called: it failed.
        Some(height) if height >= env.block.height => return Err(ContractError::SweepReserved { height }),
        Some(_) | None => {}
    }
    let next = env.block.height.saturating_add(archway.sweep_blocks);
    let needed = reservation::fee(deps.querier, next, &settings.denom, archway.reservation_fee)?;
    let sent = funds::sent(info, &settings.denom)?;
    if sent < needed {
        return Err(ContractError::InsufficientFunds { sent, needed, denom: settings.denom });
    }
    // Where the chain refuses the reservation, the message fails as a whole and the funds stay with their sender.
    let (message, event) = sweep::reserve(deps.storage, env, &settings.denom, next, needed, state)?;
    Ok(Response::new().add_message(message).add_event(event))
}
