//! Names who is paid for a node's seats, and who may send what its daemon sends.

use cosmwasm_std::{Addr, DepsMut, Response};
use gateway_api::events::NodeAccountsChanged;
use gateway_api::NodeId;

use crate::error::ContractError;
use crate::state::nodes::{node as load, NODES};

pub(crate) fn set_node_accounts(
    deps: DepsMut<'_>,
    id: NodeId,
    payout: Option<String>,
    daemon: Option<String>,
) -> Result<Response, ContractError> {
    let mut node = load(deps.storage, id)?;
    let named = |address: Option<String>| address.map(|address| deps.api.addr_validate(&address)).transpose();
    (node.payout, node.daemon) = (named(payout)?, named(daemon)?);
    NODES.save(deps.storage, id.get(), &node)?;
    let said = |address: Option<Addr>| address.map_or_else(|| "none".to_owned(), Addr::into_string);
    let (payout, daemon) = (said(node.payout), said(node.daemon));
    Ok(Response::new().add_event(NodeAccountsChanged { node: id, payout, daemon }))
}
