//! `gateway project`: shows projects, and performs their owners' actions.

use std::path::Path;

use gateway_api::{
    ExecuteMsg, FeeResponse, ProjectAccessResponse, ProjectId, ProjectResponse, ProjectsResponse, QueryMsg,
    Requesters, Version, VersionResponse,
};
use gateway_chain::tx::address;
use serde_json::json;

use super::coins;
use super::session::Session;
use crate::arguments::{Project, ProjectAction};
use crate::commands::CommandError;

/// Runs `gateway project`.
pub(in crate::commands) async fn run(command: Project) -> Result<(), CommandError> {
    let session = Session::open(&command.chain, Path::new("."))?;
    let session = &session;
    match command.action {
        ProjectAction::List { after, limit } => list(session, after.map(ProjectId), limit).await,
        ProjectAction::Show { project } => show(session, ProjectId(project)).await,
        ProjectAction::Versions { project } => versions(session, ProjectId(project)).await,
        ProjectAction::Activate { project, version, after_blocks } => {
            let (project, version) = (ProjectId(project), Version(version));
            let message = match after_blocks {
                None => ExecuteMsg::ActivateVersion { project, version },
                Some(after_blocks) => ExecuteMsg::ScheduleVersion { project, version, after_blocks },
            };
            let done = match after_blocks {
                None => format!("version {version} of project {project} is active"),
                Some(blocks) => {
                    format!("version {version} of project {project} becomes active in {blocks} blocks")
                }
            };
            session.send_and_report(&message, 0, &done).await
        }
        ProjectAction::Pause { project } => set_access(session, project, None, Some(true)).await,
        ProjectAction::Resume { project } => set_access(session, project, None, Some(false)).await,
        ProjectAction::Access { project, requesters } => {
            set_access(session, project, Some(parse_requesters(&requesters, &session.network.prefix)?), None)
                .await
        }
        ProjectAction::Transfer { project, to } => {
            if let Some(to) = &to {
                address("the new owner", to, &session.network.prefix)?;
            }
            let done = match &to {
                Some(to) => format!(
                    "project {project} is offered to {to}, who accepts with `gateway project accept {project}`"
                ),
                None => format!("the offer of project {project} is withdrawn"),
            };
            session
                .send_and_report(&ExecuteMsg::OfferProject { project: ProjectId(project), to }, 0, &done)
                .await
        }
        ProjectAction::Accept { project } => {
            let message = ExecuteMsg::AcceptProject { project: ProjectId(project) };
            session.send_and_report(&message, 0, &format!("project {project} is yours")).await
        }
    }
}

async fn list(session: &Session, start_after: Option<ProjectId>, limit: u32) -> Result<(), CommandError> {
    let page: ProjectsResponse = session.ask(&QueryMsg::Projects { start_after, limit: Some(limit) }).await?;
    session.print(&page, || {
        let mut lines = vec![format!("{:>6}  {:<28} {:>7}  {:>4}  owner", "id", "name", "active", "open")];
        lines.extend(page.projects.iter().map(|p| {
            format!(
                "{:>6}  {:<28} {:>7}  {:>4}  {}",
                p.project.to_string(),
                p.name.as_str(),
                p.active.to_string(),
                p.open_requests,
                p.owner
            )
        }));
        lines.join("\n")
    })
}

async fn show(session: &Session, project: ProjectId) -> Result<(), CommandError> {
    let known: ProjectResponse = session.ask(&QueryMsg::Project { project }).await?;
    let access: ProjectAccessResponse = session.ask(&QueryMsg::ProjectAccess { project }).await?;
    let version: VersionResponse = session.ask(&QueryMsg::Version { project, version: known.active }).await?;
    let fee: FeeResponse =
        session.ask(&QueryMsg::EstimateFee { project, overrides: None, callback: None }).await?;
    let whole = json!({ "project": known, "access": access, "version": version, "fee": fee });
    session.print(&whole, || {
        let policy = &version.policy;
        let mut lines = vec![
            format!("project {project}: {} — {}", known.name.as_str(), known.description.as_str()),
            format!("owner      {}", known.owner),
            format!("requests   {}", requesters(&access)),
            format!("version    {} of {}", known.active, known.latest),
            format!("code       {} ({} bytes)", version.code.sha256, version.code.size),
            format!(
                "committee  {} seats, {} basis points agree, {} operators",
                policy.committee, policy.quorum_bps, policy.min_operators
            ),
            format!("fee        {}", coins(fee.total.u128(), &fee.denom)),
        ];
        if let Some(next) = &access.scheduled {
            lines.push(format!("scheduled  version {} from height {} on", next.version, next.height));
        }
        if let Some(to) = &access.offered_to {
            lines.push(format!("offered to {to}"));
        }
        lines.join("\n")
    })
}

async fn versions(session: &Session, project: ProjectId) -> Result<(), CommandError> {
    let known: ProjectResponse = session.ask(&QueryMsg::Project { project }).await?;
    let mut versions: Vec<VersionResponse> = Vec::new();
    for version in 1..=known.latest.0 {
        versions.push(session.ask(&QueryMsg::Version { project, version: Version(version) }).await?);
    }
    session.print(&json!({ "active": known.active, "versions": versions }), || {
        let lines = versions.iter().map(|v| {
            let mark = if v.version == known.active { "active" } else { "" };
            format!(
                "{:>4}  {}  {:>7} bytes  height {:>9}  {mark}",
                v.version.to_string(),
                v.code.sha256,
                v.code.size,
                v.height
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

/// Changes one half of the access list and keeps the other: the message takes both.
async fn set_access(
    session: &Session,
    project: u64,
    who: Option<Requesters>,
    paused: Option<bool>,
) -> Result<(), CommandError> {
    let project = ProjectId(project);
    let access: ProjectAccessResponse = session.ask(&QueryMsg::ProjectAccess { project }).await?;
    let (who, paused) = (who.unwrap_or(access.requesters), paused.unwrap_or(access.paused));
    let message = ExecuteMsg::SetAccess { project, requesters: who.clone(), paused };
    let then = ProjectAccessResponse { requesters: who, paused, ..access };
    session
        .send_and_report(&message, 0, &format!("project {project} takes requests: {}", requesters(&then)))
        .await
}

fn parse_requesters(text: &str, prefix: &str) -> Result<Requesters, CommandError> {
    Ok(match text {
        "anyone" => Requesters::Anyone {},
        "owner" => Requesters::Owner {},
        list => {
            let addresses: Vec<String> = list.split(',').map(|a| a.trim().to_owned()).collect();
            if addresses.iter().any(String::is_empty) || addresses.len() > 64 {
                return Err(
                    "requesters takes anyone, owner, or 1 to 64 addresses with commas between them".into()
                );
            }
            for requester in &addresses {
                address("requesters", requester, prefix)?;
            }
            Requesters::List { addresses }
        }
    })
}

fn requesters(access: &ProjectAccessResponse) -> String {
    let who = match &access.requesters {
        Requesters::Anyone {} => "from anyone".to_owned(),
        Requesters::Owner {} => "from its owner".to_owned(),
        Requesters::List { addresses } => format!("from {} addresses", addresses.len()),
    };
    if access.paused { format!("none, it is paused ({who} otherwise)") } else { who }
}
