//! Events of rounds, epochs and their tickets.

use super::definition::events;
use crate::{Epoch, NodeId, Round, Seed};

events! {
    /// A round opened: requests accepted at lower heights that no round has drawn are drawn by it.
    RoundOpened = "gateway-round-opened" {
        /// The round.
        round: Round,
        /// Its seed.
        seed: Seed,
        /// Its epoch.
        epoch: Epoch,
        /// Its height.
        height: u64,
        /// Whether it draws requests of the class `beacon`: nodes show their tickets.
        beacon: bool,
    }
    /// A node's ticket is among the lowest of its round so far.
    RoundTicketAccepted = "gateway-round-ticket-accepted" {
        /// The round.
        round: Round,
        /// The node.
        node: NodeId,
    }
    /// An epoch began.
    EpochOpened = "gateway-epoch-opened" {
        /// The epoch.
        epoch: Epoch,
        /// Its seed.
        seed: Seed,
        /// All active units in it.
        total_units: u64,
    }
    /// A ticket is the lowest of its epoch so far.
    TicketAccepted = "gateway-ticket-accepted" {
        /// The epoch.
        epoch: Epoch,
        /// The node.
        node: NodeId,
    }
}
