//! `gateway request` and `gateway result`: sends a request to a project, waits for its result and shows it.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use gateway_api::events::GatewayEvent;
use gateway_api::{
    Body, ExecuteMsg, FeeResponse, NewRequest, OutcomeClass, ProjectId, QueryMsg, RequestId, RequestResponse,
    RequestStatus, ResultResponse, SubscriptionId,
};
use serde_json::json;

use super::registered;
use super::session::Session;
use crate::arguments::{Request, ShowResult};
use crate::commands::CommandError;
use crate::commands::project_file::ProjectFolder;
use crate::commands::run::check_input;

/// A quorum agreed on an error.
const AGREED_ERROR: u8 = 3;
/// The request expired and its fee was refunded.
const EXPIRED: u8 = 4;
/// The request has no result yet.
const OPEN: u8 = 5;
/// Polling interval while a result is awaited.
const POLL: Duration = Duration::from_secs(1);

/// Runs `gateway request`.
pub(in crate::commands) async fn request(options: Request) -> Result<ExitCode, CommandError> {
    check_input(&options.input)?;
    let session = Session::open(&options.chain, Path::new("."))?;
    let project = match options.project {
        Some(project) => ProjectId(project),
        None => registered::required(&session, &ProjectFolder::read(Path::new("."))?).await?,
    };
    let overrides = options.overrides.overrides();
    let fee: FeeResponse = session.ask(&QueryMsg::EstimateFee { project, overrides, callback: None }).await?;
    let total = fee.total.u128();
    let subscription = options.subscription.map(SubscriptionId);
    let (funds, payer) = match subscription {
        Some(subscription) => (0, format!(" out of subscription {subscription}")),
        None => (total, String::new()),
    };
    session.progress(&format!(
        "asking project {project}; {} is to be reserved{payer}, and what is not used comes back",
        super::coins(total, &fee.denom)
    ));
    let request = NewRequest { overrides, subscription, ..NewRequest::new(project, options.input) };
    let sent = session.send(&ExecuteMsg::Request(request), funds).await?;
    let Some(sent) = sent else { return Ok(ExitCode::SUCCESS) };
    let opened = sent.events.iter().find_map(|event| match event {
        GatewayEvent::RequestOpened(opened) => Some(opened.request),
        _ => None,
    });
    let request = opened.ok_or("the transaction opened no request")?;
    if options.wait {
        session.progress(&format!("request {request}, transaction {}", sent.hash));
        return show(&session, request, true).await;
    }
    let reserved = total.to_string();
    session.print(&sent.json(json!({ "request": request, "reserved": reserved })), || {
        format!(
            "request {request}\n\nIts result: gateway result {request} --wait --network {}",
            session.network.name
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `gateway result`.
pub(in crate::commands) async fn result(options: ShowResult) -> Result<ExitCode, CommandError> {
    let session = Session::open(&options.chain, Path::new("."))?;
    show(&session, RequestId(options.request), options.wait).await
}

/// Shows a request's state, or its result.
async fn show(session: &Session, request: RequestId, wait: bool) -> Result<ExitCode, CommandError> {
    loop {
        let seen: RequestResponse = session.ask(&QueryMsg::Request { request }).await?;
        match seen.status {
            RequestStatus::Fulfilled => return show_result(session, request).await,
            RequestStatus::Expired => {
                session.print(&json!({ "request": request, "status": "expired" }), || {
                    format!(
                        "request {request} expired without a quorum; its fee has been returned. What each node said: \
                         gateway explain {request} --network {}",
                        session.network.name
                    )
                })?;
                return Ok(ExitCode::from(EXPIRED));
            }
            status if !wait => {
                session.print(
                    &json!({ "request": request, "status": status, "deadline": seen.deadline }),
                    || format!("request {request} is open; it expires above height {}", seen.deadline),
                )?;
                return Ok(ExitCode::from(OPEN));
            }
            RequestStatus::Waiting | RequestStatus::Drawn => tokio::time::sleep(POLL).await,
        }
    }
}

async fn show_result(session: &Session, request: RequestId) -> Result<ExitCode, CommandError> {
    let result: ResultResponse = session.ask(&QueryMsg::Result { request }).await?;
    let body = match &result.body {
        Body::Inline { text } => text.clone(),
        Body::Hashed { sha256, size } => {
            format!("{size} bytes with the hash {sha256}, kept by relays: GET /v1/results/{request}/body")
        }
    };
    session.print(&result, || format!("{} {body}\n{} seats agreed", result.class, result.seats))?;
    Ok(if result.class == OutcomeClass::Ok { ExitCode::SUCCESS } else { ExitCode::from(AGREED_ERROR) })
}
