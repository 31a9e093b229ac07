//! Sends attestations to the relays, the same bytes until one accepts them or the request ends; and, if the node has an account
//! and no relay accepts them for long enough, to the contract itself.
//!
//! Guarantees: every attestation is sent to every relay, and none waits for another; the first receipt settles the job.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use gateway_api::{RequestId, SignedOutcome};
use gateway_daemon_runtime::{Backoff, CancellationToken};
use gateway_store::{JobRow, JobState};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::context::Context;
use crate::error::NodeError;
use crate::fallback_submission::{self, FallbackStatus};
use crate::outlet::{DeliveryError, Outlet};
use crate::schedule;

/// Concurrent deliveries that no relay has accepted yet.
const PLACES: usize = 256;
/// How long a round waits for slow relays before the others are tried again.
const ROUND: Duration = Duration::from_secs(2);

const RETRY: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));

/// Requests in flight: the relay's position and the result.
type Sending = FuturesUnordered<BoxFuture<'static, (usize, Result<(), DeliveryError>)>>;

/// How the delivery of a message ended, and what is still in flight to slower relays.
pub(crate) struct Delivery {
    pub(crate) taken: bool,
    sending: Sending,
}

type Done = (RequestId, Result<Delivery, NodeError>);

/// Delivers until cancelled.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn deliver(context: Arc<Context>, cancel: CancellationToken) -> Result<(), NodeError> {
    let mut news = context.news.subscribe();
    news.mark_changed();
    let mut running: JoinSet<Done> = JoinSet::new();
    // Deliveries still in flight to slower relays after the first has accepted the message.
    let mut trailing = JoinSet::new();
    let mut held: HashSet<RequestId> = HashSet::new();
    loop {
        tokio::select! {
            () = cancel.cancelled() => break,
            change = news.changed() => {
                if change.is_err() {
                    break;
                }
            }
            Some(_) = trailing.join_next(), if !trailing.is_empty() => continue,
            Some(done) = running.join_next(), if !running.is_empty() => {
                // What was accepted in the meantime is stored with it: one commit for all.
                let others = std::iter::from_fn(|| running.try_join_next());
                let (mut ended, mut taken) = (Vec::new(), Vec::new());
                for done in std::iter::once(done).chain(others) {
                    match done {
                        Ok((request, delivery)) => {
                            let delivery = delivery?;
                            ended.push(request);
                            taken.extend(delivery.taken.then_some(request));
                            if !delivery.sending.is_empty() {
                                trailing.spawn(delivery.sending.for_each(|_| std::future::ready(())));
                            }
                        }
                        Err(error) => tracing::error!(%error, "a delivery task panicked"),
                    }
                }
                sent(&context, &taken).await?;
                ended.iter().for_each(|request| _ = held.remove(request));
            }
        }
        begin(&context, &mut running, &mut held, &cancel).await?;
    }
    running.shutdown().await;
    trailing.shutdown().await;
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
    let due = context.due_jobs.of(JobState::Attested, |request, due| {
        due.send.is_some_and(|send| send <= height) && !held.contains(request)
    });
    let free = PLACES.saturating_sub(running.len());
    let requests: Vec<_> = due.into_iter().map(|(request, _)| request).take(free).collect();
    for job in context.store.jobs().among(&requests).await? {
        let request = job.seen.request;
        context.due_jobs.put(&job);
        if job.state == JobState::Attested && schedule::may_send(&job, height) && held.insert(request) {
            let (context, cancel) = (context.clone(), cancel.clone());
            running.spawn(async move { (request, deliver_one(&context, job, &cancel).await) });
        }
    }
    Ok(())
}

/// Records that relays or the contract have these attestations; jobs that are no longer attested stay as they are.
async fn sent(context: &Context, requests: &[RequestId]) -> Result<(), NodeError> {
    if requests.is_empty() {
        return Ok(());
    }
    let work = context.store.begin().await?;
    work.jobs().advance(requests, &[JobState::Attested], JobState::Sent).await?;
    work.commit().await?;
    for request in requests {
        context.due_jobs.advance(*request, JobState::Attested, JobState::Sent);
    }
    context.jobs_changed();
    Ok(())
}

/// Delivers one message, for as long as its job is attested and neither a relay nor the contract has it.
pub(crate) async fn deliver_one(
    context: &Context,
    job: JobRow,
    cancel: &CancellationToken,
) -> Result<Delivery, NodeError> {
    let request = job.seen.request;
    let Some(message) = job.message.clone().map(Arc::new) else {
        settle(context, request, JobState::Abstained, Some("the message is missing".to_owned())).await?;
        return Ok(Delivery { taken: false, sending: Sending::new() });
    };
    // A message refused before a restart has been waiting since it was due.
    let refused_before = job.reason.as_ref().and_then(|_| schedule::due(&job));
    let since = refused_before.unwrap_or_else(|| context.height());
    let mut last = FallbackStatus::NotDue;
    let mut delays = RETRY.delays();
    let mut sending = Sending::new();
    let mut reasons: Vec<Option<String>> = context.relays.iter().map(|_| Some(String::new())).collect();
    loop {
        for (at, relay) in context.relays.iter().enumerate() {
            if let Some(reason) = reasons.get_mut(at).filter(|reason| reason.is_some()) {
                *reason = None;
                sending.push(send(at, relay.clone(), message.clone()));
            }
        }
        if answered(&mut sending, &mut reasons, ROUND, false).await {
            tracing::info!(%request, "relay accepted the attestation");
            return Ok(Delivery { taken: true, sending });
        }
        let mut reason = context
            .relays
            .iter()
            .zip(&reasons)
            .map(|(relay, reason)| {
                format!("{}: {}", relay.url(), reason.as_deref().unwrap_or("no answer yet"))
            })
            .collect::<Vec<_>>()
            .join("; ");
        match fallback(context, &job, since, &mut last).await? {
            FallbackStatus::Accepted => return Ok(Delivery { taken: true, sending }),
            FallbackStatus::NotDue => {}
            FallbackStatus::UnderWay => reason.push_str("; own transaction: under way"),
            FallbackStatus::Nothing(why) => reason = format!("{reason}; {why}"),
        }
        tracing::warn!(%request, reason, "no relay accepted the attestation, retrying");
        settle(context, request, JobState::Attested, Some(reason)).await?;
        let delay = delays.next().unwrap_or(RETRY.max);
        let taken = tokio::select! {
            () = cancel.cancelled() => return Ok(Delivery { taken: false, sending }),
            taken = answered(&mut sending, &mut reasons, delay, true) => taken,
        };
        if taken {
            tracing::info!(%request, "relay accepted the attestation");
            return Ok(Delivery { taken: true, sending });
        }
        let now = context.store.jobs().get(request).await?;
        if now.is_none_or(|job| job.state != JobState::Attested) {
            return Ok(Delivery { taken: false, sending });
        }
    }
}

fn send(
    at: usize,
    relay: Arc<Outlet>,
    message: Arc<SignedOutcome>,
) -> BoxFuture<'static, (usize, Result<(), DeliveryError>)> {
    Box::pin(async move { (at, relay.attest(&message).await) })
}

/// Collects answers until a relay has accepted the message; returns whether one has. Waits at most for `time`, and unless
/// `whole` no longer than answers are outstanding.
async fn answered(
    sending: &mut Sending,
    reasons: &mut [Option<String>],
    time: Duration,
    whole: bool,
) -> bool {
    let end = Instant::now() + time;
    loop {
        match tokio::time::timeout_at(end, sending.next()).await {
            Ok(Some((_, Ok(())))) => return true,
            Ok(Some((at, Err(error)))) => {
                if let Some(reason) = reasons.get_mut(at) {
                    *reason = Some(error.to_string());
                }
            }
            Ok(None) => {
                if whole {
                    tokio::time::sleep_until(end).await;
                }
                return false;
            }
            Err(_) => return false,
        }
    }
}

/// Returns the state of the node's own transaction, if it has an account; a change is logged and counted once.
async fn fallback(
    context: &Context,
    job: &JobRow,
    since: u64,
    last: &mut FallbackStatus,
) -> Result<FallbackStatus, NodeError> {
    let Some(account) = &context.account else { return Ok(FallbackStatus::NotDue) };
    let request = job.seen.request;
    let now = fallback_submission::look(context, account, job, since).await?;
    match &now {
        FallbackStatus::Accepted => {
            tracing::info!(%request, "the contract accepted the attestation");
            fallback_submission::count("accepted");
        }
        FallbackStatus::Nothing(why) if now != *last => {
            tracing::warn!(%request, why, "the contract refused the attestation");
            fallback_submission::count("nothing");
        }
        _ => {}
    }
    *last = now.clone();
    Ok(now)
}

/// Stores the new state of an attested job; one that is no longer attested stays as it is.
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
        context.due_jobs.put(&job);
        if state != JobState::Attested {
            context.jobs_changed();
        }
    }
    Ok(())
}
