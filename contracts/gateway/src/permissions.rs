//! Who may send which message and whether it takes funds, declared beside each variant and checked once, before
//! anything else happens.

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;
use crate::state::projects;
use cosmwasm_std::{Deps, MessageInfo};
use gateway_api::{ExecuteMsg, ProjectId};

/// Who may send a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Anybody.
    Any,
    /// The admin.
    Admin,
    /// The owner of a project.
    ProjectOwner(ProjectId),
}

/// Whether a message takes funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funds {
    /// None.
    Refused,
    /// The message says how much.
    Taken,
}

/// What a message asks of its sender.
pub fn needed(msg: &ExecuteMsg) -> (Sender, Funds) {
    match msg {
        ExecuteMsg::RegisterProject { .. } => (Sender::Any, Funds::Refused),
        ExecuteMsg::AddVersion { project, .. } => (Sender::ProjectOwner(*project), Funds::Refused),
        ExecuteMsg::ActivateVersion { project, .. } => (Sender::ProjectOwner(*project), Funds::Refused),
        ExecuteMsg::RegisterNode(_) => (Sender::Any, Funds::Taken),
        ExecuteMsg::Request { .. } => (Sender::Any, Funds::Taken),
        ExecuteMsg::Tick {} => (Sender::Any, Funds::Refused),
        ExecuteMsg::Publish { .. } => (Sender::Any, Funds::Refused),
        ExecuteMsg::Expire { .. } => (Sender::Any, Funds::Refused),
        ExecuteMsg::RetryCallback { .. } => (Sender::Any, Funds::Refused),
        ExecuteMsg::Claim {} => (Sender::Any, Funds::Refused),
        ExecuteMsg::UpdateSettings { .. } => (Sender::Admin, Funds::Refused),
    }
}

/// Checks sender and funds.
///
/// # Errors
/// [`ContractError::Unauthorized`], [`ContractError::UnexpectedFunds`], or the record to compare with is not there.
pub fn check(deps: Deps<'_>, info: &MessageInfo, msg: &ExecuteMsg) -> Result<(), ContractError> {
    let (sender, funds) = needed(msg);
    match sender {
        Sender::Any => {}
        Sender::Admin => {
            if GOVERNANCE.load(deps.storage)?.admin != info.sender {
                return Err(ContractError::Unauthorized { who: "the admin" });
            }
        }
        Sender::ProjectOwner(project) => {
            if projects::project(deps.storage, project)?.owner != info.sender {
                return Err(ContractError::Unauthorized { who: "the project's owner" });
            }
        }
    }
    if funds == Funds::Refused && !info.funds.is_empty() {
        return Err(ContractError::UnexpectedFunds {});
    }
    Ok(())
}
