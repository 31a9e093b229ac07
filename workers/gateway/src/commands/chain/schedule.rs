//! `gateway schedule`: requests that keepers open when they are due, out of a budget or a subscription.

use std::path::Path;
use std::time::Duration;

use gateway_api::events::{GatewayEvent, ScheduleEnded};
use gateway_api::{
    ConfigResponse, ExecuteMsg, FeeResponse, NewRequest, NewSchedule, Overrides, ProjectId, QueryMsg,
    ScheduleId, ScheduleResponse, SchedulesResponse, SubscriptionId,
};
use gateway_chain::ChainReader as _;
use gateway_daemon_runtime::http;
use gateway_relay::{FeedEvent, HistoryView};
use serde_json::json;

use super::coins;
use super::session::{Sent, Session};
use crate::arguments::{NewSchedule as Wanted, Schedule, ScheduleAction};
use crate::commands::CommandError;
use crate::commands::run::check_input;

/// Default number of blocks to the first firing of a schedule with an end: its transaction needs some.
const SOON: u64 = 5;
/// Time-out of a relay.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest page of a history read, in bytes.
const MOST: usize = 8 << 20;

/// Runs a command on schedules.
pub(in crate::commands) async fn run(command: Schedule) -> Result<(), CommandError> {
    let session = Session::open(&command.chain, Path::new("."))?;
    let (session, id) = (&session, ScheduleId);
    match command.action {
        ScheduleAction::Create(wanted) => create(session, wanted).await,
        ScheduleAction::List { after, limit } => list(session, after.map(id), limit).await,
        ScheduleAction::Show { schedule } => show(session, id(schedule)).await,
        ScheduleAction::History { schedule, relay, after, limit } => {
            history(session, id(schedule), relay, after, limit).await
        }
        ScheduleAction::Fund { schedule, amount } => {
            let message = ExecuteMsg::FundSchedule { schedule: id(schedule) };
            if session.send(&message, amount).await?.is_none() {
                return Ok(());
            }
            show(session, id(schedule)).await
        }
        ScheduleAction::Cancel { schedule } => cancel(session, id(schedule)).await,
        ScheduleAction::Run { schedules } => {
            let named = (!schedules.is_empty()).then(|| schedules.into_iter().map(id).collect());
            run_due(session, named).await
        }
    }
}

async fn create(session: &Session, wanted: Wanted) -> Result<(), CommandError> {
    check_input(&wanted.input)?;
    if wanted.firings.is_some_and(|firings| firings > 1) && wanted.every_blocks.is_none() {
        return Err("--firings above 1 takes --every-blocks: without it a schedule fires once".into());
    }
    let (project, overrides) = (ProjectId(wanted.project), wanted.overrides.overrides());
    let budget = match (wanted.subscription, wanted.budget) {
        (Some(_), _) => 0,
        (None, Some(budget)) => budget,
        (None, None) => {
            if wanted.every_blocks.is_some() && wanted.firings.is_none() {
                session.progress("one firing is paid for: --firings or --budget pays for more");
            }
            budget_for(session, project, overrides, wanted.firings.unwrap_or(1)).await?
        }
    };
    let counted = wanted.firings.zip(wanted.every_blocks).filter(|_| wanted.until.is_none());
    let at = match (wanted.at, wanted.in_blocks) {
        (Some(at), _) => Some(at),
        // An end is counted from the first firing, whose height must then be known.
        (None, None) if counted.is_none() => None,
        (None, blocks) => {
            let height = session.chain().await?.status().await?.height;
            Some(height.saturating_add(blocks.unwrap_or(SOON)))
        }
    };
    let last =
        counted.zip(at).map(|((firings, every), at)| at.saturating_add(firings.saturating_mul(every)) - 1);
    let request = NewRequest {
        overrides,
        subscription: wanted.subscription.map(SubscriptionId),
        ..NewRequest::new(project, wanted.input)
    };
    let new = NewSchedule { request, at, every_blocks: wanted.every_blocks, until: wanted.until.or(last) };
    let Some(sent) = session.send(&ExecuteMsg::Schedule(new), budget).await? else { return Ok(()) };
    let begun = sent.events.iter().find_map(|event| match event {
        GatewayEvent::ScheduleChanged(changed) => Some((changed.schedule, changed.next)),
        _ => None,
    });
    let (schedule, next) = begun.ok_or("the transaction began no schedule")?;
    let answer = json!({ "schedule": schedule, "next": next, "budget": budget.to_string() });
    session.print(&sent.json(answer), || {
        format!("schedule {schedule}, first due at height {next} (transaction {})", sent.hash)
    })
}

/// Returns the cost of so many firings: the request's fee and the keeper's bounty for each.
async fn budget_for(
    session: &Session,
    project: ProjectId,
    overrides: Option<Overrides>,
    firings: u64,
) -> Result<u128, CommandError> {
    let fee: FeeResponse = session.ask(&QueryMsg::EstimateFee { project, overrides, callback: None }).await?;
    let config: ConfigResponse = session.ask(&QueryMsg::Config {}).await?;
    let bounty = config.settings.schedule_bounty.unwrap_or_default();
    let each = fee.total.u128().saturating_add(bounty.u128());
    let budget = each.checked_mul(firings.into()).ok_or("--firings: so many cost more than there is")?;
    session.progress(&format!(
        "a budget of {} for {firings} {} of {}; what is not used comes back",
        coins(budget, &fee.denom),
        if firings == 1 { "firing" } else { "firings" },
        coins(each, &fee.denom)
    ));
    Ok(budget)
}

async fn list(session: &Session, start_after: Option<ScheduleId>, limit: u32) -> Result<(), CommandError> {
    let page: SchedulesResponse =
        session.ask(&QueryMsg::Schedules { start_after, limit: Some(limit) }).await?;
    let denom = &session.network.denom;
    session.print(&page, || {
        let head = format!(
            "{:>6}  {:>7}  {:>10}  {:>8}  {:>7}  {:>6}  paid by",
            "id", "project", "next", "every", "opened", "missed"
        );
        let rows = page.schedules.iter().map(|s| {
            format!(
                "{:>6}  {:>7}  {:>10}  {:>8}  {:>7}  {:>6}  {}",
                s.schedule.to_string(),
                s.request.project.to_string(),
                s.next,
                s.every_blocks.map_or_else(|| "once".to_owned(), |blocks| blocks.to_string()),
                s.opened,
                s.missed,
                payer(s, denom)
            )
        });
        std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n")
    })
}

fn payer(schedule: &ScheduleResponse, denom: &str) -> String {
    match schedule.request.subscription {
        Some(subscription) => format!("subscription {subscription}"),
        None => format!("its budget, {}", coins(schedule.budget.u128(), denom)),
    }
}

async fn show(session: &Session, schedule: ScheduleId) -> Result<(), CommandError> {
    // Lists from this number on, so that an ended schedule does not make the query fail.
    let start_after = Some(ScheduleId(schedule.get().saturating_sub(1)));
    let page: SchedulesResponse = session.ask(&QueryMsg::Schedules { start_after, limit: Some(1) }).await?;
    let Some(seen) = page.schedules.into_iter().find(|seen| seen.schedule == schedule) else {
        return Err(format!(
            "there is no schedule {schedule}: it has ended, or never began. What came of it: gateway schedule history {schedule} --network {}",
            session.network.name
        )
        .into());
    };
    let denom = &session.network.denom;
    session.print(&seen, || {
        let every = seen.every_blocks.map_or_else(String::new, |blocks| format!(", every {blocks} blocks"));
        let until = seen.until.map_or_else(String::new, |height| format!(", until height {height}"));
        let newest = seen.last.map_or_else(String::new, |id| format!(", the newest is request {id}"));
        [
            format!("schedule {schedule}"),
            format!("owner    {}", seen.owner),
            format!("asks     project {} with {}", seen.request.project, seen.request.input),
            format!("fires    at height {}{every}{until}", seen.next),
            format!("paid by  {}", payer(&seen, denom)),
            format!("opened   {} requests{newest}", seen.opened),
            format!("missed   {} firings", seen.missed),
        ]
        .join("\n")
    })
}

async fn cancel(session: &Session, schedule: ScheduleId) -> Result<(), CommandError> {
    let Some(sent) = session.send(&ExecuteMsg::CancelSchedule { schedule }, 0).await? else { return Ok(()) };
    let ended = sent.events.iter().find_map(|event| match event {
        GatewayEvent::ScheduleEnded(ScheduleEnded { returned, .. }) => Some(returned.u128()),
        _ => None,
    });
    let returned = ended.ok_or("the transaction ended no schedule")?;
    let denom = &session.network.denom;
    session.print(&sent.json(json!({ "schedule": schedule, "returned": returned.to_string() })), || {
        format!("schedule {schedule} has ended; {} came back", coins(returned, denom))
    })
}

async fn run_due(session: &Session, schedules: Option<Vec<ScheduleId>>) -> Result<(), CommandError> {
    let message = ExecuteMsg::RunSchedules { limit: None, schedules };
    let Some(sent) = session.send(&message, 0).await? else { return Ok(()) };
    let lines = firings(&sent);
    session.print(&sent.json(json!({ "done": lines })), || match lines.as_slice() {
        [] => "nothing was due".to_owned(),
        some => some.join("\n"),
    })
}

fn firings(sent: &Sent) -> Vec<String> {
    let line = |event: &GatewayEvent| match event {
        GatewayEvent::ScheduleFired(e) => {
            Some(format!("schedule {}: request {} is open, due at height {}", e.schedule, e.request, e.due))
        }
        GatewayEvent::FiringsMissed(e) => Some(format!(
            "schedule {}: {} firings from height {} on are missed: {}",
            e.schedule, e.firings, e.due, e.reason
        )),
        GatewayEvent::ScheduleEnded(e) => Some(format!("schedule {} has ended: {}", e.schedule, e.reason)),
        _ => None,
    };
    sent.events.iter().filter_map(line).collect()
}

async fn history(
    session: &Session,
    schedule: ScheduleId,
    relay: Option<String>,
    after: Option<u64>,
    limit: u32,
) -> Result<(), CommandError> {
    let relay = relay.as_deref().or(session.network.relay.as_deref()).ok_or_else(|| {
        let name = &session.network.name;
        format!("relays know a schedule's history: name one with --relay, or `relay` under [networks.{name}]")
    })?;
    let from = after.unwrap_or_default();
    let url =
        format!("{}/v1/history?schedule={schedule}&after={from}&limit={limit}", relay.trim_end_matches('/'));
    let page: HistoryView = http::fetch_json(http::client(TIMEOUT)?.get(url), MOST).await?;
    session.print(&page, || {
        let mut lines: Vec<_> = page.items.iter().map(happened).collect();
        if lines.is_empty() {
            lines.push(format!(
                "{relay} has seen nothing of schedule {schedule} up to height {}",
                page.height
            ));
        }
        lines.extend(page.missing.iter().map(|gap| {
            format!("the relay does not have the heights {} to {}: {}", gap.from, gap.to, gap.reason)
        }));
        lines.extend(page.next.map(|next| format!("\nmore: --after {next}")));
        lines.join("\n")
    })
}

fn happened(event: &FeedEvent) -> String {
    let name = event.event.strip_prefix("gateway-").unwrap_or(&event.event);
    let mut attributes = event.attributes.clone();
    // What is already known, and the message's place in its transaction.
    for known in ["schedule", "msg_index"] {
        attributes.remove(known);
    }
    let rest: Vec<_> = attributes.iter().map(|(key, value)| format!("{key} {value}")).collect();
    format!("{:>10}  {name:<17}  {}", event.height, rest.join(", "))
}
