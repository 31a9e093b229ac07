//! Subscriptions: balances, and who may ask out of them.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage, Uint128};
use gateway_api::{ProjectId, SubscriptionId};

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};

/// Who may ask, and within which limits.
#[cw_serde]
pub(crate) struct Consumer {
    /// The requester.
    pub(crate) address: Addr,
    /// The projects that it may ask; any where there are none.
    pub(crate) projects: Vec<ProjectId>,
    /// Most that one request may cost.
    pub(crate) max_fee: Option<Uint128>,
    /// What is left of its allowance.
    pub(crate) allowance: Option<Uint128>,
}

/// A subscription.
#[cw_serde]
pub(crate) struct Subscription {
    /// Who may change it and take out what is left.
    pub(crate) owner: Addr,
    /// What is left.
    pub(crate) balance: Uint128,
    /// Who may ask.
    pub(crate) consumers: Vec<Consumer>,
}

impl Record for Subscription {}

const LAST_SUBSCRIPTION: Item<u64> = Item::new("last_subscription");
/// Subscriptions by id.
pub(crate) const SUBSCRIPTIONS: Map<u64, Subscription> = Map::new("subscriptions");

/// The next subscription's id.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails.
pub(crate) fn next_id(storage: &mut dyn Storage) -> Result<SubscriptionId, ContractError> {
    let id = LAST_SUBSCRIPTION.may_load(storage)?.unwrap_or_default().saturating_add(1);
    LAST_SUBSCRIPTION.save(storage, &id)?;
    Ok(SubscriptionId(id))
}

/// A subscription.
///
/// # Errors
/// [`ContractError::UnknownSubscription`].
pub(crate) fn subscription(
    storage: &dyn Storage,
    subscription: SubscriptionId,
) -> Result<Subscription, ContractError> {
    SUBSCRIPTIONS
        .may_load(storage, subscription.get())?
        .ok_or(ContractError::UnknownSubscription { subscription })
}

impl Subscription {
    /// Takes a request's fee out of the balance, if its requester may spend it on the project.
    ///
    /// # Errors
    /// [`ContractError::NotAConsumer`], [`ContractError::SubscriptionLimit`].
    pub(crate) fn charge(
        &mut self,
        requester: &Addr,
        project: ProjectId,
        fee: Uint128,
    ) -> Result<(), ContractError> {
        let found = self.consumers.iter_mut().find(|consumer| consumer.address == *requester);
        let consumer = found.ok_or(ContractError::NotAConsumer {})?;
        let limit = |limit| Err(ContractError::SubscriptionLimit { limit });
        if !consumer.projects.is_empty() && !consumer.projects.contains(&project) {
            return limit("projects");
        }
        if consumer.max_fee.is_some_and(|max| fee > max) {
            return limit("max_fee");
        }
        let left = match consumer.allowance.map(|left| left.checked_sub(fee)) {
            Some(Err(_)) => return limit("allowance"),
            Some(Ok(left)) => Some(left),
            None => None,
        };
        let Ok(balance) = self.balance.checked_sub(fee) else { return limit("balance") };
        (self.balance, consumer.allowance) = (balance, left);
        Ok(())
    }

    /// Takes back what a request did not use; its requester may spend it again.
    ///
    /// # Errors
    /// [`ContractError::Overflow`].
    pub(crate) fn give_back(&mut self, requester: &Addr, amount: Uint128) -> Result<(), ContractError> {
        self.balance = self.balance.checked_add(amount)?;
        if let Some(consumer) = self.consumers.iter_mut().find(|consumer| consumer.address == *requester) {
            consumer.allowance = consumer.allowance.map(|left| left.saturating_add(amount));
        }
        Ok(())
    }
}
