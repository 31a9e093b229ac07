//! Pays out a node's stake that has been on its way out for long enough.

use cosmwasm_std::{coins, BankMsg, DepsMut, Env, MessageInfo, Response, Uint128};
use gateway_api::events::StakeWithdrawn;
use gateway_api::NodeId;

use crate::error::ContractError;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::nodes::{node as load, NODES};
use crate::state::requests::drawn_before_is_over;

pub(crate) fn withdraw_stake(
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
