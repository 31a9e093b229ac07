//! Projects and their versions, as the contract's queries answer.

use cosmwasm_schema::cw_serde;

use crate::{CodeRef, Description, Name, Policy, ProjectId, Requesters, Version};

/// A project.
#[cw_serde]
pub struct ProjectResponse {
    /// Its id.
    pub project: ProjectId,
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: Name,
    /// What it does.
    pub description: Description,
    /// The version that new requests pin.
    pub active: Version,
    /// The newest version.
    pub latest: Version,
    /// Open requests.
    pub open_requests: u32,
}

/// A page of projects.
#[cw_serde]
pub struct ProjectsResponse {
    /// The projects; ask on from the last one's id.
    pub projects: Vec<ProjectResponse>,
}

/// A version.
#[cw_serde]
pub struct VersionResponse {
    /// The project.
    pub project: ProjectId,
    /// The version.
    pub version: Version,
    /// Its code.
    pub code: CodeRef,
    /// Its policy.
    pub policy: Policy,
    /// The height at which it was added.
    pub height: u64,
}

/// Who may ask a project, and what is to become of it.
#[cw_serde]
pub struct ProjectAccessResponse {
    /// The project.
    pub project: ProjectId,
    /// Who may ask.
    pub requesters: Requesters,
    /// Whether it refuses new requests.
    pub paused: bool,
    /// The version that will be active, and from which height on.
    pub scheduled: Option<ScheduledVersion>,
    /// To whom it has been offered.
    pub offered_to: Option<String>,
}

/// A version that becomes active at a height.
#[cw_serde]
#[derive(Copy, Eq)]
pub struct ScheduledVersion {
    /// The version.
    pub version: Version,
    /// The height.
    pub height: u64,
}
