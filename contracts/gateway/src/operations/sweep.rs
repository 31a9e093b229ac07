//! The sweep of overdue requests that renews itself, by callbacks that are reserved with the chain for a fee. The chain
//! never retries one that failed: then the sweep stands still until anybody starts it again, and whoever sends `Expire`
//! does its work meanwhile.
//!
//! A reservation is paid from the funds of who starts the sweep, and later from what the contract holds beyond everything
//! it owes: what they sent above that, what the chain returned, what anybody gave. Only a callback looks at that: it comes
//! from the chain between transactions, when nothing is on its way out that is still here.

use cosmwasm_std::{CosmosMsg, DepsMut, Env, Response, Storage, SubMsg, Uint128};
use gateway_api::events::{SweepChanged, TickReserved};
use gateway_api::{RequestId, Settings};

use super::callback::shortened;
use super::{overdue, reservation, rounds};
use crate::archway::request_callback;
use crate::error::ContractError;
use crate::state::archway::{Archway, TickJob, ARCHWAY};
use crate::state::counter::COUNTER;
use crate::state::governance::current_settings;
use crate::state::ledger::totals;
use crate::state::ledger::Book;
use crate::submessage::{id, Kind};

/// The chain calls back.
pub(crate) fn called(deps: DepsMut<'_>, env: &Env, job: u64) -> Result<Response, ContractError> {
    let mut state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    if state.tick.as_ref().is_some_and(|tick| tick.job == job) {
        return tick(deps, env);
    }
    if state.height.take().is_none() || job != state.sweep_job() {
        return Ok(Response::new());
    }
    let (_, settings) = current_settings(deps.storage)?;
    let Settings { denom, archway: Some(archway), .. } = &settings else {
        return stop(deps.storage, env, state, "the settings have no archway".to_owned());
    };
    let owed = totals(deps.storage)?;
    let owed = owed.all()?;
    let held = deps.querier.query_balance(&env.contract.address, denom)?.amount;
    let overdue = overdue::overdue(deps.storage, env.block.height, archway.sweep_requests)?;
    let response = overdue::end_overdue(deps.storage, env.block.height, &settings, &overdue, None)?;
    let next = env.block.height.saturating_add(archway.sweep_blocks);
    let fee = match reservation::fee(deps.querier, next, denom, archway.reservation_fee) {
        Ok(fee) if held.saturating_sub(owed) >= fee => fee,
        Ok(_) => {
            let stopped = stop(deps.storage, env, state, "nothing is left to pay for the next".to_owned())?;
            return Ok(response.add_events(stopped.events));
        }
        Err(error) => {
            let stopped = stop(deps.storage, env, state, error.to_string())?;
            return Ok(response.add_events(stopped.events));
        }
    };
    let (message, event) = reserve(deps.storage, env, denom, next, fee, state)?;
    let message = SubMsg::reply_on_error(message, id(Kind::Sweep, RequestId(0)));
    Ok(response.add_submessage(message).add_event(event))
}

/// Reserves the next call at a height with the chain, and records it.
pub(crate) fn reserve(
    storage: &mut dyn Storage,
    env: &Env,
    denom: &str,
    height: u64,
    fee: Uint128,
    state: Archway,
) -> Result<(CosmosMsg, SweepChanged), ContractError> {
    let job = state.job.saturating_add(1);
    ARCHWAY.save(storage, &Archway { job, height: Some(height), sweep: Some(job), ..state })?;
    let message = request_callback(env.contract.address.as_str(), job, height, denom, &fee.to_string());
    Ok((message, SweepChanged { job, height, status: "reserved".to_owned() }))
}

/// Opens the round that a request reserved the call for, where nobody has opened it yet.
fn tick(deps: DepsMut<'_>, env: &Env) -> Result<Response, ContractError> {
    let (version, settings) = current_settings(deps.storage)?;
    let mut counter = COUNTER.load(deps.storage)?;
    let events = rounds::open_due(deps.storage, env, (version, &settings), &mut counter)?;
    if !events.is_empty() {
        COUNTER.save(deps.storage, &counter)?;
    }
    Ok(Response::new().add_events(events))
}

/// The chain refused to reserve a tick, for want of a place at its height: the pool has the fee back.
pub(crate) fn tick_refused(deps: DepsMut<'_>) -> Result<Response, ContractError> {
    let state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    let Some(TickJob { job, height, fee }) = state.tick else { return Ok(Response::new()) };
    let mut book = Book::open(deps.storage)?;
    book.pool_in(fee)?;
    book.close(deps.storage)?;
    let none = TickJob { job, height, fee: Uint128::zero() };
    ARCHWAY.save(deps.storage, &Archway { tick: Some(none), ..state })?;
    Ok(Response::new().add_event(TickReserved { job, height, fee: Uint128::zero() }))
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
    let event = SweepChanged { job: state.sweep_job(), height: env.block.height, status };
    Ok(Response::new().add_event(event))
}

/// The chain refused the reservation.
pub(crate) fn refused(deps: DepsMut<'_>, env: &Env, error: &str) -> Result<Response, ContractError> {
    let state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    stop(deps.storage, env, state, shortened(error))
}

/// Records a failure that the chain reports, for the query `sweep`.
pub(crate) fn record_failure(
    deps: DepsMut<'_>,
    module: &str,
    code: u32,
    error: &str,
) -> Result<Response, ContractError> {
    let mut state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    state.stopped = Some(shortened(&format!("{module} {code}: {error}")));
    ARCHWAY.save(deps.storage, &state)?;
    Ok(Response::new())
}
