//! Events of projects: who owns them, which version they run, who may ask.

use super::definition::events;
use crate::{CodeHash, ProjectId, Version};

events! {
    /// A project was registered.
    ProjectRegistered = "gateway-project-registered" {
        /// Its id.
        project: ProjectId,
        /// Its owner.
        owner: String,
        /// Its first version's code.
        code: CodeHash,
    }
    /// A version was added.
    VersionAdded = "gateway-version-added" {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
        /// Its code.
        code: CodeHash,
    }
    /// A version became the one that new requests pin.
    VersionActivated = "gateway-version-activated" {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
    }
    /// A version will become the one that new requests pin.
    VersionScheduled = "gateway-version-scheduled" {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
        /// From this height on.
        height: u64,
    }
    /// Who may ask a project was changed.
    AccessChanged = "gateway-access-changed" {
        /// The project.
        project: ProjectId,
        /// Whether it refuses new requests.
        paused: bool,
    }
    /// A project has another owner.
    ProjectTransferred = "gateway-project-transferred" {
        /// The project.
        project: ProjectId,
        /// Its new owner.
        owner: String,
    }
}
