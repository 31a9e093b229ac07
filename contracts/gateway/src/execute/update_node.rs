//! Replaces a node's engine id, moniker and endpoint.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::NodeUpdated;
use gateway_api::{Endpoint, EngineId, Moniker, NodeId};

use crate::error::ContractError;
use crate::state::nodes::{node as load, NODES};

pub(crate) fn update_node(
    deps: DepsMut<'_>,
    id: NodeId,
    engine: EngineId,
    moniker: Moniker,
    endpoint: Endpoint,
) -> Result<Response, ContractError> {
    let mut node = load(deps.storage, id)?;
    node.engine = engine;
    node.moniker = moniker;
    node.endpoint = endpoint;
    NODES.save(deps.storage, id.get(), &node)?;
    Ok(Response::new().add_event(NodeUpdated { node: id, engine }))
}
