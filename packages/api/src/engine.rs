//! Engines as the contract knows them: their ids, from which epoch each one's outcomes count, and how much stake can run it.

use cosmwasm_schema::cw_serde;

use crate::{EngineId, EngineProfile, Epoch};

/// An engine by its ids, one a profile. A worker's build has both.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct EngineRelease {
    /// The id in the profile `jitless`, which a node registers and declares.
    pub jitless: EngineId,
    /// The id in the profile `jit`.
    pub jit: EngineId,
}

impl EngineRelease {
    /// Returns its id in a profile.
    #[must_use]
    pub const fn of(&self, profile: EngineProfile) -> EngineId {
        match profile {
            EngineProfile::Jitless => self.jitless,
            EngineProfile::Jit => self.jit,
        }
    }
}

/// From an epoch on, requests that it draws are attested with this engine.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct EngineFrom {
    /// First epoch.
    pub epoch: Epoch,
    /// The engine.
    pub engine: EngineRelease,
}

/// An engine that has been announced.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct NextEngine {
    /// The engine.
    pub engine: EngineRelease,
    /// First epoch; it moves to the next one where too little stake can run the engine when it comes.
    pub from_epoch: Epoch,
    /// Units that must be declared able to run it when the epoch begins, in basis points of all that draw, at most 10000.
    pub min_ready_bps: u16,
}

/// Which engine requests are attested with.
#[cw_serde]
pub struct EnginesResponse {
    /// The current epoch.
    pub epoch: Epoch,
    /// The engine of the requests that it draws; any engine's outcomes count where absent.
    pub engine: Option<EngineRelease>,
    /// The first epoch of that engine.
    pub since_epoch: Option<Epoch>,
    /// The engine that has been announced.
    pub next_engine: Option<EngineRelease>,
    /// The first epoch of the one announced.
    pub from_epoch: Option<Epoch>,
    /// Basis points of all units that must be ready for it by then.
    pub min_ready_bps: Option<u16>,
    /// Units of nodes that are declared able to run the current engine.
    pub able_units: u64,
    /// Units of nodes that are declared able to run the one announced.
    pub ready_units: u64,
    /// All units of the current epoch.
    pub total_units: u64,
}
