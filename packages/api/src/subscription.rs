//! Subscriptions: balances out of which contracts and people ask without sending funds along.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::{ProjectId, SubscriptionId};

/// Who may ask at a subscription's cost, and within which limits.
#[cw_serde]
pub struct SubscriptionConsumer {
    /// The requester.
    pub address: String,
    /// The projects that it may ask, at most 16; any where there are none.
    pub projects: Vec<ProjectId>,
    /// Most that one request may cost; no limit where absent.
    pub max_fee: Option<Uint128>,
    /// Most that it may have taken out of the balance altogether, less what came back; no limit where absent.
    pub allowance: Option<Uint128>,
}

/// A subscription.
#[cw_serde]
pub struct SubscriptionResponse {
    /// Its id.
    pub subscription: SubscriptionId,
    /// Who may change it and take out what is left.
    pub owner: String,
    /// What is left, in the settings' denom.
    pub balance: Uint128,
    /// Who may ask; each allowance is what is left of it.
    pub consumers: Vec<SubscriptionConsumer>,
}
