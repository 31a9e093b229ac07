//! The sweep of overdue requests that renews itself, by callbacks that are reserved with the chain for a fee. The chain
//! never retries one that failed: then the sweep stands still until anybody starts it again, and whoever sends `Expire`
//! does its work meanwhile.
//!
//! A reservation is paid from the funds of who starts the sweep, and later from what the contract holds beyond everything
//! it owes: what they sent above that, what the chain returned, what anybody gave. Only a callback looks at that: it comes
//! from the chain between transactions, when nothing is on its way out that is still here.

use super::{expire, funds};
use crate::archway::request_callback;
use crate::error::ContractError;
use crate::reply::{id, Kind};
use crate::state::archway::{Archway, ARCHWAY};
use crate::state::governance::current_settings;
use crate::state::ledger::totals;
use cosmwasm_std::{DepsMut, Env, MessageInfo, Response, Storage, SubMsg};
use gateway_api::events::SweepChanged;
use gateway_api::{ArchwaySettings, RequestId, Settings};

pub(crate) fn start(deps: DepsMut<'_>, env: &Env, info: &MessageInfo) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let archway = settings.archway.as_ref().ok_or(ContractError::NoArchway {})?;
    let (sent, needed) = (funds::sent(info, &settings.denom)?, archway.reservation_fee);
    if sent < needed {
        return Err(ContractError::InsufficientFunds { sent, needed, denom: settings.denom });
    }
    let state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    match state.height {
        // One that is past was not called: it failed.
        Some(height) if height >= env.block.height => Err(ContractError::SweepReserved { height }),
        Some(_) | None => reserve(deps.storage, env, &settings.denom, archway, state, Response::new()),
    }
}

/// The chain calls back.
pub(crate) fn called(deps: DepsMut<'_>, env: &Env, job: u64) -> Result<Response, ContractError> {
    let mut state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    if state.height.take().is_none() || job != state.job {
        return Ok(Response::new());
    }
    let (_, settings) = current_settings(deps.storage)?;
    let Settings { denom, archway: Some(archway), .. } = &settings else {
        return stop(deps.storage, env, state, "the settings have no archway".to_owned());
    };
    let owed = totals(deps.storage)?;
    let owed = owed.stake.checked_add(owed.reserved)?.checked_add(owed.claimable)?;
    let held = deps.querier.query_balance(&env.contract.address, denom)?.amount;
    let response = expire::sweep(deps.storage, env.block.height, &settings, archway.sweep_requests)?;
    if held.saturating_sub(owed) < archway.reservation_fee {
        let stopped = stop(deps.storage, env, state, "nothing is left to pay for the next".to_owned())?;
        return Ok(response.add_events(stopped.events));
    }
    reserve(deps.storage, env, denom, archway, state, response)
}

fn reserve(
    storage: &mut dyn Storage,
    env: &Env,
    denom: &str,
    archway: &ArchwaySettings,
    state: Archway,
    response: Response,
) -> Result<Response, ContractError> {
    let (job, height) = (state.job.saturating_add(1), env.block.height.saturating_add(archway.sweep_blocks));
    ARCHWAY.save(storage, &Archway { job, height: Some(height), ..state })?;
    let contract = env.contract.address.as_str();
    let message = request_callback(contract, job, height, denom, &archway.reservation_fee.to_string());
    Ok(response
        .add_submessage(SubMsg::reply_on_error(message, id(Kind::Sweep, RequestId(0))))
        .add_event(SweepChanged { job, height, status: "reserved".to_owned() }))
}

fn stop(
    storage: &mut dyn Storage,
    env: &Env,
    mut state: Archway,
    status: String,
) -> Result<Response, ContractError> {
    state.height = None;
    state.stopped = Some(status.clone());
    ARCHWAY.save(storage, &state)?;
    let event = SweepChanged { job: state.job, height: env.block.height, status };
    Ok(Response::new().add_event(event))
}

/// The chain refused the reservation.
pub(crate) fn refused(deps: DepsMut<'_>, env: &Env, error: &str) -> Result<Response, ContractError> {
    let state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    stop(deps.storage, env, state, super::callback::shortened(error))
}

/// The chain tells of something that failed: it is kept for whoever looks.
pub(crate) fn told(
    deps: DepsMut<'_>,
    module: &str,
    code: u32,
    error: &str,
) -> Result<Response, ContractError> {
    let mut state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    state.stopped = Some(super::callback::shortened(&format!("{module} {code}: {error}")));
    ARCHWAY.save(deps.storage, &state)?;
    Ok(Response::new())
}
