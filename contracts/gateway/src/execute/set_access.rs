//! Says who may ask a project and whether it takes requests at all.

use cosmwasm_std::{DepsMut, Response};
use gateway_api::events::AccessChanged;
use gateway_api::{limits, ProjectId, Requesters};

use crate::error::ContractError;
use crate::state::projects::{project as load, PROJECTS};

pub(crate) fn set_access(
    deps: DepsMut<'_>,
    project: ProjectId,
    requesters: Requesters,
    paused: bool,
) -> Result<Response, ContractError> {
    if let Requesters::List { addresses } = &requesters {
        let max = limits::MAX_REQUESTERS;
        if addresses.len() > max {
            return Err(ContractError::TooManyRequesters { max });
        }
        for address in addresses {
            deps.api.addr_validate(address)?;
        }
    }
    let mut record = load(deps.storage, project)?;
    record.requesters = requesters;
    record.paused = paused;
    PROJECTS.save(deps.storage, project.get(), &record)?;
    Ok(Response::new().add_event(AccessChanged { project, paused }))
}
