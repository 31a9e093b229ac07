//! The contract's settings: what the admin may change, each bounded by a hard cap of [`crate::limits`].

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;
use thiserror::Error;

use crate::{ArchwaySettings, limits};

/// A setting outside its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} takes {bound}")]
pub struct SettingsError {
    /// The field.
    pub field: &'static str,
    /// What it takes.
    pub bound: &'static str,
}

/// What the admin may change. A request keeps the version it was opened with.
#[cw_serde]
#[serde(default)]
pub struct Settings {
    /// The only denom accepted and paid.
    pub denom: String,
    /// Fewest blocks an epoch lasts, 4 to 100000. Default 600.
    pub epoch_blocks: u64,
    /// The chain's usual time between blocks, milliseconds, 100 to 60000: turns wall limits into blocks. Default 6000.
    pub block_time_ms: u32,
    /// Coins in one unit of stake, at least 1.
    pub stake_unit: Uint128,
    /// What one seat earns.
    pub seat_price: Uint128,
    /// What the publisher of a result earns.
    pub relay_price: Uint128,
    /// Blocks from a request to its expiry, 4 to 100000. Default 100.
    pub ttl_blocks: u64,
    /// Largest input of a request, bytes, 1 to 16384. Default 16384.
    pub max_input_bytes: u32,
    /// Largest number of open requests one payer may have, at least 1. Default 1000.
    pub max_open_per_payer: u32,
    /// Largest number of open requests one project may have, at least 1. Default 10000.
    pub max_open_per_project: u32,
    /// Blocks from taking stake out of a node to having it back, at least two epochs and the life of a request, at most
    /// 10000000: as long as that it can be slashed. Default 14400.
    pub unbonding_blocks: u64,
    /// Blocks a slashed node stays jailed, at most 10000000. Default 14400.
    pub jail_blocks: u64,
    /// Share of all its stake that a node loses for two different commitments for one request, basis points, 1 to 10000.
    /// Default 10000.
    pub slash_bps: u16,
    /// Share of what is slashed that goes to who reported it, basis points, at most 5000: never enough to gain by slashing
    /// oneself. Nothing goes to the node's own operator. Default 1000.
    pub reporter_bps: u16,
    /// Share of seats' and publishers' pay that goes to the treasury, basis points, at most 5000. Default 0.
    pub treasury_bps: u16,
    /// Who receives that share and what is slashed; where absent it is burned.
    pub treasury: Option<String>,
    /// Largest result body kept on the chain, bytes, 64 to 65536; one that is larger is published by its hash, one that is
    /// not is published whole. 0 stands for 65536. Default 4096.
    pub max_inline_bytes: u32,
    /// Share of one unit of stake that a node loses for dissent under a policy that is declared deterministic, basis
    /// points, at most 10000. Default 0: dissent costs nothing.
    pub dissent_slash_bps: u16,
    /// Dissents in one epoch that get a node jailed. Default 0: none do.
    pub dissent_jail_after: u32,
    /// Share of the seats to be expected of a node in an epoch below which it may be jailed as silent, basis points, at
    /// most 5000: a relay publishes before slow nodes have attested. Default 0: silence costs nothing and nobody's seats are
    /// counted.
    pub silence_bps: u16,
    /// What the contract does on Archway beyond a plain chain. Default: nothing.
    pub archway: Option<ArchwaySettings>,
    /// What keepers earn, and who pays for it. Default: nothing.
    pub keepers: Option<KeeperSettings>,
    /// What the publisher of a result earns for each 1,000 gas of the callback that it pays for, on top of `relay_price`; comes
    /// back where the request expires. Default: nothing.
    pub callback_gas_price: Option<Uint128>,
    /// What a keeper earns for each schedule that it runs when due, out of the schedule's budget or of the subscription that pays
    /// for it. Default: nothing.
    pub schedule_bounty: Option<Uint128>,
}

/// What keepers earn. Every request pays `price` into a pool when it is opened, which does not come back; the pool pays the
/// bounties, and nothing where it does not hold enough. A sender cannot gain by opening requests and keeping them itself:
/// `price` is at least the sum of the bounties.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct KeeperSettings {
    /// What each request pays into the pool.
    pub price: Uint128,
    /// For a tick that opens a round or an epoch.
    pub tick: Uint128,
    /// For each request that is expired.
    pub expire: Uint128,
    /// For the first delivery of a callback that is due.
    pub callback: Uint128,
    /// Share of the rewards withdrawn on Archway that goes to the pool, basis points; the rest goes to the treasury.
    pub rewards_bps: u16,
}

impl KeeperSettings {
    /// Whether every part is within its bounds.
    fn are_valid(&self, price_cap: u128) -> bool {
        let bounties = [self.tick, self.expire, self.callback];
        let sum = bounties.iter().try_fold(Uint128::zero(), |sum, bounty| sum.checked_add(*bounty));
        self.price.u128() <= price_cap
            && sum.is_ok_and(|sum| sum <= self.price)
            && self.rewards_bps <= limits::BPS
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            denom: "aarch".to_owned(),
            epoch_blocks: 600,
            block_time_ms: 6000,
            stake_unit: Uint128::new(1_000_000_000_000_000_000),
            seat_price: Uint128::new(5_000_000_000_000_000),
            relay_price: Uint128::new(50_000_000_000_000_000),
            ttl_blocks: 100,
            max_input_bytes: limits::MAX_INPUT_BYTES,
            max_open_per_payer: 1000,
            max_open_per_project: 10_000,
            unbonding_blocks: 14_400,
            jail_blocks: 14_400,
            slash_bps: limits::BPS,
            reporter_bps: 1000,
            treasury_bps: 0,
            treasury: None,
            max_inline_bytes: 4096,
            dissent_slash_bps: 0,
            dissent_jail_after: 0,
            silence_bps: 0,
            archway: None,
            keepers: None,
            callback_gas_price: None,
            schedule_bounty: None,
        }
    }
}

impl Settings {
    /// Largest result body kept on the chain, bytes. Settings from before there was a limit kept all that they could.
    #[must_use]
    pub const fn inline_limit(&self) -> u32 {
        if self.max_inline_bytes == 0 { limits::MAX_INLINE_RESULT_BYTES } else { self.max_inline_bytes }
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// [`SettingsError`]: the first field outside its bound.
    pub fn validate(&self) -> Result<(), SettingsError> {
        // Prices are capped so that a committee's price can never overflow.
        const PRICE_CAP: u128 = 1 << 100;
        let price = |p: Uint128| p.u128() <= PRICE_CAP;
        const SPAN_CAP: u64 = 10_000_000;
        let bonded = self.epoch_blocks.saturating_mul(2).saturating_add(self.ttl_blocks);
        let checks: [(bool, &'static str, &'static str); 22] = [
            ((3..=128).contains(&self.denom.len()), "denom", "a denom of 3 to 128 characters"),
            ((4..=100_000).contains(&self.epoch_blocks), "epoch_blocks", "4 to 100000 blocks"),
            ((100..=60_000).contains(&self.block_time_ms), "block_time_ms", "100 to 60000 milliseconds"),
            (!self.stake_unit.is_zero() && price(self.stake_unit), "stake_unit", "1 to 2^100 coins"),
            (price(self.seat_price), "seat_price", "at most 2^100 coins"),
            (price(self.relay_price), "relay_price", "at most 2^100 coins"),
            ((4..=limits::MAX_TTL_BLOCKS).contains(&self.ttl_blocks), "ttl_blocks", "4 to 100000 blocks"),
            (
                (1..=limits::MAX_INPUT_BYTES).contains(&self.max_input_bytes),
                "max_input_bytes",
                "1 to 16384 bytes",
            ),
            (self.max_open_per_payer > 0, "max_open_per_payer", "at least 1"),
            (self.max_open_per_project > 0, "max_open_per_project", "at least 1"),
            (
                (bonded..=SPAN_CAP).contains(&self.unbonding_blocks),
                "unbonding_blocks",
                "at least two epochs and the life of a request, at most 10000000 blocks",
            ),
            (self.jail_blocks <= SPAN_CAP, "jail_blocks", "at most 10000000 blocks"),
            ((1..=limits::BPS).contains(&self.slash_bps), "slash_bps", "1 to 10000"),
            (self.reporter_bps <= 5000, "reporter_bps", "at most 5000"),
            (self.treasury_bps <= 5000, "treasury_bps", "at most 5000"),
            (
                (limits::MIN_INLINE_RESULT_BYTES..=limits::MAX_INLINE_RESULT_BYTES)
                    .contains(&self.inline_limit()),
                "max_inline_bytes",
                "1024 to 65536 bytes",
            ),
            (self.dissent_slash_bps <= limits::BPS, "dissent_slash_bps", "at most 10000"),
            (self.silence_bps <= 5000, "silence_bps", "at most 5000"),
            (
                self.archway.as_ref().is_none_or(|archway| {
                    archway.are_valid()
                        && price(archway.reservation_fee)
                        && archway.tick_fee.is_none_or(price)
                }),
                "archway",
                "sweeps each 1 to 100000 blocks of 1 to 10 requests, for at most 2^100 coins",
            ),
            (
                self.keepers.is_none_or(|keepers| keepers.are_valid(PRICE_CAP)),
                "keepers",
                "a price of at most 2^100 coins, bounties that add up to it or less, and at most 10000 basis points",
            ),
            (
                self.callback_gas_price.is_none_or(|gas| gas.u128() <= PRICE_CAP >> 20),
                "callback_gas_price",
                "at most 2^80 coins",
            ),
            (self.schedule_bounty.is_none_or(price), "schedule_bounty", "at most 2^100 coins"),
        ];
        match checks.into_iter().find(|(good, ..)| !good) {
            Some((_, field, bound)) => Err(SettingsError { field, bound }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_bounds_name_their_field() {
        assert_eq!(Settings::default().validate(), Ok(()));
        let settings = Settings { epoch_blocks: 3, ..Settings::default() };
        assert_eq!(settings.validate().unwrap_err().to_string(), "epoch_blocks takes 4 to 100000 blocks");
    }
}
