//! Takes over a project that was offered.

use cosmwasm_std::{DepsMut, MessageInfo, Response};
use gateway_api::events::ProjectTransferred;
use gateway_api::ProjectId;

use crate::error::ContractError;
use crate::state::projects::{project as load, PROJECTS};

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
