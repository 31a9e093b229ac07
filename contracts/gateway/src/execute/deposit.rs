//! Adds coins to a subscription's balance, whoever sends them.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use gateway_api::SubscriptionId;

use crate::error::ContractError;
use crate::operations::consumers::changed;
use crate::operations::funds;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::subscriptions::{subscription, SUBSCRIPTIONS};

pub(crate) fn deposit(
    deps: DepsMut<'_>,
    info: &MessageInfo,
    id: SubscriptionId,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let amount = funds::sent(info, &settings.denom)?;
    let mut record = subscription(deps.storage, id)?;
    record.balance = record.balance.checked_add(amount)?;
    SUBSCRIPTIONS.save(deps.storage, id.get(), &record)?;
    let mut book = Book::open(deps.storage)?;
    book.subscription_in(amount)?;
    book.close(deps.storage)?;
    Ok(Response::new().add_event(changed(id, &record)))
}
