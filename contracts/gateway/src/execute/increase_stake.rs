//! Adds to a node's stake. Its new units count from the epoch after the next one on.

use cosmwasm_std::{DepsMut, MessageInfo, Response, Uint128};
use gateway_api::NodeId;

use crate::error::ContractError;
use crate::operations::funds;
use crate::operations::stake::follow_stake;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::nodes::{node as load, NODES};

pub(crate) fn increase_stake(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    id: NodeId,
) -> Result<Response, ContractError> {
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
