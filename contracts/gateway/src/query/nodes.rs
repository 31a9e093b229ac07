//! Answers queries about nodes.

use cosmwasm_std::{Addr, Storage};
use cw_storage_plus::Bound;
use gateway_api::{
    Epoch, NodeAccountsResponse, NodeId, NodeKey, NodeResponse, NodesResponse, PresenceResponse,
};

use super::page::page;
use crate::error::ContractError;
use crate::state::nodes::{self as state, Node, NODES, NODE_BY_KEY};
use crate::state::participation;

fn response(id: NodeId, record: Node) -> NodeResponse {
    NodeResponse {
        node: id,
        operator: record.operator.into_string(),
        keys: record.keys,
        engine: record.engine,
        moniker: record.moniker,
        endpoint: record.endpoint,
        stake: record.stake,
        schedule: record.schedule,
        jailed_until: record.jailed_until,
        unbonding: record.unbonding,
        engines: record.engines,
    }
}

pub(super) fn node(storage: &dyn Storage, id: NodeId) -> Result<NodeResponse, ContractError> {
    Ok(response(id, state::node(storage, id)?))
}

pub(super) fn accounts(storage: &dyn Storage, id: NodeId) -> Result<NodeAccountsResponse, ContractError> {
    let Node { payout, daemon, offered_to, .. } = state::node(storage, id)?;
    let [payout, daemon, offered_to] =
        [payout, daemon, offered_to].map(|address| address.map(Addr::into_string));
    Ok(NodeAccountsResponse { node: id, payout, daemon, offered_to })
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
    let nodes = NODES.keys(storage, start).map(|id| id.and_then(|id| node(storage, NodeId(id))));
    Ok(NodesResponse { nodes: page(nodes, limit)? })
}
