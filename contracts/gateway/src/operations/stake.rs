//! Makes a node's units follow its stake.

use cosmwasm_std::Storage;
use gateway_api::events::StakeChanged;
use gateway_api::{NodeId, Settings, UnitsFrom};

use crate::error::ContractError;
use crate::state::counter::COUNTER;
use crate::state::nodes::{reschedule, units_of, Node};
use crate::state::requests::oldest_epoch;

/// Sets a node's units by its stake: fewer from the next epoch on, more from the one after. None while it is jailed.
pub(crate) fn follow_stake(
    storage: &mut dyn Storage,
    settings: &Settings,
    id: NodeId,
    node: &mut Node,
) -> Result<StakeChanged, ContractError> {
    let now = COUNTER.load(storage)?.epoch;
    let oldest = oldest_epoch(storage)?;
    let units = if node.jailed_until.is_some() { 0 } else { units_of(node.stake, settings.stake_unit) };
    let next = UnitsFrom::at(&node.schedule, now.next()).min(units);
    reschedule(storage, node, now, oldest, next, units)?;
    let from_epoch = if next == units { now.next() } else { now.next().next() };
    Ok(StakeChanged { node: id, stake: node.stake, units, from_epoch })
}
