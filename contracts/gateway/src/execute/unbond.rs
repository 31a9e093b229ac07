//! Takes stake of a node on its way out. It can be slashed until it is withdrawn.

use cosmwasm_std::{DepsMut, Env, Response, Uint128};
use gateway_api::{limits, NodeId, Unbonding};

use crate::error::ContractError;
use crate::operations::stake::follow_stake;
use crate::state::counter::COUNTER;
use crate::state::governance::current_settings;
use crate::state::nodes::{node as load, units_of, NODES};

pub(crate) fn unbond(
    deps: DepsMut<'_>,
    env: &Env,
    id: NodeId,
    amount: Option<Uint128>,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let mut node = load(deps.storage, id)?;
    let stake = node.stake;
    let amount = amount.unwrap_or(stake);
    if amount.is_zero() || amount > stake {
        return Err(ContractError::NotThatMuchStake { stake });
    }
    let max = limits::MAX_UNBONDINGS;
    if node.unbonding.len() >= max {
        return Err(ContractError::TooManyUnbondings { max });
    }
    node.stake = stake.checked_sub(amount)?;
    if !node.stake.is_zero() && units_of(node.stake, settings.stake_unit) == 0 {
        return Err(ContractError::StakeBelowUnit { unit: settings.stake_unit });
    }
    let release = env.block.height.saturating_add(settings.unbonding_blocks);
    let last_epoch = COUNTER.load(deps.storage)?.epoch;
    node.unbonding.push(Unbonding { amount, release, last_epoch });
    let event = follow_stake(deps.storage, &settings, id, &mut node)?;
    NODES.save(deps.storage, id.get(), &node)?;
    Ok(Response::new().add_event(event))
}
