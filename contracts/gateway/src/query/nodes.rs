//! Tells of nodes.

use crate::error::ContractError;
use crate::state::nodes::{self as state, Node, NODES, NODE_BY_KEY};
use crate::state::participation;
use cosmwasm_std::Storage;
use cw_storage_plus::Bound;
use gateway_api::{Epoch, NodeBondsResponse, NodeId, NodeKey, NodeResponse, NodesResponse, PresenceResponse};

/// The newest key: the one by which the node is known.
fn newest(record: &Node) -> NodeKey {
    record.keys.last().map_or(NodeKey([0; 32]), |from| from.key)
}

pub(super) fn bonds(storage: &dyn Storage, node: NodeId) -> Result<NodeBondsResponse, ContractError> {
    let Node { keys, unbonding, jailed_until, .. } = state::node(storage, node)?;
    Ok(NodeBondsResponse { node, keys, unbonding, jailed_until })
}

fn response(id: NodeId, record: Node) -> NodeResponse {
    let key = newest(&record);
    NodeResponse {
        node: id,
        operator: record.operator.into_string(),
        key,
        engine: record.engine,
        moniker: record.moniker,
        endpoint: record.endpoint,
        stake: record.stake,
        schedule: record.schedule,
    }
}

pub(super) fn node(storage: &dyn Storage, id: NodeId) -> Result<NodeResponse, ContractError> {
    Ok(response(id, state::node(storage, id)?))
}

pub(super) fn by_key(storage: &dyn Storage, key: &NodeKey) -> Result<NodeResponse, ContractError> {
    let id = NODE_BY_KEY
        .may_load(storage, key.as_bytes())?
        .ok_or(ContractError::NotFound { what: "node with this key" })?;
    node(storage, NodeId(id))
}

pub(super) fn presence(
    storage: &dyn Storage,
    id: NodeId,
    epoch: Epoch,
) -> Result<PresenceResponse, ContractError> {
    participation::presence(storage, id, &state::node(storage, id)?, epoch)
}

pub(super) fn nodes(
    storage: &dyn Storage,
    start_after: Option<NodeId>,
    limit: usize,
) -> Result<NodesResponse, ContractError> {
    let start = start_after.map(|id| Bound::exclusive(id.get()));
    let nodes = NODES
        .keys(storage, start)
        .take(limit)
        .map(|id| id.and_then(|id| node(storage, NodeId(id))))
        .collect::<Result<_, _>>()?;
    Ok(NodesResponse { nodes })
}
