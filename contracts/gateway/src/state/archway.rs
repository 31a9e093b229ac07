//! How the contract stands with Archway's own modules.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Uint128;

use crate::state::codec::{Item, Record};

/// The sweep, and a withdrawal of rewards while it is under way.
#[cw_serde]
#[derive(Default)]
pub(crate) struct Archway {
    /// The newest job.
    pub(crate) job: u64,
    /// The height that the sweep is reserved for; none once it has stopped.
    pub(crate) height: Option<u64>,
    /// The newest thing that went wrong.
    pub(crate) stopped: Option<String>,
    /// What the contract held before the chain paid rewards. Never seen between transactions.
    pub(crate) held_before: Option<Uint128>,
    /// The newest reservation of a tick.
    pub(crate) tick: Option<TickJob>,
    /// The newest job of the sweep; the newest of all jobs in records of older releases.
    pub(crate) sweep: Option<u64>,
}

impl Archway {
    /// The newest job of the sweep.
    pub(crate) fn sweep_job(&self) -> u64 {
        self.sweep.unwrap_or(self.job)
    }
}

/// A reserved tick.
#[cw_serde]
pub(crate) struct TickJob {
    /// The job.
    pub(crate) job: u64,
    /// The height it is reserved for.
    pub(crate) height: u64,
    /// What it cost the keepers' pool.
    pub(crate) fee: Uint128,
}

impl Record for Archway {}

/// The record.
pub(crate) const ARCHWAY: Item<Archway> = Item::new("archway");
