//! Begins a subscription: a balance out of which its consumers ask without sending funds along.

use cosmwasm_std::{to_json_binary, DepsMut, MessageInfo, Response};
use gateway_api::SubscriptionConsumer;

use crate::error::ContractError;
use crate::operations::consumers;
use crate::operations::funds;
use crate::state::governance::current_settings;
use crate::state::ledger::Book;
use crate::state::subscriptions::{next_id, Subscription, SUBSCRIPTIONS};

pub(crate) fn subscribe(
    deps: DepsMut<'_>,
    info: MessageInfo,
    consumers: Vec<SubscriptionConsumer>,
) -> Result<Response, ContractError> {
    let (_, settings) = current_settings(deps.storage)?;
    let balance = funds::sent(&info, &settings.denom)?;
    let consumers = consumers::read(deps.api, consumers)?;
    let id = next_id(deps.storage)?;
    let record = Subscription { owner: info.sender, balance, consumers };
    SUBSCRIPTIONS.save(deps.storage, id.get(), &record)?;
    let mut book = Book::open(deps.storage)?;
    book.subscription_in(balance)?;
    book.close(deps.storage)?;
    Ok(Response::new().add_event(consumers::changed(id, &record)).set_data(to_json_binary(&id)?))
}
