//! Adds a version to a project. It does nothing until it is activated.

use cosmwasm_std::{to_json_binary, DepsMut, Env, Response};
use gateway_api::events::VersionAdded;
use gateway_api::{CodeRef, Policy, ProjectId};

use crate::error::ContractError;
use crate::operations::version_bounds::check;
use crate::state::projects::{project as load, save_version, PROJECTS};

pub(crate) fn add_version(
    deps: DepsMut<'_>,
    env: &Env,
    project: ProjectId,
    code: CodeRef,
    policy: Policy,
) -> Result<Response, ContractError> {
    check(&code, &policy)?;
    let mut record = load(deps.storage, project)?;
    let version = record.latest.next();
    record.latest = version;
    save_version(deps.storage, project, version, &code, policy, env.block.height)?;
    PROJECTS.save(deps.storage, project.get(), &record)?;
    Ok(Response::new()
        .add_event(VersionAdded { project, version, code: code.sha256 })
        .set_data(to_json_binary(&version)?))
}
