//! Publishes what a quorum agrees on, as soon as it does.
//!
//! The database is the queue: that a request's publication is under way is written in the very transaction that queues its
//! message, so a relay killed in between finishes after its restart. What the contract refuses is tried again when
//! something has changed; what has ended drops out.

use std::sync::Arc;

use gateway_api::{Attempt, Body, ExecuteMsg, Publication, PublicationVerdict, QueryMsg, RequestId, limits};
use gateway_chain::outbox::{ItemState, NewItem};
use gateway_kit::CancellationToken;
use gateway_store::{AttestationRow, PublicationMark, RequestRow};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::agreement::{self, Group, Terms, Verdict};
use crate::config::PublishConfig;
use crate::context::Relay;
use crate::error::RelayError;
use crate::ingest::again;

/// Requests read at once.
const PAGE: u64 = 200;
/// Times the same publication is offered after a refusal: a mirror may have been stale, a contract is not persuaded.
const SAME_TRIES: u32 = 3;
/// Longest pause after refusals, in blocks.
const LONGEST_PAUSE: u64 = 32;

/// A publication that is ready.
struct Ready {
    publication: Publication,
    fingerprint: String,
    bytes: usize,
}

/// Publishes until cancelled.
pub(crate) async fn publish(
    relay: Arc<Relay>,
    config: PublishConfig,
    cancel: CancellationToken,
) -> Result<(), RelayError> {
    let mut height: watch::Receiver<u64> = relay.height.subscribe();
    loop {
        let step = again(&cancel, || async {
            settle(&relay).await?;
            while offer(&relay, &config).await? {}
            gauges(&relay).await
        });
        match step.await {
            Err(RelayError::Chain(gateway_chain::ChainError::Cancelled)) => return Ok(()),
            end => end?,
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(()),
            () = relay.bell.notified() => {}
            changed = height.changed() => if changed.is_err() { return Ok(()) },
        }
    }
}

/// The latest attempt of a request's draw that has begun at `height`.
pub(crate) fn latest_attempt(draw: &gateway_api::DrawInfo, height: u64) -> Attempt {
    let begun = height.saturating_sub(draw.height) / draw.attempt_blocks.max(1);
    Attempt(u8::try_from(begun).unwrap_or(u8::MAX).min(limits::ATTEMPTS - 1))
}

/// Looks at what became of the publications under way.
async fn settle(relay: &Relay) -> Result<(), RelayError> {
    let mut after = RequestId(0);
    loop {
        let rows = relay.store.requests().in_publication(after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seen.request;
        for row in rows {
            let Some(mark) = &row.publication else { continue };
            let height = relay.height();
            let item = relay.store.outbox().item(mark.item).await?;
            let (why, again) = match item.map(|item| (item.state, item.height, item.error)) {
                Some((ItemState::Queued | ItemState::Signed, ..)) => continue,
                // The block that holds it has not been worked off: its events may still say that the request ended.
                Some((ItemState::Done, at, _)) if at.is_none_or(|at| at > height) => continue,
                Some((ItemState::Done, ..)) => {
                    let why =
                        row.why.clone().unwrap_or_else(|| "the contract refused the publication".into());
                    (why, row.tries < SAME_TRIES)
                }
                Some((ItemState::Failed, _, error)) => {
                    (format!("the transaction failed: {}", error.unwrap_or_default()), true)
                }
                None => ("the queued message is gone".to_owned(), true),
            };
            let pause = 1u64.checked_shl(row.tries).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
            let request = row.seen.request;
            tracing::warn!(%request, why, pause, "not published");
            let work = relay.store.begin().await?;
            work.requests().not_published(request, &why, height.saturating_add(pause), again).await?;
            work.commit().await?;
        }
    }
}

/// Queues one message with everything that is ready, up to its bounds; whether there may be more.
async fn offer(relay: &Relay, config: &PublishConfig) -> Result<bool, RelayError> {
    let height = relay.height();
    let (mut batch, mut bytes, mut attestations): (Vec<Ready>, usize, usize) = (Vec::new(), 0, 0);
    let (mut after, mut full) = (RequestId(0), false);
    'pages: loop {
        let rows = relay.store.requests().publishable(height, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.seen.request;
        for row in rows {
            let Some(ready) = ready(relay, &row, height).await? else { continue };
            let more = ready.publication.attestations.len();
            let fits = batch.len() < config.max_results
                && bytes + ready.bytes <= config.max_bytes
                && attestations + more <= config.max_attestations;
            if !fits && !batch.is_empty() {
                full = true;
                break 'pages;
            }
            bytes += ready.bytes;
            attestations += more;
            batch.push(ready);
        }
    }
    if batch.is_empty() {
        return Ok(false);
    }
    queue(relay, batch, height).await?;
    Ok(full)
}

/// A request's publication, if a quorum agrees and the contract was not offered the same before.
async fn ready(relay: &Relay, row: &RequestRow, height: u64) -> Result<Option<Ready>, RelayError> {
    let Some(draw) = &row.seen.draw else { return Ok(None) };
    let votes = relay.store.attestations().of(row.seen.request).await?;
    if votes.is_empty() {
        return Ok(None);
    }
    let latest = latest_attempt(draw, height);
    let terms = Terms { policy: &row.seen.policy, total_units: draw.total_units, latest };
    let Verdict::Agreed { attempt, group, .. } = agreement::decide(terms, &votes) else { return Ok(None) };
    let fingerprint = fingerprint(attempt, &group, &votes);
    if row.tried.as_ref() == Some(&fingerprint) {
        return Ok(None);
    }
    let publication = publication(row.seen.request, attempt, &group, &votes);
    // A contract that has refused once is asked before it is paid to refuse again.
    if row.tries > 0 && !would_accept(relay, &publication).await? {
        return Ok(None);
    }
    let bytes = serde_json::to_vec(&publication)
        .map_err(|source| RelayError::Json { what: "a publication", source })?
        .len();
    Ok(Some(Ready { publication, fingerprint, bytes }))
}

async fn would_accept(relay: &Relay, publication: &Publication) -> Result<bool, RelayError> {
    let question = QueryMsg::CheckPublication { publication: publication.clone() };
    match relay.query.ask(&question).await? {
        PublicationVerdict::Accepted { .. } => Ok(true),
        PublicationVerdict::Refused { reason } => {
            let request = publication.request;
            tracing::debug!(%request, %reason, "the contract would refuse the publication");
            let work = relay.store.begin().await?;
            work.requests().explain(request, &format!("the contract would refuse: {reason}")).await?;
            work.commit().await?;
            Ok(false)
        }
    }
}

fn publication(request: RequestId, attempt: Attempt, group: &Group, votes: &[AttestationRow]) -> Publication {
    let members = group.members.iter().filter_map(|member| votes.get(*member));
    Publication {
        request,
        attempt,
        engine: group.engine,
        class: group.class,
        body: Body::Inline { text: group.body.clone() },
        attestations: members
            .map(|vote| gateway_api::Attestation {
                node: vote.node,
                proof: vote.proof.clone().into(),
                value: vote.value.clone(),
            })
            .collect(),
    }
}

/// Tells one publication of a request from another: the attempt, the body and everyone in it.
fn fingerprint(attempt: Attempt, group: &Group, votes: &[AttestationRow]) -> String {
    let mut hash = Sha256::new();
    hash.update([attempt.get()]);
    for vote in group.members.iter().filter_map(|member| votes.get(*member)) {
        hash.update(vote.node.get().to_be_bytes());
        hash.update(vote.outcome.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// Queues a message and marks its requests, in one transaction.
async fn queue(relay: &Relay, batch: Vec<Ready>, height: u64) -> Result<(), RelayError> {
    let mut key = Sha256::new();
    let mut marks = Vec::with_capacity(batch.len());
    let mut publications = Vec::with_capacity(batch.len());
    for Ready { publication, fingerprint, .. } in batch {
        key.update(publication.request.get().to_be_bytes());
        key.update(fingerprint.as_bytes());
        marks.push((publication.request, fingerprint));
        publications.push(publication);
    }
    // The height tells a second offer of the same publications from the first.
    key.update(height.to_be_bytes());
    let count = publications.len();
    let msg = serde_json::to_vec(&ExecuteMsg::Publish { publications })
        .map_err(|source| RelayError::Json { what: "a publication", source })?;
    let new = NewItem { key: format!("publish/{}", hex::encode(key.finalize())), msg, funds: Vec::new() };
    let work = relay.store.begin().await?;
    let item = work.outbox().enqueue(&new).await?.id;
    for (request, fingerprint) in marks {
        tracing::info!(%request, item, "publication queued");
        work.requests().publishing(request, &PublicationMark { item, fingerprint }).await?;
    }
    work.commit().await?;
    relay.outbox.nudge();
    metrics::counter!("gateway_relay_publications_total").increment(count as u64);
    Ok(())
}

async fn gauges(relay: &Relay) -> Result<(), RelayError> {
    let counts = relay.store.requests().count().await?;
    for (status, count) in counts {
        let name = match status {
            gateway_api::RequestStatus::Waiting => "waiting",
            gateway_api::RequestStatus::Drawn => "drawn",
            gateway_api::RequestStatus::Fulfilled => "fulfilled",
            gateway_api::RequestStatus::Expired => "expired",
        };
        metrics::gauge!("gateway_relay_requests", "status" => name).set(count as f64);
    }
    metrics::gauge!("gateway_relay_outbox_depth").set(relay.store.outbox().depth().await? as f64);
    Ok(())
}
