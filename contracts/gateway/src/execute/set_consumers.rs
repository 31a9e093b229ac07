//! Replaces the consumers of a subscription.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::{SubscriptionConsumer, SubscriptionId};

use crate::error::ContractError;
use crate::operations::consumers;
use crate::state::subscriptions::{subscription, SUBSCRIPTIONS};

pub(crate) fn set_consumers(
    deps: DepsMut<'_>,
    id: SubscriptionId,
    named: Vec<SubscriptionConsumer>,
) -> Result<Response, ContractError> {
    let mut record = subscription(deps.storage, id)?;
    record.consumers = consumers::read(deps.api, named)?;
    SUBSCRIPTIONS.save(deps.storage, id.get(), &record)?;
    Ok(Response::new().add_event(consumers::changed(id, &record)))
}
