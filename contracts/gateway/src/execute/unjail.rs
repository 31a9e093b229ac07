//! Ends a node's jail, where its time is over and its stake still makes a unit.

use cosmwasm_std::{DepsMut, Env, Response};
use gateway_api::events::NodeUnjailed;
use gateway_api::NodeId;

use crate::error::ContractError;
use crate::operations::stake;
use crate::state::governance::current_settings;
use crate::state::nodes::{node as load, NODES};

pub(crate) fn unjail(deps: DepsMut<'_>, env: &Env, id: NodeId) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let mut node = load(deps.storage, id)?;
    let until = node.jailed_until.ok_or(ContractError::NotJailed {})?;
    if env.block.height < until {
        return Err(ContractError::Jailed { until });
    }
    // Units of the epochs it was jailed in do not come back with it: its schedule holds none since then.
    node.jailed_until = None;
    let event = stake::follow_stake(deps.storage, &settings, id, &mut node)?;
    if event.units == 0 {
        return Err(ContractError::StakeBelowUnit { unit: settings.stake_unit });
    }
    NODES.save(deps.storage, id.get(), &node)?;
    Ok(Response::new().add_event(NodeUnjailed { node: id, from_epoch: event.from_epoch }))
}
