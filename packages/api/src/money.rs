//! Fees, rewards and the ledger, as the contract's queries answer.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

/// What a request is charged.
#[cw_serde]
pub struct FeeResponse {
    /// The denom.
    pub denom: String,
    /// Everything together.
    pub total: Uint128,
    /// For the committee's seats; what is unused comes back.
    pub committee: Uint128,
    /// For the publisher.
    pub relay: Uint128,
    /// For the keepers' pool; never comes back.
    pub keepers: Uint128,
    /// For the project's owner.
    pub project: Uint128,
}

/// What an address may claim.
#[cw_serde]
pub struct RewardsResponse {
    /// Coins.
    pub amount: Uint128,
}

/// What the contract holds and for whom.
#[cw_serde]
pub struct LedgerResponse {
    /// The denom.
    pub denom: String,
    /// Nodes' stake.
    pub stake: Uint128,
    /// Fees reserved for open requests.
    pub reserved: Uint128,
    /// Rewards and refunds waiting to be claimed.
    pub claimable: Uint128,
    /// For keepers' bounties.
    pub pool: Uint128,
    /// Subscriptions' balances.
    pub subscriptions: Uint128,
    /// Schedules' budgets.
    #[serde(default)]
    pub schedules: Uint128,
}
