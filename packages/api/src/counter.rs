//! Rounds and epochs, and what of them is due, as the contract's queries answer.

use cosmwasm_schema::cw_serde;

use crate::{Epoch, RequestId, Round, RoundBeacon, Seed, SeedQuality};

/// The newest round and epoch.
#[cw_serde]
pub struct CounterResponse {
    /// The newest round.
    pub round: Round,
    /// Its height.
    pub round_height: u64,
    /// The current epoch.
    pub epoch: Epoch,
    /// The height at which it began.
    pub epoch_height: u64,
    /// All active units in it.
    pub total_units: u64,
    /// Whether a request waits for the next round.
    pub request_waiting: bool,
    /// Whether somebody has to tick: one in the next block would open a round or an epoch, and the chain has not reserved its own.
    pub tick_due: bool,
    /// The earliest deadline of an open request; it may be expired above that height.
    pub next_deadline: Option<u64>,
    /// The first request whose callback is due.
    #[serde(default)]
    pub due_callback: Option<RequestId>,
    /// The height of the earliest firing of a schedule; it may be run from then on.
    #[serde(default)]
    pub next_firing: Option<u64>,
}

/// A round.
#[cw_serde]
pub struct RoundResponse {
    /// The round.
    pub round: Round,
    /// Its seed.
    pub seed: Seed,
    /// The height at which it opened.
    pub height: u64,
    /// The block time, nanoseconds since 1970.
    pub time_ns: u64,
    /// The epoch it belongs to.
    pub epoch: Epoch,
    /// Its tickets, where it draws requests of the class `beacon`.
    #[serde(default)]
    pub beacon: Option<RoundBeacon>,
}

/// An epoch.
#[cw_serde]
pub struct EpochResponse {
    /// The epoch.
    pub epoch: Epoch,
    /// Its seed.
    pub seed: Seed,
    /// The height at which it began.
    pub height: u64,
    /// All active units in it.
    pub total_units: u64,
    /// Operators that hold them.
    pub operators: u32,
    /// Whether its seed came from a ticket.
    pub quality: SeedQuality,
}
