//! `POST /v1/requests`: a request the relay pays for. `GET /v1/requests/{id}`: one request, awaiting its end on demand.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gateway_api::{Overrides, ProjectId, RequestId, RequestResponse, RequestStatus};
use gateway_chain::outbox::ItemState;
use gateway_http::{Caller, Problem, extract};
use gateway_store::{Order, RequestRow, SponsoredRow};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::watch;
use tokio::time::Instant;

use super::view::{RequestView, status as status_name};
use crate::context::Relay;
use crate::sponsor::Posted;
use crate::{mirror, sponsor};

/// Blocks after which the database is read for a waiting caller, whatever is known in memory.
const BLOCKS: u32 = 8;
/// Default time to wait for a sponsored request.
const SPONSOR_WAIT: Duration = Duration::from_secs(30);

/// A request to be sent and paid by the relay.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRequest {
    /// The project asked.
    project: u64,
    /// The input: any JSON value, whose text as sent has at most 16384 bytes.
    #[schema(value_type = Value)]
    input: Box<RawValue>,
    /// What to ask for beyond the project's policy, as far as its owner allows.
    #[schema(schema_with = overrides)]
    overrides: Option<Overrides>,
}

fn overrides() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("Overrides")
}

/// A request sent by the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Accepted {
    /// The request's id; absent while the chain has not given one. Ask again with the same Idempotency-Key then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<u64>,
    /// The id under which the request waits while the chain does not answer: ask `/v1/received/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
    /// `received`, `queued`, `opened`, or, where the caller waited for its end, `fulfilled` or `expired`.
    pub status: String,
}

/// How long to wait.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wait {
    /// Longest time to wait for the request's end, for example `30s`. Without it, a new request is waited for until the chain
    /// has given it an id.
    wait: Option<String>,
}

impl Wait {
    fn until(&self, relay: &Relay, default: Duration) -> Result<Instant, Problem> {
        let wait = match &self.wait {
            None => default.min(relay.longest_wait),
            Some(text) => {
                let bound = humantime::format_duration(relay.longest_wait);
                let wait = humantime::parse_duration(text)
                    .map_err(|error| Problem::invalid("wait", format!("{error}; an example is 30s")))?;
                if wait > relay.longest_wait {
                    return Err(Problem::invalid("wait", format!("it takes at most {bound}")));
                }
                wait
            }
        };
        Ok(Instant::now() + wait)
    }
}

/// Sends a request in the relay's name and pays for it. The same Idempotency-Key gives the same request.
#[utoipa::path(
    post,
    path = "/v1/requests",
    params(
        ("Idempotency-Key" = String, Header, description = "1 to 128 visible ASCII characters"),
        Wait
    ),
    request_body = NewRequest,
    security(("api_key" = [])),
    responses(
        (status = 201, description = "Opened", body = Accepted),
        (status = 202, description = "Queued, or received while the chain does not answer; ask again", body = Accepted),
        (status = 401, description = "No or unknown API key"),
        (status = 409, description = "The key was used for another request"),
        (status = 422, description = "The chain refused the request"),
        (status = 429, description = "Over the key's rate or what it may spend a day")
    )
)]
pub(super) async fn post(
    State(relay): State<Arc<Relay>>,
    caller: Caller,
    extract::Query(wait): extract::Query<Wait>,
    headers: HeaderMap,
    extract::Json(new): extract::Json<NewRequest>,
) -> Result<Response, Problem> {
    let deadline = wait.until(&relay, SPONSOR_WAIT)?;
    let key = sponsor::check_key(headers.get("idempotency-key").and_then(|key| key.to_str().ok()))?;
    let NewRequest { project, input, overrides } = new;
    let input = input.get().to_owned();
    let order = Order { project: ProjectId(project), input, overrides };
    let failures = relay.outbox.failures();
    let (row, looked) = match sponsor::post(&relay, &caller.name, key, order).await? {
        Posted::New(row) => (row, Some(failures)),
        Posted::Before(row) => (row, None),
        Posted::Received(id) => {
            let body = Accepted { request: None, received: Some(id), status: "received".to_owned() };
            let location = [(header::LOCATION, format!("/v1/received/{id}"))];
            return Ok((StatusCode::ACCEPTED, location, Json(body)).into_response());
        }
    };
    let request = opened(&relay, row, looked, deadline).await?;
    let stands = match (request, &wait.wait) {
        (None, _) => "queued",
        (Some(_), None) => "opened",
        (Some(request), Some(_)) => match ended(&relay, request, deadline).await?.seen.status {
            RequestStatus::Waiting | RequestStatus::Drawn => "opened",
            ended => status_name(ended),
        },
    };
    let status = if request.is_some() { StatusCode::CREATED } else { StatusCode::ACCEPTED };
    let body = Accepted { request: request.map(RequestId::get), received: None, status: stands.to_owned() };
    let mut response = (status, Json(body)).into_response();
    if let Some(location) =
        request.and_then(|request| HeaderValue::from_str(&format!("/v1/requests/{request}")).ok())
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// Waits until the chain has given the request its id. Of one that has just been queued the database has nothing that memory
/// lacks: for it, `looked` is the outbox's number of failures from before.
async fn opened(
    relay: &Relay,
    row: SponsoredRow,
    mut looked: Option<u64>,
    deadline: Instant,
) -> Result<Option<RequestId>, Problem> {
    let mut height = relay.height.subscribe();
    loop {
        height.mark_unchanged();
        if let Some(request) = relay.cache.opened(row.item) {
            return Ok(Some(request));
        }
        let failures = match looked.take() {
            Some(failures) => failures,
            None => {
                let failures = relay.outbox.failures();
                if let Some(request) = stored(relay, &row).await? {
                    return Ok(Some(request));
                }
                failures
            }
        };
        if relay.cancel.is_cancelled() || Instant::now() >= deadline {
            return Ok(None);
        }
        let settled = || relay.cache.opened(row.item).is_some() || relay.outbox.failures() != failures;
        news_until(relay, &mut height, deadline, settled).await?;
    }
}

/// Returns the request's id as stored; an error if the chain refused it.
async fn stored(relay: &Relay, row: &SponsoredRow) -> Result<Option<RequestId>, Problem> {
    let found = relay.store.sponsored().get(&row.payer, &row.key).await?;
    if let Some(request) = found.and_then(|row| row.request) {
        return Ok(Some(request));
    }
    let item = relay.store.outbox().item(row.item).await?;
    match item.filter(|item| item.state == ItemState::Failed) {
        Some(item) => {
            let kind = Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "request-refused",
                "The chain refused the request",
            );
            Err(kind.detail(item.error.unwrap_or_default()))
        }
        None => Ok(None),
    }
}

/// One request: where it stands, its result, and who has attested what.
#[utoipa::path(
    get,
    path = "/v1/requests/{id}",
    params(("id" = u64, Path, description = "The request's id"), Wait),
    responses(
        (status = 200, description = "The request; with `wait`, as soon as it has ended", body = RequestView),
        (status = 404, description = "No such request")
    )
)]
pub(super) async fn get(
    State(relay): State<Arc<Relay>>,
    extract::Path(id): extract::Path<u64>,
    extract::Query(wait): extract::Query<Wait>,
) -> Result<Json<RequestView>, Problem> {
    let deadline = wait.until(&relay, Duration::ZERO)?;
    let row = ended(&relay, RequestId(id), deadline).await?;
    show(&relay, row).await.map(Json)
}

/// Returns the request once it has ended, or in its state at `deadline` or at the relay's stop.
async fn ended(relay: &Relay, request: RequestId, deadline: Instant) -> Result<RequestRow, Problem> {
    let mut height = relay.height.subscribe();
    loop {
        height.mark_unchanged();
        let row = find(relay, request).await?;
        let ended = matches!(row.seen.status, RequestStatus::Fulfilled | RequestStatus::Expired);
        if ended || relay.cancel.is_cancelled() || Instant::now() >= deadline {
            return Ok(row);
        }
        news_until(relay, &mut height, deadline, || relay.cache.has_ended(request)).await?;
    }
}

/// Waits for blocks until memory shows a change to what the caller waits for: most blocks change nothing for it. Also returns
/// at the deadline, at the relay's stop and after [`BLOCKS`].
async fn news_until(
    relay: &Relay,
    height: &mut watch::Receiver<u64>,
    deadline: Instant,
    happened: impl Fn() -> bool,
) -> Result<(), Problem> {
    for _ in 0..BLOCKS {
        relay.news(height, deadline).await?;
        if happened() || relay.cancel.is_cancelled() || Instant::now() >= deadline {
            break;
        }
    }
    Ok(())
}

pub(super) async fn show(relay: &Relay, row: RequestRow) -> Result<RequestView, Problem> {
    let request = row.seen.request;
    let result = relay.store.results().get(request).await?;
    let votes = relay.store.attestations().of(request).await?;
    let abstentions = relay.store.abstentions().of(request).await?;
    // The total is needed only to show abstentions as a share of all nodes.
    let nodes = match &row.seen.draw {
        Some(draw) if !abstentions.is_empty() => relay.store.nodes().active(draw.epoch).await?,
        _ => 0,
    };
    Ok(RequestView::new(row, result, &votes, &abstentions, nodes, relay.height()))
}

/// Returns the mirrored request, or queries the contract for one that predates this relay.
pub(super) async fn find(relay: &Relay, request: RequestId) -> Result<RequestRow, Problem> {
    let row = relay.store.requests().get(request).await?;
    if let Some(row) = row {
        return Ok(row);
    }
    ask(relay, request).await?;
    let row = relay.store.requests().get(request).await?;
    row.ok_or_else(|| Problem::not_found(format!("there is no request {request}")))
}

/// Queries the contract for a request and its result, and mirrors them.
pub(super) async fn ask(relay: &Relay, request: RequestId) -> Result<Option<RequestResponse>, Problem> {
    let _permit = relay.lookup().await?;
    let Some(seen) = mirror::request(&relay.query, request).await? else { return Ok(None) };
    let result = match seen.status {
        RequestStatus::Fulfilled => mirror::result(&relay.query, request).await?,
        _ => None,
    };
    let work = relay.store.begin().await?;
    let requests = vec![seen.clone()];
    mirror::Changes { requests, results: result.into_iter().collect(), nodes: Vec::new() }
        .store(&work)
        .await?;
    work.commit().await?;
    Ok(Some(seen))
}
