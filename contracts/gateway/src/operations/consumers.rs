//! Reads the consumers that an owner names for a subscription.

use cosmwasm_std::Api;
use gateway_api::events::SubscriptionChanged;
use gateway_api::{limits, SubscriptionConsumer, SubscriptionId};

use crate::error::ContractError;
use crate::state::subscriptions::{Consumer, Subscription};

/// Checks their number and their addresses; each address once.
///
/// # Errors
/// [`ContractError::Consumers`], or an address is not valid.
pub(crate) fn read(
    api: &dyn Api,
    consumers: Vec<SubscriptionConsumer>,
) -> Result<Vec<Consumer>, ContractError> {
    let (max, projects) = (limits::MAX_CONSUMERS, limits::MAX_CONSUMER_PROJECTS);
    let bounds = || ContractError::Consumers { max, projects };
    if consumers.len() > max {
        return Err(bounds());
    }
    let mut read: Vec<Consumer> = Vec::with_capacity(consumers.len());
    for SubscriptionConsumer { address, projects: named, max_fee, allowance } in consumers {
        let address = api.addr_validate(&address)?;
        if named.len() > projects || read.iter().any(|known| known.address == address) {
            return Err(bounds());
        }
        read.push(Consumer { address, projects: named, max_fee, allowance });
    }
    Ok(read)
}

/// What indexers follow a subscription by.
pub(crate) fn changed(subscription: SubscriptionId, record: &Subscription) -> SubscriptionChanged {
    SubscriptionChanged { subscription, owner: record.owner.to_string(), balance: record.balance }
}
