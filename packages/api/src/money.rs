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

impl LedgerResponse {
    /// Everything that the contract holds for somebody.
    #[must_use]
    pub fn owed(&self) -> u128 {
        // Named one by one, so that what is added to the ledger is not forgotten here.
        let Self { denom: _, stake, reserved, claimable, pool, subscriptions, schedules } = self;
        let parts = [stake, reserved, claimable, pool, subscriptions, schedules];
        parts.iter().fold(0, |sum, part| sum.saturating_add(part.u128()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_in_the_ledger_is_owed() {
        let ledger = LedgerResponse {
            denom: "aarch".to_owned(),
            stake: 1_u128.into(),
            reserved: 20_u128.into(),
            claimable: 300_u128.into(),
            pool: 4_000_u128.into(),
            subscriptions: 50_000_u128.into(),
            schedules: 600_000_u128.into(),
        };
        assert_eq!(ledger.owed(), 654_321);
    }
}
