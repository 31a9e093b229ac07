//! The engines of the coming and the passed epochs, and how many units are declared able to run each. Units are kept by
//! differences: a node's declaration and every change of its stake move them, and nothing ever walks over the nodes.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Storage;
use gateway_api::{EngineFrom, EngineId, NextEngine};

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};

/// Which engine applies when.
#[cw_serde]
#[derive(Default)]
pub(crate) struct EnginePlan {
    /// The engines that have applied, the newest last. Those that no open request can have been drawn under are forgotten.
    pub(crate) since: Vec<EngineFrom>,
    /// The one that has been announced.
    pub(crate) next: Option<NextEngine>,
}

impl Record for EnginePlan {}

const PLAN: Item<EnginePlan> = Item::new("engines");
/// Units that the nodes which declare an engine will hold when all that is under way has taken effect, by its `jitless` id.
const UNITS: Map<&[u8], u64> = Map::new("engine_units");

/// The plan; empty where nothing was ever announced.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn plan(storage: &dyn Storage) -> Result<EnginePlan, ContractError> {
    Ok(PLAN.may_load(storage)?.unwrap_or_default())
}

/// Saves the plan.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn save_plan(storage: &mut dyn Storage, plan: &EnginePlan) -> Result<(), ContractError> {
    PLAN.save(storage, plan)
}

/// Units declared able to run an engine.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn units(storage: &dyn Storage, engine: EngineId) -> Result<u64, ContractError> {
    Ok(UNITS.may_load(storage, engine.as_bytes())?.unwrap_or_default())
}

/// Moves the units of engines that a node declares from what it held to what it will hold.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails, [`ContractError::Overflow`].
pub(crate) fn move_units(
    storage: &mut dyn Storage,
    engines: &[EngineId],
    held: u32,
    holds: u32,
) -> Result<(), ContractError> {
    if held == holds {
        return Ok(());
    }
    for engine in engines {
        let others = units(storage, *engine)?.checked_sub(held.into()).ok_or(ContractError::Overflow {})?;
        let sum = others.checked_add(holds.into()).ok_or(ContractError::Overflow {})?;
        // Whoever declares one engine after the other leaves nothing behind.
        match sum {
            0 => UNITS.remove(storage, engine.as_bytes()),
            _ => UNITS.save(storage, engine.as_bytes(), &sum)?,
        }
    }
    Ok(())
}
