//! Hands over a project, a node or the admin's office in two steps, so that nothing is lost to a mistyped address.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use gateway_api::events::{AdminChanged, NodeTransferred, ProjectTransferred};
use gateway_api::{NodeId, ProjectId};

use crate::error::ContractError;
use crate::state::counter::COUNTER;
use crate::state::governance::GOVERNANCE;
use crate::state::nodes::{hand_over, node as load_node, NODES};
use crate::state::projects::{project as load, PROJECTS};
use crate::state::requests::oldest_epoch;

pub(crate) fn offer_project(
    deps: DepsMut<'_>,
    project: ProjectId,
    to: Option<String>,
) -> Result<Response, ContractError> {
    let mut record = load(deps.storage, project)?;
    record.offered_to = to.map(|to| deps.api.addr_validate(&to)).transpose()?;
    PROJECTS.save(deps.storage, project.get(), &record)?;
    Ok(Response::new())
}

pub(crate) fn accept_project(
    deps: DepsMut<'_>,
    info: MessageInfo,
    project: ProjectId,
) -> Result<Response, ContractError> {
    let mut record = load(deps.storage, project)?;
    record.offered_to = None;
    record.owner = info.sender.clone();
    PROJECTS.save(deps.storage, project.get(), &record)?;
    Ok(Response::new().add_event(ProjectTransferred { project, owner: info.sender.into_string() }))
}

pub(crate) fn offer_node(
    deps: DepsMut<'_>,
    id: NodeId,
    to: Option<String>,
) -> Result<Response, ContractError> {
    let mut node = load_node(deps.storage, id)?;
    node.offered_to = to.map(|to| deps.api.addr_validate(&to)).transpose()?;
    NODES.save(deps.storage, id.get(), &node)?;
    Ok(Response::new())
}

/// The accounts that the old operator named act and earn no longer.
pub(crate) fn accept_node(
    deps: DepsMut<'_>,
    info: MessageInfo,
    id: NodeId,
) -> Result<Response, ContractError> {
    let mut node = load_node(deps.storage, id)?;
    let (now, oldest) = (COUNTER.load(deps.storage)?.epoch, oldest_epoch(deps.storage)?);
    hand_over(deps.storage, &mut node, now, oldest, info.sender.clone())?;
    (node.offered_to, node.payout, node.daemon) = (None, None, None);
    NODES.save(deps.storage, id.get(), &node)?;
    Ok(Response::new().add_event(NodeTransferred { node: id, operator: info.sender.into_string() }))
}

pub(crate) fn offer_admin(deps: DepsMut<'_>, to: Option<String>) -> Result<Response, ContractError> {
    let mut record = GOVERNANCE.load(deps.storage)?;
    record.pending_admin = to.map(|to| deps.api.addr_validate(&to)).transpose()?;
    GOVERNANCE.save(deps.storage, &record)?;
    Ok(Response::new())
}

pub(crate) fn accept_admin(deps: DepsMut<'_>, info: MessageInfo) -> Result<Response, ContractError> {
    let mut record = GOVERNANCE.load(deps.storage)?;
    record.pending_admin = None;
    record.admin = info.sender.clone();
    GOVERNANCE.save(deps.storage, &record)?;
    Ok(Response::new().add_event(AdminChanged { admin: info.sender.into_string() }))
}
