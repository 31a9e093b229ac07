//! `GET /v1/requests/{id}/explanation`: what has happened to a request, step by step, what is missing, and what comes next.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use gateway_api::{
    Attempt, Body, OutcomeClass, RequestId, RequestResponse, RequestStatus, ResultResponse, TallyResponse,
    limits,
};
use gateway_chain::outbox::ItemState;
use gateway_daemon_runtime::text::clean;
use gateway_http::{Problem, extract};
use gateway_protocol::{AttemptSchedule, Quorum};
use gateway_store::{EventFilter, EventRow, RequestRow};
use serde::{Deserialize, Serialize};

use super::view::RequestView;
use crate::context::Relay;

impl ExplanationView {
    /// Explains a request from the contract's data alone, at `height`: without the times, attestations and abstentions that
    /// only a relay knows. `tallies` is what nodes submitted to the contract themselves.
    #[must_use]
    pub fn of_contract(
        seen: RequestResponse,
        result: Option<ResultResponse>,
        tallies: &[TallyResponse],
        height: u64,
    ) -> Self {
        let mut steps = steps(&seen, &[]);
        steps.extend(tallies.iter().map(|tally| {
            let nodes: Vec<_> = tally.nodes.iter().map(ToString::to_string).collect();
            let detail = format!(
                "class {}, brought to the contract by nodes {} themselves",
                tally.class,
                nodes.join(", ")
            );
            StepView { step: "attested".to_owned(), height: None, time: None, detail }
        }));
        steps.extend(result.as_ref().map(|result| {
            let agreed =
                result.agreed.iter().map(|node| format!("node {} ({} seats)", node.node, node.seats));
            let detail = format!(
                "class {}, published by {}; agreed at attempt {}: {}",
                result.class,
                result.publisher,
                result.attempt,
                agreed.collect::<Vec<_>>().join(", ")
            );
            StepView { step: "fulfilled".to_owned(), height: Some(result.height), time: None, detail }
        }));
        let (next, status) = (next(&seen, false, height), seen.status);
        let view = RequestView {
            request: seen,
            result,
            agreement: None,
            publishing: false,
            refused_publications: 0,
            why: None,
        };
        Self {
            request: view.request.request.get(),
            status: super::view::status(status).to_owned(),
            summary: summary(&view),
            steps,
            next,
            view,
        }
    }
}

/// Events read per request: a request has few.
const EVENTS: u64 = 100;

/// What happened to a request.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExplanationView {
    /// The request.
    pub request: u64,
    /// `waiting`, `drawn`, `fulfilled` or `expired`.
    pub status: String,
    /// Where it stands and why, in one sentence.
    pub summary: String,
    /// What happened, in the order of the chain.
    pub steps: Vec<StepView>,
    /// What happens next, and when; absent once the request has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The request with all attestations, abstentions and differences.
    pub view: RequestView,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StepView {
    /// Its name: `opened`, `drawn`, `publication`, or that of the contract's event.
    pub step: String,
    /// The height at which it happened, where it did on the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
    /// The time of its block (RFC 3339), where this relay saw the block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// What happened.
    pub detail: String,
}

/// Explains a request: heights and times of each step, who attested what, what is missing, what happens next.
#[utoipa::path(
    get,
    path = "/v1/requests/{id}/explanation",
    params(("id" = u64, Path, description = "The request's id")),
    responses(
        (status = 200, description = "The explanation", body = ExplanationView),
        (status = 404, description = "No such request")
    )
)]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    extract::Path(id): extract::Path<u64>,
) -> Result<Json<ExplanationView>, Problem> {
    let row = super::requests::find(&relay, RequestId(id)).await?;
    let filter = EventFilter { request: Some(row.seen.request), ..EventFilter::default() };
    let events = relay.store.events().list(&filter, 0, EVENTS).await?;
    let publication = publication(&relay, &row).await?;
    let seen = row.seen.clone();
    let next = next(&seen, publication.is_some(), relay.height());
    let view = super::requests::show(&relay, row).await?;
    let summary = summary(&view);
    let mut steps = steps(&seen, &events);
    steps.extend(publication);
    Ok(Json(ExplanationView {
        request: id,
        status: super::view::status(seen.status).to_owned(),
        summary,
        steps,
        next,
        view,
    }))
}

/// Describes the state of a publication under way.
async fn publication(relay: &Relay, row: &RequestRow) -> Result<Option<StepView>, Problem> {
    let Some(mark) = row.publication.as_ref().filter(|_| row.seen.status == RequestStatus::Drawn) else {
        return Ok(None);
    };
    let Some(item) = relay.store.outbox().item(mark.item).await? else { return Ok(None) };
    let detail = match (item.state, &item.tx_hash) {
        (ItemState::Queued, _) => "queued, not signed yet".to_owned(),
        (ItemState::Signed, Some(hash)) => format!("sent in transaction {hash}, not in a block yet"),
        (ItemState::Signed, None) => "signed, not in a block yet".to_owned(),
        (ItemState::Done, hash) => format!("in transaction {}", hash.as_deref().unwrap_or("unknown")),
        (ItemState::Failed, _) => format!("failed: {}", item.error.unwrap_or_default()),
    };
    Ok(Some(StepView { step: "publication".to_owned(), height: item.height, time: None, detail }))
}

fn time(ms: u64) -> String {
    humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(ms)).to_string()
}

fn steps(seen: &RequestResponse, events: &[EventRow]) -> Vec<StepView> {
    let at =
        |name: &str| events.iter().find(|row| row.event.event == name).map(|row| time(row.event.time_ms));
    let mut steps = vec![StepView {
        step: "opened".to_owned(),
        height: Some(seen.height),
        time: at("gateway-request-opened"),
        detail: format!(
            "by {} for project {} version {}; deadline at height {}",
            seen.requester, seen.project, seen.version, seen.deadline
        ),
    }];
    if let Some(draw) = &seen.draw {
        steps.push(StepView {
            step: "drawn".to_owned(),
            height: Some(draw.height),
            time: Some(time(draw.time_ns / 1_000_000)),
            detail: format!(
                "by round {} of epoch {} among {} units: {} seats are expected",
                draw.round, draw.epoch, draw.total_units, seen.policy.committee
            ),
        });
    }
    for row in events.iter().filter(|row| row.event.event != "gateway-request-opened") {
        let attributes =
            row.event.attributes.iter().filter(|(name, _)| !matches!(name.as_str(), "request" | "project"));
        steps.push(StepView {
            step: row.event.event.clone(),
            height: Some(row.event.height),
            time: Some(time(row.event.time_ms)),
            detail: attributes.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", "),
        });
    }
    steps
}

fn summary(view: &RequestView) -> String {
    let reason = view.agreement.as_ref().map(|agreement| agreement.reason.clone());
    match view.request.status {
        RequestStatus::Waiting => "It waits for a round: no committee is drawn yet.".to_owned(),
        RequestStatus::Drawn if view.publishing => {
            "A quorum agrees; the publication is under way.".to_owned()
        }
        RequestStatus::Drawn => {
            let refused =
                view.why.as_ref().map_or_else(String::new, |why| format!(" The newest publication: {why}."));
            match reason {
                Some(reason) => format!("No quorum yet: {reason}.{refused}"),
                None => format!("No quorum yet.{refused}"),
            }
        }
        RequestStatus::Fulfilled => match &view.result {
            Some(result) => format!(
                "Fulfilled with class {} at height {}: {} seats agreed at attempt {}, {} were needed.{}",
                result.class,
                result.height,
                result.seats,
                result.attempt,
                result.quorum_seats,
                error_text(result).map_or_else(String::new, |text| format!(" The error: {text}"))
            ),
            None => "Fulfilled.".to_owned(),
        },
        RequestStatus::Expired => match reason {
            Some(reason) => format!("Expired and refunded: {reason}."),
            None if view.request.draw.is_some() => {
                "Expired and refunded: no quorum was published in time.".to_owned()
            }
            None => "Expired and refunded: it was never drawn.".to_owned(),
        },
    }
}

/// Longest error shown in a summary, in characters; the result has all of it.
const MOST_SHOWN: usize = 300;

/// Returns the text of an agreed error; `None` for a value, and for a body that only relays have.
fn error_text(result: &ResultResponse) -> Option<String> {
    match &result.body {
        Body::Inline { text } if result.class != OutcomeClass::Ok => Some(clean(text, MOST_SHOWN)),
        _ => None,
    }
}

/// Describes what happens next to an open request.
fn next(seen: &RequestResponse, publishing: bool, height: u64) -> Option<String> {
    match (seen.status, &seen.draw) {
        (RequestStatus::Fulfilled | RequestStatus::Expired, _) => None,
        (RequestStatus::Waiting, _) => Some(format!(
            "The next round opened above height {} draws it (a keeper sends Tick).",
            seen.height
        )),
        _ if height > seen.deadline => {
            Some("The deadline has passed: whoever sends Expire refunds it (a keeper does).".to_owned())
        }
        _ if publishing => {
            Some("The contract verifies the publication when its transaction is in a block.".to_owned())
        }
        (RequestStatus::Drawn, draw) => {
            let draw = draw.as_ref()?;
            let attempts = AttemptSchedule::from(draw);
            let later = Attempt(attempts.latest(height)?.get() + 1);
            let expires = format!("it expires above height {}", seen.deadline);
            if later.get() >= limits::ATTEMPTS {
                return Some(format!("It is in its last attempt; {expires}."));
            }
            let begins = attempts.begins(later);
            let Quorum { seats, .. } = Quorum::new(&seen.policy, OutcomeClass::Ok, later, draw.total_units);
            Some(format!(
                "Attempt {later} begins at height {begins}, with more seats and a quorum of {seats}; {expires}."
            ))
        }
    }
}
