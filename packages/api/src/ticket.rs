//! A node's beacon ticket on its way to a relay, which may show it to the contract for the node.

use crate::{Epoch, NodeId};
use cosmwasm_schema::cw_serde;
use cosmwasm_std::Binary;

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
