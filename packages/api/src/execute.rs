//! What anybody may ask the contract to do. Who may send which message is declared in the contract's permissions.

use crate::{
    CallbackRequest, CodeRef, Description, Name, Policy, ProjectId, Publication, RegisterNode, RequestId,
    Settings, Version,
};
use cosmwasm_schema::cw_serde;

/// The contract's messages.
#[cw_serde]
pub enum ExecuteMsg {
    /// Registers a project with its first version, which is active at once. The sender becomes its owner.
    RegisterProject {
        /// Its name.
        name: Name,
        /// What it does.
        description: Description,
        /// The first version's code.
        code: CodeRef,
        /// The first version's policy.
        policy: Policy,
    },
    /// Adds a version to a project; it does nothing until it is activated. For the owner.
    AddVersion {
        /// The project.
        project: ProjectId,
        /// The version's code.
        code: CodeRef,
        /// The version's policy.
        policy: Policy,
    },
    /// Makes a version the one that new requests pin. Also the way back to an older one. For the owner.
    ActivateVersion {
        /// The project.
        project: ProjectId,
        /// The version.
        version: Version,
    },
    /// Registers a node with its stake; it draws from the epoch after the next one on.
    RegisterNode(RegisterNode),
    /// Opens a request. The funds are the fee; what is above it comes back with the result.
    Request {
        /// The project asked.
        project: ProjectId,
        /// The input: a JSON text.
        input: String,
        /// Whether and how to call the sender back. Only contracts can be called.
        callback: Option<CallbackRequest>,
    },
    /// Moves the counter: opens the next round where a request waits for one, and the next epoch where it is due.
    Tick {},
    /// Publishes results. Each is judged alone; one refused does not spoil the others.
    Publish {
        /// The results, at most 256.
        publications: Vec<Publication>,
    },
    /// Ends overdue requests and refunds them, the oldest deadline first.
    Expire {
        /// Most requests to end, 1 to 100; 30 where absent.
        limit: Option<u32>,
    },
    /// Tries a failed callback again, at most 3 times.
    RetryCallback {
        /// The request.
        request: RequestId,
    },
    /// Pays the sender what it has earned.
    Claim {},
    /// Replaces the settings; requests already open keep theirs. For the admin.
    UpdateSettings {
        /// The new settings.
        settings: Settings,
    },
}
