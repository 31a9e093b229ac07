//! Nodes: their keys, their stake and the units it gives them epoch by epoch.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Binary, Uint128};

use crate::{Commit, Endpoint, EngineId, Epoch, Moniker, NodeId, NodeKey, RequestId};

/// What a node's operator registers; the funds sent along are the stake, the sender is the operator.
#[cw_serde]
pub struct RegisterNode {
    /// The VRF key.
    pub key: NodeKey,
    /// A schnorrkel signature by the key over the possession preimage (chain, contract, operator, key): 64 bytes.
    pub possession: Binary,
    /// The engine the node runs.
    pub engine: EngineId,
    /// A name for people.
    pub moniker: Moniker,
    /// Where it can be reached, if it wants to be.
    pub endpoint: Endpoint,
}

/// From an epoch on, a node holds so many units.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct UnitsFrom {
    /// First epoch.
    pub epoch: Epoch,
    /// Units, 0 to 64.
    pub units: u32,
}

/// A node.
#[cw_serde]
pub struct NodeResponse {
    /// Its id.
    pub node: NodeId,
    /// Its operator's address.
    pub operator: String,
    /// Its VRF keys, the newest last: one, or two after a rotation.
    pub keys: Vec<KeyFrom>,
    /// The engine it declares to run.
    pub engine: EngineId,
    /// Its name.
    pub moniker: Moniker,
    /// Where it can be reached.
    pub endpoint: Endpoint,
    /// Coins at stake.
    pub stake: Uint128,
    /// Its units, the newest entry last; an epoch before the first entry has none.
    pub schedule: Vec<UnitsFrom>,
    /// While jailed it has no seats in any draw; the height from which it may be unjailed.
    pub jailed_until: Option<u64>,
    /// Stake on its way out, the oldest first.
    pub unbonding: Vec<Unbonding>,
    /// The engines it declares to be able to run, by their ids in the profile `jitless`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub engines: Vec<EngineId>,
}

impl NodeResponse {
    /// Returns the newest key: the one by which the node is known. `None` for an answer without keys.
    #[must_use]
    pub fn newest_key(&self) -> Option<NodeKey> {
        self.keys.last().map(|from| from.key)
    }
}

impl KeyFrom {
    /// Returns the key in force in an epoch: the newest whose first epoch has come, or the first one before that.
    #[must_use]
    pub fn at(keys: &[Self], epoch: Epoch) -> Option<NodeKey> {
        let from = keys.iter().rev().find(|from| from.epoch <= epoch);
        from.or(keys.first()).map(|from| from.key)
    }
}

impl UnitsFrom {
    /// Returns the units a schedule gives in an epoch, 0 before its first entry.
    #[must_use]
    pub fn at(schedule: &[Self], epoch: Epoch) -> u32 {
        schedule.iter().rev().find(|from| from.epoch <= epoch).map_or(0, |from| from.units)
    }
}

/// Who acts and earns for a node beside its operator.
#[cw_serde]
pub struct NodeAccountsResponse {
    /// The node.
    pub node: NodeId,
    /// Who earns; the operator where there is none.
    pub payout: Option<String>,
    /// Who sends for the daemon beside the operator.
    pub daemon: Option<String>,
    /// To whom the node has been offered.
    pub offered_to: Option<String>,
}

/// A page of nodes, in order of their ids.
#[cw_serde]
pub struct NodesResponse {
    /// The nodes; ask on from the last one's id.
    pub nodes: Vec<NodeResponse>,
}

/// From an epoch on, a node draws with this key.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct KeyFrom {
    /// First epoch.
    pub epoch: Epoch,
    /// The key.
    pub key: NodeKey,
}

/// Stake on its way out. It can still be slashed.
#[cw_serde]
pub struct Unbonding {
    /// Coins.
    pub amount: Uint128,
    /// The height from which it may be withdrawn, if no request is open that the node may be drawn for with it.
    pub release: u64,
    /// The last epoch that it draws in.
    pub last_epoch: Epoch,
}

/// Two attestations by one key for one request with different commitments.
#[cw_serde]
pub struct Equivocation {
    /// The request.
    pub request: RequestId,
    /// The node.
    pub node: NodeId,
    /// One.
    pub first: SignedCommit,
    /// The other, to another commitment.
    pub second: SignedCommit,
}

/// A commitment and the proof that signs it.
#[cw_serde]
pub struct SignedCommit {
    /// The commitment.
    pub commit: Commit,
    /// The 160 bytes of [`crate::AttestationBytes`].
    pub proof: Binary,
}

/// How present a node was in an epoch.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct PresenceResponse {
    /// Its seats in the results of requests drawn in the epoch.
    pub seen: u64,
    /// The seats to be expected of its units in those results. 0 where nothing was counted.
    pub expected: u64,
}
