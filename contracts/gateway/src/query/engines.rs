//! Answers which engine applies, which one is announced, and how many units can run them.

use cosmwasm_std::Storage;
use gateway_api::EnginesResponse;

use crate::error::ContractError;
use crate::state::counter::COUNTER;
use crate::state::engines::{plan, units};

pub(super) fn engines(storage: &dyn Storage) -> Result<EnginesResponse, ContractError> {
    let (plan, counter) = (plan(storage)?, COUNTER.load(storage)?);
    let current = plan.since.last();
    Ok(EnginesResponse {
        epoch: counter.epoch,
        engine: current.map(|from| from.engine),
        since_epoch: current.map(|from| from.epoch),
        next_engine: plan.next.map(|next| next.engine),
        from_epoch: plan.next.map(|next| next.from_epoch),
        min_ready_bps: plan.next.map(|next| next.min_ready_bps),
        able_units: current.map_or(Ok(0), |from| units(storage, from.engine.jitless))?,
        ready_units: plan.next.map_or(Ok(0), |next| units(storage, next.engine.jitless))?,
        total_units: counter.units,
    })
}
