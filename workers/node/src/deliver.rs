//! Sends what is attested to the relays, the same bytes until one takes them or the request ends; and, where the node has
//! an account and no relay takes them for long enough, to the contract itself.

use crate::context::Context;
use crate::error::NodeError;
use crate::fallback_submission::FallbackStatus;
use crate::{fallback_submission, schedule};
use futures::future::join_all;
use gateway_api::{RequestId, SignedOutcome};
use gateway_daemon_runtime::http::{HttpError, fetch};
use gateway_daemon_runtime::{Backoff, CancellationToken};
use gateway_store::{JobRow, JobState};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Jobs read at a time.
const PAGE: u64 = 200;
/// Deliveries at the same time.
const PLACES: usize = 32;
/// Bytes read of a relay's answer.
const ANSWER: usize = 64 << 10;

const RETRY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));

type Done = (RequestId, Result<(), NodeError>);

/// Delivers until cancelled.
///
/// # Errors
/// The database fails.
pub(crate) async fn deliver(context: Arc<Context>, cancel: CancellationToken) -> Result<(), NodeError> {
    let mut news = context.news.subscribe();
    news.mark_changed();
    let mut running: JoinSet<Done> = JoinSet::new();
    let mut held: HashSet<RequestId> = HashSet::new();
    loop {
        tokio::select! {
            () = cancel.cancelled() => break,
            change = news.changed() => {
                if change.is_err() {
                    break;
                }
            }
            Some(done) = running.join_next(), if !running.is_empty() => match done {
                Ok((request, result)) => {
                    result?;
                    held.remove(&request);
                }
                Err(error) => tracing::error!(%error, "a delivery broke"),
            },
        }
        begin(&context, &mut running, &mut held, &cancel).await?;
    }
    running.shutdown().await;
    Ok(())
}

/// Starts as many deliveries as there are free places.
async fn begin(
    context: &Arc<Context>,
    running: &mut JoinSet<Done>,
    held: &mut HashSet<RequestId>,
    cancel: &CancellationToken,
) -> Result<(), NodeError> {
    let height = context.height();
    let mut after = RequestId(0);
    while running.len() < PLACES {
        let page = context.store.jobs().list(JobState::Attested, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seen.request;
        for job in page {
            let request = job.seen.request;
            if running.len() < PLACES && schedule::may_send(&job, height) && held.insert(request) {
                let (context, cancel) = (context.clone(), cancel.clone());
                running.spawn(async move { (request, deliver_one(&context, job, &cancel).await) });
            }
        }
    }
    Ok(())
}

/// Delivers one message, for as long as its job is attested and neither a relay nor the contract has it.
async fn deliver_one(context: &Context, job: JobRow, cancel: &CancellationToken) -> Result<(), NodeError> {
    let request = job.seen.request;
    let Some(message) = &job.message else {
        return settle(context, request, JobState::Abstained, Some("the message is missing".to_owned()))
            .await;
    };
    // A word that was refused before a restart has waited since it was due.
    let refused_before = job.reason.as_ref().and_then(|_| schedule::due(&job));
    let since = refused_before.unwrap_or_else(|| context.height());
    let mut standing = FallbackStatus::NotDue;
    let mut delays = RETRY.delays();
    loop {
        let answers = join_all(context.relays.iter().map(|relay| send(context, relay, message))).await;
        let taken = answers.iter().any(Result::is_ok);
        let reasons: Vec<String> = context
            .relays
            .iter()
            .zip(answers)
            .filter_map(|(relay, answer)| answer.err().map(|error| format!("{relay}: {}", words(&error))))
            .collect();
        if taken {
            tracing::info!(%request, "a relay has the attestation");
            return settle(context, request, JobState::Sent, None).await;
        }
        let mut reason = reasons.join("; ");
        if let Some(account) = &context.account {
            let now = fallback_submission::look(context, account, &job, since).await?;
            let news = now != standing;
            standing = now;
            match &standing {
                FallbackStatus::NotDue => {}
                FallbackStatus::UnderWay => reason.push_str("; own transaction: under way"),
                FallbackStatus::Accepted => {
                    tracing::info!(%request, "the contract has the attestation");
                    fallback_submission::count("accepted");
                    return settle(context, request, JobState::Sent, None).await;
                }
                FallbackStatus::Nothing(why) => {
                    if news {
                        tracing::warn!(%request, why, "the contract does not take the attestation");
                        fallback_submission::count("nothing");
                    }
                    reason = format!("{reason}; {why}");
                }
            }
        }
        tracing::warn!(%request, reason, "no relay took the attestation, trying again");
        settle(context, request, JobState::Attested, Some(reason)).await?;
        let delay = delays.next().unwrap_or(RETRY.max);
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            () = tokio::time::sleep(delay) => {}
        }
        let now = context.store.jobs().get(request).await?;
        if now.is_none_or(|job| job.state != JobState::Attested) {
            return Ok(());
        }
    }
}

/// Tells a relay.
pub(crate) async fn send(context: &Context, relay: &str, message: &SignedOutcome) -> Result<(), HttpError> {
    let url = format!("{}/v1/attestations", relay.trim_end_matches('/'));
    let sent = fetch(context.client.post(url).json(message), ANSWER).await;
    let verdict = if sent.is_ok() { "taken" } else { "refused" };
    metrics::counter!("gateway_node_deliveries_total", "verdict" => verdict).increment(1);
    sent.map(|_| ())
}

/// An error with what the relay said, which is what tells an operator why.
fn words(error: &HttpError) -> String {
    match error {
        HttpError::Status { status, body } => format!("{status} {body}"),
        error => error.to_string(),
    }
}

/// Stores where an attested job now stands; one that is not attested any more stays as it is.
async fn settle(
    context: &Context,
    request: RequestId,
    state: JobState,
    reason: Option<String>,
) -> Result<(), NodeError> {
    let work = context.store.begin().await?;
    let Some(mut job) = work.jobs().get(request).await?.filter(|job| job.state == JobState::Attested) else {
        return Ok(());
    };
    if job.state != state || job.reason != reason {
        (job.state, job.reason) = (state, reason);
        work.jobs().put(&job).await?;
        work.commit().await?;
        if state != JobState::Attested {
            context.jobs_changed();
        }
    }
    Ok(())
}
