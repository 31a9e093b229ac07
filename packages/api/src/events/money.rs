//! Events of subscriptions, bounties, rewards and coins that leave the contract.

use cosmwasm_std::Uint128;

use super::definition::events;
use crate::SubscriptionId;

events! {
    /// A subscription began, or its balance or consumers changed.
    SubscriptionChanged = "gateway-subscription-changed" {
        /// Its id.
        subscription: SubscriptionId,
        /// Its owner.
        owner: String,
        /// Its balance.
        balance: Uint128,
    }
    /// A keeper earned a bounty.
    BountyPaid = "gateway-bounty-paid" {
        /// Who may claim it.
        address: String,
        /// Coins.
        amount: Uint128,
    }
    /// Rewards were claimed.
    RewardsClaimed = "gateway-rewards-claimed" {
        /// By whom.
        address: String,
        /// Coins.
        amount: Uint128,
    }
    /// The chain's rewards were given to the treasury.
    RewardsWithdrawn = "gateway-rewards-withdrawn" {
        /// Coins.
        amount: Uint128,
    }
    /// Coins of another denom were sent away.
    CoinsRecovered = "gateway-coins-recovered" {
        /// Their denom.
        denom: String,
        /// Who received them.
        to: String,
        /// Coins.
        amount: Uint128,
    }
}
