//! Hands over a project or the admin's office in two steps, so that nothing is lost to a mistyped address.

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;
use crate::state::projects::{project as load, PROJECTS};
use cosmwasm_std::{DepsMut, MessageInfo, Response};
use gateway_api::events::{AdminChanged, ProjectTransferred};
use gateway_api::ProjectId;

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
