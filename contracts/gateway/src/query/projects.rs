//! Queries of projects and their versions.

use cosmwasm_std::{Addr, Storage};
use cw_storage_plus::Bound;
use gateway_api::{
    ProjectAccessResponse, ProjectId, ProjectResponse, ProjectsResponse, Version, VersionResponse,
};

use super::page::page;
use crate::error::ContractError;
use crate::state::projects::{self as state, Project, OPEN_BY_PROJECT, PROJECTS};

pub(super) fn access(storage: &dyn Storage, id: ProjectId) -> Result<ProjectAccessResponse, ContractError> {
    let Project { requesters, paused, scheduled, offered_to, .. } = state::project(storage, id)?;
    let offered_to = offered_to.map(Addr::into_string);
    Ok(ProjectAccessResponse { project: id, requesters, paused, scheduled, offered_to })
}

fn response(
    storage: &dyn Storage,
    height: u64,
    id: ProjectId,
    record: Project,
) -> Result<ProjectResponse, ContractError> {
    let active = record.active_at(height);
    Ok(ProjectResponse {
        project: id,
        owner: record.owner.into_string(),
        name: record.name,
        description: record.description,
        active,
        latest: record.latest,
        open_requests: OPEN_BY_PROJECT.may_load(storage, id.get())?.unwrap_or_default(),
    })
}

pub(super) fn project(
    storage: &dyn Storage,
    height: u64,
    id: ProjectId,
) -> Result<ProjectResponse, ContractError> {
    response(storage, height, id, state::project(storage, id)?)
}

pub(super) fn projects(
    storage: &dyn Storage,
    height: u64,
    start_after: Option<ProjectId>,
    limit: usize,
) -> Result<ProjectsResponse, ContractError> {
    let start = start_after.map(|id| Bound::exclusive(id.get()));
    let projects =
        PROJECTS.keys(storage, start).map(|id| id.and_then(|id| project(storage, height, ProjectId(id))));
    Ok(ProjectsResponse { projects: page(projects, limit)? })
}

pub(super) fn version(
    storage: &dyn Storage,
    project: ProjectId,
    version: Version,
) -> Result<VersionResponse, ContractError> {
    let record = state::version(storage, project, version)?;
    let code = state::code(storage, project, version)?;
    Ok(VersionResponse { project, version, code, policy: record.policy, height: record.height })
}
