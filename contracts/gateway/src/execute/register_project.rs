//! Registers a project with its first version, which is active at once.

use cosmwasm_std::{to_json_binary, DepsMut, Env, MessageInfo, Response};
use gateway_api::events::{ProjectRegistered, VersionActivated, VersionAdded};
use gateway_api::{CodeRef, Description, Name, Policy, Requesters, Version};

use crate::error::ContractError;
use crate::operations::version_bounds::check;
use crate::state::projects::{next_id, save_version, Project, PROJECTS};

pub(crate) fn register_project(
    deps: DepsMut<'_>,
    env: &Env,
    info: MessageInfo,
    name: Name,
    description: Description,
    code: CodeRef,
    policy: Policy,
) -> Result<Response, ContractError> {
    check(&code, &policy)?;
    let version = Version(1);
    let project = next_id(deps.storage)?;
    save_version(deps.storage, project, version, &code, policy, env.block.height)?;
    let owner = info.sender;
    PROJECTS.save(
        deps.storage,
        project.get(),
        &Project {
            owner: owner.clone(),
            name,
            description,
            active: version,
            latest: version,
            scheduled: None,
            requesters: Requesters::Anyone {},
            paused: false,
            offered_to: None,
        },
    )?;
    Ok(Response::new()
        .add_event(ProjectRegistered { project, owner: owner.into_string(), code: code.sha256 })
        .add_event(VersionAdded { project, version, code: code.sha256 })
        .add_event(VersionActivated { project, version })
        .set_data(to_json_binary(&project)?))
}
