//! Who may send which message, whether it takes funds and whether a pause or a halt stops it: one row a variant, in one table
//! that is checked once, before anything else happens. The variants are in `gateway-api`, which knows no state to compare a
//! sender with; a variant without its row does not compile.

use cosmwasm_std::{Deps, Env, MessageInfo};
use gateway_api::{ExecuteMsg, NodeId, ProjectId, RequestId, ScheduleId, SubscriptionId};

use crate::error::ContractError;
use crate::state::governance::GOVERNANCE;
use crate::state::{nodes, projects, requests, schedules, subscriptions};

/// Who may send a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Anybody.
    Any,
    /// The admin.
    Admin,
    /// The owner of a project.
    ProjectOwner(ProjectId),
    /// The operator of a node.
    NodeOperator(NodeId),
    /// The operator of a node, or who sends for its daemon.
    NodeDaemon(NodeId),
    /// Whom a node was offered to.
    NextOperator(NodeId),
    /// Who opened a request.
    Requester(RequestId),
    /// The owner of a subscription.
    SubscriptionOwner(SubscriptionId),
    /// The owner of a schedule.
    ScheduleOwner(ScheduleId),
    /// The guardian, or the admin.
    Guardian,
    /// Whom the admin's office was offered to.
    NextAdmin,
    /// Whom a project was offered to.
    NextOwner(ProjectId),
}

/// Whether a message takes funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funds {
    /// None.
    Refused,
    /// The message says how much.
    Taken,
}

/// Whether a pause or a halt stops a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// It is new work: stopped.
    Stops,
    /// It ends, pays out or governs: never stopped.
    Passes,
    /// It brings results: stopped by a halt alone.
    Halts,
}

/// What a message asks of its sender, its funds and the contract.
pub fn needed(msg: &ExecuteMsg) -> (Sender, Funds, Pause) {
    use ExecuteMsg as Msg;
    use Funds::{Refused, Taken};
    use Pause::{Halts, Passes, Stops};
    match msg {
        Msg::RegisterProject { .. } => (Sender::Any, Refused, Stops),
        Msg::AddVersion { project, .. } => (Sender::ProjectOwner(*project), Refused, Stops),
        Msg::ActivateVersion { project, .. } => (Sender::ProjectOwner(*project), Refused, Passes),
        Msg::ScheduleVersion { project, .. } => (Sender::ProjectOwner(*project), Refused, Passes),
        Msg::SetAccess { project, .. } => (Sender::ProjectOwner(*project), Refused, Passes),
        Msg::OfferProject { project, .. } => (Sender::ProjectOwner(*project), Refused, Passes),
        Msg::AcceptProject { project } => (Sender::NextOwner(*project), Refused, Passes),
        Msg::RegisterNode(_) => (Sender::Any, Taken, Stops),
        Msg::IncreaseStake { node } => (Sender::NodeOperator(*node), Taken, Stops),
        Msg::Unbond { node, .. } => (Sender::NodeOperator(*node), Refused, Passes),
        Msg::WithdrawStake { node } => (Sender::NodeOperator(*node), Refused, Passes),
        Msg::RotateKey { node, .. } => (Sender::NodeOperator(*node), Refused, Passes),
        Msg::UpdateNode { node, .. } => (Sender::NodeDaemon(*node), Refused, Passes),
        Msg::DeclareEngines { node, .. } => (Sender::NodeDaemon(*node), Refused, Passes),
        Msg::AnnounceEngine { .. } => (Sender::Admin, Refused, Passes),
        Msg::WithdrawEngine {} => (Sender::Admin, Refused, Passes),
        Msg::SetEncryptionKey { node, .. } => (Sender::NodeDaemon(*node), Refused, Passes),
        Msg::SetSecret { project, .. } => (Sender::ProjectOwner(*project), Refused, Passes),
        Msg::RemoveSecret { project, .. } => (Sender::ProjectOwner(*project), Refused, Passes),
        Msg::SetNodeAccounts { node, .. } => (Sender::NodeOperator(*node), Refused, Passes),
        Msg::OfferNode { node, .. } => (Sender::NodeOperator(*node), Refused, Passes),
        Msg::AcceptNode { node } => (Sender::NextOperator(*node), Refused, Passes),
        Msg::Unjail { node } => (Sender::NodeDaemon(*node), Refused, Passes),
        Msg::SubmitTicket { .. } => (Sender::Any, Refused, Passes),
        Msg::SubmitRoundTickets { .. } => (Sender::Any, Refused, Passes),
        Msg::ReportDissent { .. } => (Sender::Any, Refused, Passes),
        Msg::ReportSilence { .. } => (Sender::Any, Refused, Passes),
        Msg::SubmitEvidence(_) => (Sender::Any, Refused, Passes),
        Msg::Request(_) => (Sender::Any, Taken, Stops),
        Msg::Requests { .. } => (Sender::Any, Taken, Stops),
        Msg::Cancel { request } => (Sender::Requester(*request), Refused, Passes),
        Msg::Subscribe { .. } => (Sender::Any, Taken, Stops),
        Msg::Deposit { .. } => (Sender::Any, Taken, Stops),
        Msg::Withdraw { subscription, .. } => (Sender::SubscriptionOwner(*subscription), Refused, Passes),
        Msg::SetConsumers { subscription, .. } => (Sender::SubscriptionOwner(*subscription), Refused, Passes),
        Msg::Schedule(_) => (Sender::Any, Taken, Stops),
        Msg::FundSchedule { .. } => (Sender::Any, Taken, Stops),
        Msg::CancelSchedule { schedule } => (Sender::ScheduleOwner(*schedule), Refused, Passes),
        Msg::RunSchedules { .. } => (Sender::Any, Refused, Stops),
        Msg::Tick {} => (Sender::Any, Refused, Passes),
        Msg::Publish { .. } => (Sender::Any, Refused, Halts),
        Msg::Attest { .. } => (Sender::Any, Refused, Halts),
        Msg::Expire { .. } => (Sender::Any, Refused, Passes),
        Msg::DeliverCallback { .. } => (Sender::Any, Refused, Passes),
        Msg::Claim { .. } => (Sender::Any, Refused, Passes),
        Msg::UpdateSettings { .. } => (Sender::Admin, Refused, Passes),
        Msg::StartSweep {} => (Sender::Any, Taken, Passes),
        Msg::SetRewards { .. } => (Sender::Admin, Refused, Passes),
        Msg::WithdrawRewards {} => (Sender::Any, Refused, Passes),
        Msg::RecoverCoins { .. } => (Sender::Admin, Refused, Passes),
        Msg::SetGuardian { .. } => (Sender::Admin, Refused, Passes),
        Msg::Halt { .. } => (Sender::Guardian, Refused, Passes),
        Msg::Resume {} => (Sender::Admin, Refused, Passes),
        Msg::OfferAdmin { .. } => (Sender::Admin, Refused, Passes),
        Msg::AcceptAdmin {} => (Sender::NextAdmin, Refused, Passes),
        Msg::SetPaused { .. } => (Sender::Admin, Refused, Passes),
    }
}

/// Checks the sender, the funds, and that neither a pause nor a halt stops the message.
///
/// # Errors
/// [`ContractError::Unauthorized`], [`ContractError::UnexpectedFunds`], [`ContractError::Paused`], [`ContractError::Halted`], or the record to compare with is not there.
pub fn check(deps: Deps<'_>, env: &Env, info: &MessageInfo, msg: &ExecuteMsg) -> Result<(), ContractError> {
    let (sender, funds, pause) = needed(msg);
    let (who, may) = match sender {
        Sender::Any => ("anybody", true),
        Sender::Admin => ("the admin", GOVERNANCE.load(deps.storage)?.admin == info.sender),
        Sender::Requester(request) => {
            ("the requester", requests::request(deps.storage, request)?.requester == info.sender)
        }
        Sender::SubscriptionOwner(id) => {
            let owner = subscriptions::subscription(deps.storage, id)?.owner;
            ("the subscription's owner", owner == info.sender)
        }
        Sender::ScheduleOwner(id) => {
            ("the schedule's owner", schedules::schedule(deps.storage, id)?.owner == info.sender)
        }
        Sender::Guardian => {
            let record = GOVERNANCE.load(deps.storage)?;
            let may = record.admin == info.sender || record.guardian.as_ref() == Some(&info.sender);
            ("the guardian or the admin", may)
        }
        Sender::NextAdmin => {
            let offered = GOVERNANCE.load(deps.storage)?.pending_admin;
            ("whom the office was offered to", offered.as_ref() == Some(&info.sender))
        }
        Sender::ProjectOwner(project) => {
            ("the project's owner", projects::project(deps.storage, project)?.owner == info.sender)
        }
        Sender::NextOwner(project) => {
            let offered = projects::project(deps.storage, project)?.offered_to;
            ("whom the project was offered to", offered.as_ref() == Some(&info.sender))
        }
        Sender::NodeOperator(node) => {
            ("the node's operator", nodes::node(deps.storage, node)?.operator == info.sender)
        }
        Sender::NodeDaemon(node) => {
            let record = nodes::node(deps.storage, node)?;
            let may = record.operator == info.sender || record.daemon.as_ref() == Some(&info.sender);
            ("the node's operator or daemon", may)
        }
        Sender::NextOperator(node) => {
            let offered = nodes::node(deps.storage, node)?.offered_to;
            ("whom the node was offered to", offered.as_ref() == Some(&info.sender))
        }
    };
    if !may {
        return Err(ContractError::Unauthorized { who });
    }
    match pause {
        Pause::Passes => {}
        Pause::Stops if !GOVERNANCE.load(deps.storage)?.paused => {}
        Pause::Stops => return Err(ContractError::Paused {}),
        Pause::Halts => {
            let until = GOVERNANCE.load(deps.storage)?.halted_until;
            if env.block.height < until {
                return Err(ContractError::Halted { until });
            }
        }
    }
    if funds == Funds::Refused && !info.funds.is_empty() {
        return Err(ContractError::UnexpectedFunds {});
    }
    Ok(())
}
