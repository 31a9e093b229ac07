//! Requests at a steady rate, independent of the answers: an open loop, so that a slow system cannot reduce its own load.

use std::sync::Arc;
use std::time::Duration;

use gateway_api::{RequestResponse, RequestStatus, ResultResponse};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::CommandError;
use super::trace::{Moments, Trace};

/// How long the relay is asked to wait before it answers.
const WAIT: &str = "20s";
/// How long one HTTP call may take.
const CALL_LIMIT: Duration = Duration::from_secs(40);
/// How long one request may take until it ends.
const REQUEST_LIMIT: Duration = Duration::from_secs(300);

/// The relay and the project to send requests to.
#[derive(Clone)]
pub(super) struct Target {
    /// The relay's address, without a slash at its end.
    pub(super) relay: String,
    pub(super) api_key: String,
    pub(super) project: u64,
    pub(super) input: Value,
}

/// The number of requests, and their rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) requests: u32,
    pub(super) per_second: f64,
}

/// A request that has a result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// From sending it to the relay's answer that it has a result.
    pub(super) finished: Duration,
    /// Blocks from the request's to the result's.
    pub(super) blocks: u64,
    /// When the request was sent.
    pub(super) sent: Instant,
    /// The relay's report of its steps.
    pub(super) moments: Moments,
}

/// How a request ended.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    Fulfilled(Sample),
    Expired,
    /// The relay accepts no more now: status 429.
    Refused,
    Failed(String),
}

/// Offers the load and waits until every request has ended. Returns how each one ended, and the time from the first request to
/// the last end.
pub(super) async fn offer(target: Target, load: Load) -> Result<(Vec<Fate>, Duration), CommandError> {
    let client = reqwest::Client::builder().timeout(CALL_LIMIT).build()?;
    let trace = Arc::new(Trace::listen(&target.relay).await?);
    let target = Arc::new(target);
    // Keys of an earlier run would return that run's requests.
    let run: u64 = rand::random();
    let mut pace = interval(Duration::from_secs_f64(1.0 / load.per_second));
    pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let began = Instant::now();
    let mut requests = JoinSet::new();
    for index in 0..load.requests {
        pace.tick().await;
        let (client, target, trace) = (client.clone(), Arc::clone(&target), Arc::clone(&trace));
        requests.spawn(async move {
            let key = format!("bench-{run:016x}-{index}");
            let followed = follow(&client, &target, &trace, &key);
            match timeout(REQUEST_LIMIT, followed).await {
                Ok(Ok(fate)) => fate,
                Ok(Err(error)) => Fate::Failed(error.to_string()),
                Err(_) => Fate::Failed(format!("no end within {} s", REQUEST_LIMIT.as_secs())),
            }
        });
    }
    let fates = requests.join_all().await;
    Ok((fates, began.elapsed()))
}

#[derive(Deserialize)]
struct Accepted {
    request: Option<u64>,
}

#[derive(Deserialize)]
struct View {
    request: RequestResponse,
    result: Option<ResultResponse>,
}

/// Follows one request from its sending to its end.
async fn follow(
    client: &reqwest::Client,
    target: &Target,
    trace: &Trace,
    key: &str,
) -> Result<Fate, CommandError> {
    let sent = Instant::now();
    let request = loop {
        let answer = client
            .post(format!("{}/v1/requests?wait={WAIT}", target.relay))
            .bearer_auth(&target.api_key)
            .header("idempotency-key", key)
            .json(&serde_json::json!({ "project": target.project, "input": target.input }))
            .send()
            .await?;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            return Ok(Fate::Refused);
        }
        if !matches!(answer.status(), StatusCode::CREATED | StatusCode::ACCEPTED) {
            return Ok(Fate::Failed(format!("{}: {}", answer.status(), answer.text().await?)));
        }
        // Queued but not yet on the chain: the same key returns the same request.
        if let Some(request) = answer.json::<Accepted>().await?.request {
            break request;
        }
    };
    loop {
        let answer = client.get(format!("{}/v1/requests/{request}?wait={WAIT}", target.relay)).send().await?;
        let view: View = answer.error_for_status()?.json().await?;
        match (view.request.status, view.result) {
            (RequestStatus::Expired, _) => return Ok(Fate::Expired),
            (_, Some(result)) => {
                return Ok(Fate::Fulfilled(Sample {
                    finished: sent.elapsed(),
                    blocks: result.height.saturating_sub(view.request.height),
                    sent,
                    moments: trace.of(request),
                }));
            }
            _ => {}
        }
    }
}
