//! Projects and their versions. A version never changes once it is added.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Storage};
use gateway_api::{
    CodeHash, CodeRef, Description, Name, Policy, ProjectId, Requesters, ScheduledVersion, Version,
};

use crate::error::ContractError;
use crate::state::codec::{Item, Map, Record};
use crate::state::legacy;

/// A project.
#[cw_serde]
pub(crate) struct Project {
    /// Its owner.
    pub(crate) owner: Addr,
    /// Its name.
    pub(crate) name: Name,
    /// What it does.
    pub(crate) description: Description,
    /// The version that new requests pin.
    pub(crate) active: Version,
    /// The newest version.
    pub(crate) latest: Version,
    /// The version that will be active, and from which height on.
    pub(crate) scheduled: Option<ScheduledVersion>,
    /// Who may ask.
    pub(crate) requesters: Requesters,
    /// Whether it refuses new requests.
    pub(crate) paused: bool,
    /// To whom it has been offered.
    pub(crate) offered_to: Option<Addr>,
}

impl Project {
    /// The version that requests of a height pin.
    pub(crate) fn active_at(&self, height: u64) -> Version {
        match self.scheduled {
            Some(scheduled) if height >= scheduled.height => scheduled.version,
            Some(_) | None => self.active,
        }
    }
}

/// The part of a version that verification reads; code sources are stored apart, since verification does not read them.
#[cw_serde]
pub(crate) struct VersionRecord {
    /// What pins the code.
    pub(crate) code: CodeHash,
    /// The height at which it was added.
    pub(crate) height: u64,
    /// The policy: last, because it grows.
    pub(crate) policy: Policy,
}

impl Record for VersionRecord {
    fn read(format: u8, record: &[u8]) -> postcard::Result<Self> {
        if format == legacy::FIRST {
            legacy::version(record)
        } else {
            postcard::from_bytes(record)
        }
    }
}

impl Record for Project {}
impl Record for CodeRef {}

const LAST_PROJECT: Item<u64> = Item::new("last_project");
/// Projects by id.
pub(crate) const PROJECTS: Map<u64, Project> = Map::new("projects");
/// Open requests by project.
pub(crate) const OPEN_BY_PROJECT: Map<u64, u32> = Map::new("open_by_project");
const VERSIONS: Map<(u64, u32), VersionRecord> = Map::new("versions");
const CODES: Map<(u64, u32), CodeRef> = Map::new("codes");

/// The next project's id.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn next_id(storage: &mut dyn Storage) -> Result<ProjectId, ContractError> {
    let id = LAST_PROJECT.may_load(storage)?.unwrap_or_default().saturating_add(1);
    LAST_PROJECT.save(storage, &id)?;
    Ok(ProjectId(id))
}

/// A project.
///
/// # Errors
/// [`ContractError::UnknownProject`].
pub(crate) fn project(storage: &dyn Storage, id: ProjectId) -> Result<Project, ContractError> {
    PROJECTS.may_load(storage, id.get())?.ok_or(ContractError::UnknownProject { project: id })
}

/// Adds a version.
///
/// # Errors
/// [`ContractError::Std`] where the storage fails or holds an unreadable record.
pub(crate) fn save_version(
    storage: &mut dyn Storage,
    project: ProjectId,
    version: Version,
    code: &CodeRef,
    policy: Policy,
    height: u64,
) -> Result<(), ContractError> {
    let key = (project.get(), version.get());
    VERSIONS.save(storage, key, &VersionRecord { code: code.sha256, policy, height })?;
    CODES.save(storage, key, code)
}

/// A version.
///
/// # Errors
/// [`ContractError::UnknownVersion`].
pub(crate) fn version(
    storage: &dyn Storage,
    project: ProjectId,
    version: Version,
) -> Result<VersionRecord, ContractError> {
    VERSIONS
        .may_load(storage, (project.get(), version.get()))?
        .ok_or(ContractError::UnknownVersion { project, version })
}

/// A version's code with the places it may be fetched from.
///
/// # Errors
/// [`ContractError::UnknownVersion`].
pub(crate) fn code(
    storage: &dyn Storage,
    project: ProjectId,
    version: Version,
) -> Result<CodeRef, ContractError> {
    CODES
        .may_load(storage, (project.get(), version.get()))?
        .ok_or(ContractError::UnknownVersion { project, version })
}
