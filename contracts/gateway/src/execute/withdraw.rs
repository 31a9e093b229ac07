//! Pays the owner of a subscription out of its balance. What open requests have taken is not in it, and comes back to it.

use cosmwasm_std::{coins, BankMsg, DepsMut, Response, Uint128};
use gateway_api::SubscriptionId;

use crate::error::ContractError;
use crate::operations::consumers::changed;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::subscriptions::{subscription, SUBSCRIPTIONS};

pub(crate) fn withdraw(
    deps: DepsMut<'_>,
    id: SubscriptionId,
    amount: Option<Uint128>,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let mut record = subscription(deps.storage, id)?;
    let balance = record.balance;
    let amount = amount.unwrap_or(balance);
    if amount.is_zero() || amount > balance {
        return Err(ContractError::BalanceTooLow { balance });
    }
    record.balance = balance.checked_sub(amount)?;
    SUBSCRIPTIONS.save(deps.storage, id.get(), &record)?;
    let mut book = Book::open(deps.storage)?;
    book.subscription_out(amount)?;
    book.close(deps.storage)?;
    let to_address = record.owner.to_string();
    Ok(Response::new()
        .add_event(changed(id, &record))
        .add_message(BankMsg::Send { to_address, amount: coins(amount.u128(), settings.denom) }))
}
