//! Events of nodes: their registration, stake, keys and accounts, and what faults cost them.

use cosmwasm_std::Uint128;

use super::definition::events;
use crate::{EngineId, Epoch, NodeId, NodeKey, RequestId};

events! {
    /// A node was registered.
    NodeRegistered = "gateway-node-registered" {
        /// Its id.
        node: NodeId,
        /// Its operator.
        operator: String,
        /// Its VRF key.
        key: NodeKey,
        /// The engine it runs.
        engine: EngineId,
        /// Its units.
        units: u32,
        /// First epoch it draws in.
        from_epoch: Epoch,
    }
    /// A node's stake, and with it its units, changed.
    StakeChanged = "gateway-stake-changed" {
        /// The node.
        node: NodeId,
        /// Coins at stake.
        stake: Uint128,
        /// Its units.
        units: u32,
        /// First epoch it draws with them.
        from_epoch: Epoch,
    }
    /// Unbonded stake was paid out.
    StakeWithdrawn = "gateway-stake-withdrawn" {
        /// The node.
        node: NodeId,
        /// Coins.
        amount: Uint128,
    }
    /// A node has another key.
    KeyRotated = "gateway-key-rotated" {
        /// The node.
        node: NodeId,
        /// The key.
        key: NodeKey,
        /// First epoch it draws in.
        from_epoch: Epoch,
    }
    /// A node changed its engine id, moniker or endpoint.
    NodeUpdated = "gateway-node-updated" {
        /// The node.
        node: NodeId,
        /// The engine it runs.
        engine: EngineId,
    }
    /// Other accounts act or earn for a node.
    NodeAccountsChanged = "gateway-node-accounts-changed" {
        /// The node.
        node: NodeId,
        /// Who earns, or `none` for the operator.
        payout: String,
        /// Who sends for the daemon, or `none`.
        daemon: String,
    }
    /// A node has another operator.
    NodeTransferred = "gateway-node-transferred" {
        /// The node.
        node: NodeId,
        /// Its new operator.
        operator: String,
    }
    /// A node signed two different commitments for one request and was slashed.
    NodeSlashed = "gateway-node-slashed" {
        /// The node.
        node: NodeId,
        /// The request.
        request: RequestId,
        /// Coins it lost.
        amount: Uint128,
        /// Who showed it.
        reporter: String,
    }
    /// A node dissented from the result of a request whose code is declared deterministic.
    NodeDissented = "gateway-node-dissented" {
        /// The node.
        node: NodeId,
        /// The request.
        request: RequestId,
        /// Coins it lost.
        amount: Uint128,
        /// Whether it is jailed for it.
        jailed: bool,
        /// Who showed it.
        reporter: String,
    }
    /// A node was hardly seen in an epoch and was jailed.
    NodeSilent = "gateway-node-silent" {
        /// The node.
        node: NodeId,
        /// The epoch.
        epoch: Epoch,
        /// Its seats that were seen.
        seen: u64,
        /// The seats that were to be expected.
        expected: u64,
        /// The height from which it may be unjailed.
        until: u64,
    }
    /// A jailed node draws again.
    NodeUnjailed = "gateway-node-unjailed" {
        /// The node.
        node: NodeId,
        /// First epoch it draws in.
        from_epoch: Epoch,
    }
}
