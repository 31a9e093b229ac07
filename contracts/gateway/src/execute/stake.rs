//! Moves a node's stake: more of it, less of it, and out. What leaves can be slashed until it is gone.

use cosmwasm_std::{coins, BankMsg, DepsMut, Env, MessageInfo, Response, Storage, Uint128};
use gateway_api::events::{StakeChanged, StakeWithdrawn};
use gateway_api::{limits, NodeId, Settings, Unbonding, UnitsFrom};

use super::funds;
use crate::error::ContractError;
use crate::state::counter::COUNTER;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::nodes::{node as load, reschedule, units_of, Node, NODES};
use crate::state::requests::{drawn_before_is_over, oldest_epoch};

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

pub(crate) fn increase(deps: DepsMut<'_>, info: &MessageInfo, id: NodeId) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let amount = funds::sent(info, &settings.denom)?;
    if amount.is_zero() {
        let (sent, needed) = (amount, Uint128::one());
        return Err(ContractError::InsufficientFunds { sent, needed, denom: settings.denom });
    }
    let mut node = load(deps.storage, id)?;
    node.stake = node.stake.checked_add(amount)?;
    let event = follow_stake(deps.storage, &settings, id, &mut node)?;
    if event.units == 0 && node.jailed_until.is_none() {
        return Err(ContractError::StakeBelowUnit { unit: settings.stake_unit });
    }
    NODES.save(deps.storage, id.get(), &node)?;
    let mut book = Book::open(deps.storage)?;
    book.stake_in(amount)?;
    book.close(deps.storage)?;
    Ok(Response::new().add_event(event))
}

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

pub(crate) fn withdraw(
    deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    id: NodeId,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let mut node = load(deps.storage, id)?;
    let mut amount = Uint128::zero();
    let mut kept = Vec::with_capacity(node.unbonding.len());
    for entry in std::mem::take(&mut node.unbonding) {
        // The release leaves time for evidence; the deadlines, for results of requests that drew what leaves.
        let height = env.block.height;
        if height >= entry.release && drawn_before_is_over(deps.storage, entry.last_epoch.next(), height)? {
            amount = amount.checked_add(entry.amount)?;
        } else {
            kept.push(entry);
        }
    }
    if amount.is_zero() {
        return Err(ContractError::NothingReleased {});
    }
    node.unbonding = kept;
    NODES.save(deps.storage, id.get(), &node)?;
    let mut book = Book::open(deps.storage)?;
    book.stake_out(amount)?;
    book.close(deps.storage)?;
    let to_address = info.sender.into_string();
    Ok(Response::new()
        .add_event(StakeWithdrawn { node: id, amount })
        .add_message(BankMsg::Send { to_address, amount: coins(amount.u128(), settings.denom) }))
}
