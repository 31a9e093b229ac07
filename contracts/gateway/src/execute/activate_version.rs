//! Makes a version the one that new requests pin: forward to a new one, or back to an old one.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::VersionActivated;
use gateway_api::{ProjectId, Version};

use crate::error::ContractError;
use crate::state::projects::{project as load, version as load_version, PROJECTS};

pub(crate) fn activate_version(
    deps: DepsMut<'_>,
    project: ProjectId,
    version: Version,
) -> Result<Response, ContractError> {
    load_version(deps.storage, project, version)?;
    let mut record = load(deps.storage, project)?;
    record.active = version;
    record.scheduled = None;
    PROJECTS.save(deps.storage, project.get(), &record)?;
    Ok(Response::new().add_event(VersionActivated { project, version }))
}
