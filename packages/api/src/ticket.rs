//! The beacon: tickets of nodes, the lowest of an epoch, and the tickets of rounds that draw by them.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Binary;

use crate::{Epoch, NodeId, Seed, VrfOutput};

/// What a node that has no account of its own sends to relays: its ticket for the current epoch.
#[cw_serde]
pub struct SignedTicket {
    /// The epoch whose seed it was drawn on.
    pub epoch: Epoch,
    /// The node.
    pub node: NodeId,
    /// The 160 bytes of [`crate::AttestationBytes`] over the beacon's draw.
    pub proof: Binary,
}

/// A node's ticket for a round: the VRF under the round's seed, by which tickets are compared and the draw's seed is made.
#[cw_serde]
pub struct NodeTicket {
    /// The node.
    pub node: NodeId,
    /// The 160 bytes of [`crate::AttestationBytes`] over the beacon's draw with the round's seed.
    pub proof: Binary,
}

/// The tickets of a round that draws requests of the class `beacon`.
#[cw_serde]
pub struct RoundBeacon {
    /// The lowest tickets so far, one of each operator, in ascending order.
    pub lowest: Vec<Ticket>,
    /// Tickets that make the seed without a fallback: seven, or one of each active operator where there are fewer.
    pub needed: u32,
    /// The height from which the draw stands; absent while tickets may still change it.
    pub drawn_from: Option<u64>,
    /// Whether too few tickets came: the draw resists a block proposer less.
    pub fallback: bool,
}

/// The beacon of the current epoch.
#[cw_serde]
pub struct BeaconResponse {
    /// The epoch.
    pub epoch: Epoch,
    /// Its seed: what tickets are drawn on.
    pub seed: Seed,
    /// The lowest ticket so far.
    pub lowest: Option<Ticket>,
    /// Whether the epoch's own seed came from a ticket; without one it was foreseeable.
    pub quality: SeedQuality,
}

/// Where an epoch's seed came from.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum SeedQuality {
    /// From a ticket of a node.
    Beacon,
    /// From nothing but the seed before it.
    Low,
}

/// The lowest ticket of an epoch.
#[cw_serde]
pub struct Ticket {
    /// Whose it is.
    pub node: NodeId,
    /// The VRF output it came from.
    pub output: VrfOutput,
    /// What is compared, 64 hexadecimal digits: the lowest of the hashes of the output with each of the node's units.
    pub value: Seed,
}
