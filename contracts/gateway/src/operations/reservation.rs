//! Reserves calls of the contract with Archway's callback module: for a sweep, or for the tick that opens the round which a
//! request waits for. The fee is what the chain answers, up to the settings' cap; the cap itself where it does not answer (ADR
//! 0016). The chain keeps what is offered above the exact fee.

use cosmwasm_std::{DepsMut, Env, QuerierWrapper, SubMsg, Uint128};
use gateway_api::events::TickReserved;
use gateway_api::RequestId;

use crate::archway::{estimate_callback_fee, request_callback};
use crate::error::ContractError;
use crate::state::archway::{Archway, TickJob, ARCHWAY};
use crate::state::ledger::Book;
use crate::submessage::{id, Kind};

/// What to offer for a call at a height: the exact fee, or the cap where the chain does not answer contracts.
///
/// # Errors
/// [`ContractError::ReservationFee`]: the exact fee is above the cap.
pub(crate) fn fee(
    querier: QuerierWrapper<'_>,
    height: u64,
    denom: &str,
    cap: Uint128,
) -> Result<Uint128, ContractError> {
    match estimate_callback_fee(querier, height, denom) {
        None => Ok(cap),
        Some(fee) if fee <= cap => Ok(fee),
        Some(fee) => Err(ContractError::ReservationFee { fee, cap }),
    }
}

/// Reserves the tick of the next height, paid from the keepers' pool: at most one a height, and none where the pool or the
/// chain has no place for it. Whoever sends `Tick` does the same.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn tick(
    deps: &mut DepsMut<'_>,
    env: &Env,
    denom: &str,
    cap: Uint128,
    book: &mut Book,
) -> Result<Option<(SubMsg, TickReserved)>, ContractError> {
    let state = ARCHWAY.may_load(deps.storage)?.unwrap_or_default();
    let height = env.block.height.saturating_add(1);
    if state.tick.as_ref().is_some_and(|tick| tick.height >= height) {
        return Ok(None);
    }
    let Ok(fee) = fee(deps.querier, height, denom, cap) else { return Ok(None) };
    if !book.pool_out(fee) {
        return Ok(None);
    }
    let job = state.job.saturating_add(1);
    ARCHWAY.save(deps.storage, &Archway { job, tick: Some(TickJob { job, height, fee }), ..state })?;
    let message = request_callback(env.contract.address.as_str(), job, height, denom, &fee.to_string());
    let message = SubMsg::reply_on_error(message, id(Kind::Tick, RequestId(job)));
    Ok(Some((message, TickReserved { job, height, fee })))
}
