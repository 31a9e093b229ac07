//! Announces the engine of the coming epochs, or takes it back. One that has begun to apply is replaced by announcing another.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::{EngineAnnounced, EngineWithdrawn};
use gateway_api::{limits, EngineRelease, Epoch, NextEngine};

use crate::error::ContractError;
use crate::state::counter::COUNTER;
use crate::state::engines::{plan, save_plan};

pub(crate) fn announce_engine(
    deps: DepsMut<'_>,
    engine: EngineRelease,
    from_epoch: Epoch,
    min_ready_bps: u16,
) -> Result<Response, ContractError> {
    let now = COUNTER.load(deps.storage)?.epoch.get();
    let mut plan = plan(deps.storage)?;
    let (first, last) = (limits::ACTIVATION_EPOCHS, limits::MAX_ENGINE_EPOCHS);
    let within = now.saturating_add(first)..=now.saturating_add(last);
    let checks = [
        (within.contains(&from_epoch.get()), "from_epoch takes an epoch 2 to 1000 after the current one"),
        (min_ready_bps <= limits::BPS, "min_ready_bps takes at most 10000"),
        (engine.jitless != engine.jit, "the ids of an engine's profiles differ"),
        (
            plan.since.last().is_none_or(|current| current.engine != engine),
            "the engine is the current one; withdraw_engine takes back what is announced",
        ),
    ];
    if let Some((_, fault)) = checks.into_iter().find(|(good, _)| !good) {
        return Err(ContractError::InvalidEngine { fault });
    }
    plan.next = Some(NextEngine { engine, from_epoch, min_ready_bps });
    save_plan(deps.storage, &plan)?;
    let (jitless, jit) = (engine.jitless, engine.jit);
    let min_ready_bps = min_ready_bps.into();
    Ok(Response::new().add_event(EngineAnnounced { jitless, jit, from_epoch, min_ready_bps }))
}

pub(crate) fn withdraw_engine(deps: DepsMut<'_>) -> Result<Response, ContractError> {
    let mut plan = plan(deps.storage)?;
    let next = plan.next.take().ok_or(ContractError::InvalidEngine { fault: "no engine is announced" })?;
    save_plan(deps.storage, &plan)?;
    Ok(Response::new().add_event(EngineWithdrawn { jitless: next.engine.jitless }))
}
