//! Queries of fees, rewards and the ledger.

use cosmwasm_std::{Deps, Storage};
use gateway_api::{
    CallbackRequest, FeeResponse, LedgerResponse, Overrides, ProjectId, RewardsResponse,
    SubscriptionConsumer, SubscriptionId, SubscriptionResponse,
};

use crate::error::ContractError;
use crate::operations::fee::{terms, Terms};
use crate::state::governance::current_settings;
use crate::state::ledger::{claimable, totals};
use crate::state::projects;
use crate::state::subscriptions::{subscription as load_subscription, Subscription};

pub(super) fn estimate(
    storage: &dyn Storage,
    height: u64,
    project: ProjectId,
    overrides: Option<Overrides>,
    callback: Option<CallbackRequest>,
) -> Result<FeeResponse, ContractError> {
    let (_, settings) = current_settings(storage)?;
    let version = projects::project(storage, project)?.active_at(height);
    let policy = projects::version(storage, project, version)?.policy;
    let Terms { charge, keepers, .. } = terms(&settings, policy, overrides, callback.as_ref())?;
    Ok(FeeResponse {
        denom: settings.denom,
        total: charge.sent.checked_add(keepers)?,
        committee: charge.committee,
        relay: charge.relay,
        keepers,
        project: charge.project,
    })
}

pub(super) fn rewards(deps: Deps<'_>, address: &str) -> Result<RewardsResponse, ContractError> {
    let address = deps.api.addr_validate(address)?;
    Ok(RewardsResponse { amount: claimable(deps.storage, &address)? })
}

pub(super) fn ledger(storage: &dyn Storage) -> Result<LedgerResponse, ContractError> {
    let (_, settings) = current_settings(storage)?;
    let totals = totals(storage)?;
    Ok(LedgerResponse {
        denom: settings.denom,
        stake: totals.stake,
        reserved: totals.reserved,
        claimable: totals.claimable,
        pool: totals.pool.unwrap_or_default(),
        subscriptions: totals.subscriptions.unwrap_or_default(),
        schedules: totals.schedules.unwrap_or_default(),
    })
}

pub(super) fn subscription(
    storage: &dyn Storage,
    id: SubscriptionId,
) -> Result<SubscriptionResponse, ContractError> {
    let Subscription { owner, balance, consumers } = load_subscription(storage, id)?;
    let consumers = consumers.into_iter().map(|consumer| SubscriptionConsumer {
        address: consumer.address.into_string(),
        projects: consumer.projects,
        max_fee: consumer.max_fee,
        allowance: consumer.allowance,
    });
    Ok(SubscriptionResponse {
        subscription: id,
        owner: owner.into_string(),
        balance,
        consumers: consumers.collect(),
    })
}
