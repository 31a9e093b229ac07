//! Offers a project to another owner, who has to accept it: nothing is lost to a mistyped address.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::ProjectId;

use crate::error::ContractError;
use crate::state::projects::{project as load, PROJECTS};

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
