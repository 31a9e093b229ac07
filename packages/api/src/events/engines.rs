//! Events of engines: announced, taken back, declared by nodes, changed when an epoch begins.

use super::definition::events;
use crate::{EngineId, Epoch, NodeId};

events! {
    /// A node declares other engines.
    EnginesDeclared = "gateway-engines-declared" {
        /// The node.
        node: NodeId,
        /// The engines' ids in the profile `jitless`, with commas between them, or `none`.
        engines: String,
        /// Units that are counted for each.
        units: u32,
    }
    /// An engine was announced.
    EngineAnnounced = "gateway-engine-announced" {
        /// Its id in the profile `jitless`.
        jitless: EngineId,
        /// Its id in the profile `jit`.
        jit: EngineId,
        /// Its first epoch, if enough units are ready by then.
        from_epoch: Epoch,
        /// Units that must be ready, basis points.
        min_ready_bps: u32,
    }
    /// The engine that was announced was taken back.
    EngineWithdrawn = "gateway-engine-withdrawn" {
        /// Its id in the profile `jitless`.
        jitless: EngineId,
    }
    /// Requests that this epoch and those after it draw are attested with another engine.
    EngineChanged = "gateway-engine-changed" {
        /// The epoch.
        epoch: Epoch,
        /// The engine's id in the profile `jitless`.
        jitless: EngineId,
        /// Its id in the profile `jit`.
        jit: EngineId,
        /// Units that were ready for it.
        ready_units: u64,
        /// All units.
        total_units: u64,
    }
    /// Too few units were ready for the engine that was announced: it waits for the next epoch.
    EnginePostponed = "gateway-engine-postponed" {
        /// Its id in the profile `jitless`.
        jitless: EngineId,
        /// The epoch that it waits for.
        from_epoch: Epoch,
        /// Units that were ready for it.
        ready_units: u64,
        /// All units.
        total_units: u64,
    }
}
