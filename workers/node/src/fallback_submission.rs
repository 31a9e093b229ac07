//! Submits an attestation to the contract in the node's own transaction if no relay accepts it. A relay's publication is
//! cheaper; this bypasses silent relays, at most once per request and attempt.

use gateway_api::events::GatewayEvent;
use gateway_api::{Attempt, ExecuteMsg, Publication, RequestId, limits};
use gateway_chain::TxEvents;
use gateway_chain::outbox::{ItemState, NewItem, OutboxItem};
use gateway_chain::reader::tx_at;
use gateway_protocol::{compares_values, published_body};
use gateway_store::{JobRow, JobState};

use crate::account::Account;
use crate::context::Context;
use crate::error::NodeError;
use crate::schedule;

/// The state of the node's own transaction for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FallbackStatus {
    /// There is none, and none is due yet.
    NotDue,
    /// It is queued or sent; its outcome is not known yet.
    UnderWay,
    /// The contract accepted the attestation.
    Accepted,
    /// It failed, or none is possible, with the reason. It is not retried.
    Nothing(String),
}

/// Checks an attestation that no relay has accepted since the height `since`: queues its transaction if that is long enough
/// ago, and returns its state.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn look(
    context: &Context,
    account: &Account,
    job: &JobRow,
    since: u64,
) -> Result<FallbackStatus, NodeError> {
    let request = job.seen.request;
    if let Some((_, item)) = newest(context, request).await? {
        return Ok(end_of(context, request, item).await);
    }
    let height = context.height();
    if height < since.saturating_add(account.after_blocks()) || height > job.seen.deadline {
        return Ok(FallbackStatus::NotDue);
    }
    let Some(attempt) = schedule::latest(job, height) else { return Ok(FallbackStatus::NotDue) };
    if queue(context, account, job, attempt).await? {
        Ok(FallbackStatus::UnderWay)
    } else if by_values(job) {
        Ok(FallbackStatus::Nothing("where the rule compares values only a relay can publish".to_owned()))
    } else {
        Ok(FallbackStatus::NotDue)
    }
}

/// Queues an attestation for the contract in an attempt; returns whether it is queued, now or earlier. It is not queued if the
/// request has ended or the contract would not accept the attestation alone.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn queue(
    context: &Context,
    account: &Account,
    job: &JobRow,
    attempt: Attempt,
) -> Result<bool, NodeError> {
    let request = job.seen.request;
    let Some(publication) = publication(job, attempt) else { return Ok(false) };
    let msg = serde_json::to_vec(&ExecuteMsg::Attest { publication })?;
    let work = context.store.begin().await?;
    // Checked inside the transaction: the request may have ended in the meantime.
    let open = |job: JobRow| matches!(job.state, JobState::Attested | JobState::Sent);
    if !work.jobs().get(request).await?.is_some_and(open) {
        return Ok(false);
    }
    let new = NewItem {
        key: key(request, attempt),
        msg,
        funds: Vec::new(),
        reserved_gas: job.seen.callback_gas.unwrap_or_default(),
    };
    let item = work.outbox().enqueue(&new).await?;
    work.commit().await?;
    account.nudge();
    tracing::warn!(%request, item = item.id, attempt = attempt.get(), "attestation queued for the contract");
    count("queued");
    Ok(true)
}

/// Counts a step of the node's own transactions.
pub(crate) fn count(step: &'static str) {
    metrics::counter!("gateway_node_direct_total", "step" => step).increment(1);
}

/// Returns the idempotency key of a request's attestation in an attempt: the same after every restart.
pub(crate) fn key(request: RequestId, attempt: Attempt) -> String {
    format!("attest:{request}:{attempt}")
}

/// Returns the newest of the node's own transactions for a request, and its attempt.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn newest(
    context: &Context,
    request: RequestId,
) -> Result<Option<(Attempt, OutboxItem)>, NodeError> {
    for attempt in (0..limits::ATTEMPTS).rev().map(Attempt) {
        if let Some(item) = context.store.outbox().by_key(&key(request, attempt)).await? {
            return Ok(Some((attempt, item)));
        }
    }
    Ok(None)
}

/// Returns whether an attestation's value is compared with others: these are aggregated, so the contract accepts none alone.
fn by_values(job: &JobRow) -> bool {
    let message = job.message.as_ref();
    message.is_some_and(|message| compares_values(&job.seen.policy.rule, message.class))
}

/// Returns the attestation as a publication of its own; `None` if the contract would not accept it alone.
fn publication(job: &JobRow, attempt: Attempt) -> Option<Publication> {
    if by_values(job) {
        return None;
    }
    let message = job.message.clone()?;
    Some(Publication {
        request: message.request,
        attempt,
        engine: message.engine,
        class: message.class,
        body: published_body(message.body, job.seen.max_inline_bytes),
        attestations: vec![message.attestation],
    })
}

async fn end_of(context: &Context, request: RequestId, item: OutboxItem) -> FallbackStatus {
    match (item.state, item.tx_hash) {
        (ItemState::Queued | ItemState::Signed, _) => FallbackStatus::UnderWay,
        (ItemState::Failed, _) => {
            FallbackStatus::Nothing(format!("own transaction: {}", item.error.unwrap_or_default()))
        }
        (ItemState::Done, None) => FallbackStatus::Nothing("own transaction: it has no hash".to_owned()),
        // `Done` only means that the transaction was executed; its events hold the contract's answer.
        (ItemState::Done, Some(hash)) => match tx_at(&**context.query.chain(), &hash, item.height).await {
            Ok(Some(found)) => answer(context.query.contract(), request, &found),
            Ok(None) => FallbackStatus::UnderWay,
            Err(error) => {
                tracing::warn!(%request, %error, "cannot read the contract's answer yet, retrying");
                FallbackStatus::UnderWay
            }
        },
    }
}

/// Reads the contract's answer to an attestation from the transaction's events.
fn answer(contract: &str, request: RequestId, found: &TxEvents) -> FallbackStatus {
    let events = found.events.iter();
    let mut said = events.filter_map(|raw| match GatewayEvent::decode(contract, &raw.ty, &raw.pairs()) {
        Ok(Some(GatewayEvent::AttestationsKept(event))) if event.request == request => {
            Some(FallbackStatus::Accepted)
        }
        Ok(Some(GatewayEvent::RequestFulfilled(event))) if event.request == request => {
            Some(FallbackStatus::Accepted)
        }
        Ok(Some(GatewayEvent::PublicationRefused(event))) if event.request == request => Some(
            FallbackStatus::Nothing(format!("own transaction {}: refused, {}", found.hash, event.reason)),
        ),
        _ => None,
    });
    said.next().unwrap_or_else(|| {
        FallbackStatus::Nothing(format!("own transaction {}: the contract did not answer", found.hash))
    })
}
