//! Changes the engine when its epoch begins, if enough units are ready for it; else it waits for the next epoch.

use cosmwasm_std::{Event, Storage};
use gateway_api::events::{EngineChanged, EnginePostponed};
use gateway_api::{EngineFrom, NextEngine};
use gateway_protocol::is_ready;

use crate::error::ContractError;
use crate::state::counter::Counter;
use crate::state::engines::{plan, save_plan, units};
use crate::state::requests::oldest_epoch;

/// Looks at the plan when an epoch begins; says what became of the engine announced for it.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn change_engine(
    storage: &mut dyn Storage,
    counter: &Counter,
) -> Result<Option<Event>, ContractError> {
    let mut plan = plan(storage)?;
    let epoch = counter.epoch;
    let Some(next) = plan.next.filter(|next| next.from_epoch <= epoch) else { return Ok(None) };
    let NextEngine { engine, min_ready_bps, .. } = next;
    let (ready_units, total_units) = (units(storage, engine.jitless)?, counter.units);
    let event = if is_ready(ready_units, total_units, min_ready_bps) {
        plan.next = None;
        plan.since.push(EngineFrom { epoch, engine });
        let oldest = oldest_epoch(storage)?;
        let holds = plan.since.iter().rposition(|from| from.epoch <= oldest).unwrap_or(0);
        plan.since.drain(..holds);
        let (jitless, jit) = (engine.jitless, engine.jit);
        EngineChanged { epoch, jitless, jit, ready_units, total_units }.into()
    } else {
        let from_epoch = epoch.next();
        plan.next = Some(NextEngine { from_epoch, ..next });
        EnginePostponed { jitless: engine.jitless, from_epoch, ready_units, total_units }.into()
    };
    save_plan(storage, &plan)?;
    Ok(Some(event))
}
