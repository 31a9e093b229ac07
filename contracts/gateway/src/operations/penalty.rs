//! What a penalty takes from a node, and where it goes: a share to who reported the fault, the rest to the treasury. Whoever
//! reports its own node earns nothing by it.

use cosmwasm_std::{Addr, BankMsg, Storage, Uint128};
use gateway_api::Settings;

use super::treasury::{self, part};
use crate::error::ContractError;
use crate::state::ledger::Book;
use crate::state::nodes::Node;

/// Takes a share of everything a node has here, of what is on its way out too.
pub(crate) fn take_share(node: &mut Node, bps: u16) -> Result<Uint128, ContractError> {
    let before = node.bonded()?;
    node.stake = node.stake.checked_sub(part(node.stake, bps)?)?;
    for entry in &mut node.unbonding {
        entry.amount = entry.amount.checked_sub(part(entry.amount, bps)?)?;
    }
    node.unbonding.retain(|entry| !entry.amount.is_zero());
    Ok(before.checked_sub(node.bonded()?)?)
}

/// Takes an amount, or what there is: of the stake first, then of what is on its way out.
pub(crate) fn take_amount(node: &mut Node, amount: Uint128) -> Result<Uint128, ContractError> {
    let mut left = amount;
    let on_its_way = node.unbonding.iter_mut().map(|entry| &mut entry.amount);
    for part in std::iter::once(&mut node.stake).chain(on_its_way) {
        let taken = left.min(*part);
        *part = part.checked_sub(taken)?;
        left = left.checked_sub(taken)?;
    }
    node.unbonding.retain(|entry| !entry.amount.is_zero());
    Ok(amount.checked_sub(left)?)
}

/// Who reported a fault, and the share that is due for it.
pub(crate) struct Reporter<'a> {
    /// Its address.
    pub(crate) address: &'a Addr,
    /// Its share, basis points.
    pub(crate) bps: u16,
}

/// Gives away what was taken of a node's stake.
pub(crate) fn give_away(
    storage: &mut dyn Storage,
    settings: &Settings,
    node: &Node,
    amount: Uint128,
    reporter: Reporter<'_>,
) -> Result<Option<BankMsg>, ContractError> {
    let mut book = Book::open(storage)?;
    book.stake_out(amount)?;
    let own = node.is_own(reporter.address);
    let reward = part(amount, if own { 0 } else { reporter.bps })?;
    book.credit(reporter.address, reward)?;
    let rest = amount.checked_sub(reward)?;
    let burned = treasury::give(&mut book, settings.treasury.as_deref(), rest, &settings.denom)?;
    book.close(storage)?;
    Ok(burned)
}
