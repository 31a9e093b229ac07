//! Offers a node to another operator, who has to accept it: nothing is lost to a mistyped address.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::NodeId;

use crate::error::ContractError;
use crate::state::nodes::{node as load, NODES};

pub(crate) fn offer_node(
    deps: DepsMut<'_>,
    id: NodeId,
    to: Option<String>,
) -> Result<Response, ContractError> {
    let mut node = load(deps.storage, id)?;
    node.offered_to = to.map(|to| deps.api.addr_validate(&to)).transpose()?;
    NODES.save(deps.storage, id.get(), &node)?;
    Ok(Response::new())
}
