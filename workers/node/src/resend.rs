//! Resends accepted attestations that led to no result: to every relay, and to the contract if the node has an account, at most
//! once per attempt and only while the request is open.
//!
//! A relay may accept an attestation and never publish it; attestations held by the contract are counted again only when one of
//! a later attempt arrives.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::join_all;
use gateway_api::{Attempt, AttestationBytes, RequestId};
use gateway_daemon_runtime::CancellationToken;
use gateway_protocol::Threshold;
use gateway_store::{JobRow, JobState};

use crate::context::{Context, News};
use crate::due_jobs::Due;
use crate::error::NodeError;
use crate::new_heights::NewHeights;
use crate::{fallback_submission, schedule};

/// Jobs read at a time.
const PAGE: usize = 200;
/// Blocks over which the nodes of a committee spread their resends: the first one may suffice.
const SPREAD: u64 = 4;

/// Watches accepted attestations until cancelled.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn watch(context: Arc<Context>, cancel: CancellationToken) -> Result<(), NodeError> {
    let mut heights = NewHeights::of(&context, cancel.clone());
    let mut resent = HashMap::new();
    while let Some(News { height, .. }) = heights.next().await {
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            done = look(&context, height, &mut resent) => done?,
        }
    }
    Ok(())
}

/// Checks every accepted attestation whose request is open.
async fn look(
    context: &Context,
    height: u64,
    resent: &mut HashMap<RequestId, Attempt>,
) -> Result<(), NodeError> {
    let open = context.due_jobs.of(JobState::Sent, |_, due| due.deadline >= height);
    // In the first attempt only those are due that a relay has had for a long time.
    let overdue =
        |due: &Due| due.send.is_some_and(|send| send.saturating_add(context.overdue_blocks) <= height);
    let later = |due: &Due| due.second.is_some_and(|second| second <= height);
    let due: Vec<_> =
        open.iter().filter(|(_, due)| overdue(due) || later(due)).map(|(request, _)| *request).collect();
    for requests in due.chunks(PAGE) {
        for job in context.store.jobs().among(requests).await? {
            let request = job.seen.request;
            context.due_jobs.put(&job);
            let Some(attempt) = schedule::latest(&job, height) else { continue };
            if job.state == JobState::Sent
                && resent.get(&request).is_none_or(|last| *last < attempt)
                && is_due(context, &job, attempt, height).await?
            {
                submit(context, &job, attempt).await?;
                resent.insert(request, attempt);
            }
        }
    }
    let open: HashSet<_> = open.into_iter().map(|(request, _)| request).collect();
    resent.retain(|request, _| open.contains(request));
    Ok(())
}

/// Returns whether the attestation is due for a resend in an attempt.
async fn is_due(context: &Context, job: &JobRow, attempt: Attempt, height: u64) -> Result<bool, NodeError> {
    let Some(message) = &job.message else { return Ok(false) };
    let spread = message.request.get().wrapping_add(message.attestation.node.get().into()) % SPREAD;
    let wait = match fallback_submission::newest(context, message.request).await? {
        // A relay has it and may take its time.
        None => schedule::due(job).map(|due| due.saturating_add(context.overdue_blocks)),
        // The contract has it: a resend helps only with the seats of a later attempt.
        Some((last, _)) if last < attempt && gains(context, job, last, attempt).await => {
            schedule::begins(job, attempt)
        }
        Some(_) => None,
    };
    Ok(wait.is_some_and(|wait| wait.saturating_add(spread) <= height))
}

/// Returns whether the node has more seats in the later attempt. If the chain does not answer, it is retried in the next block.
async fn gains(context: &Context, job: &JobRow, last: Attempt, attempt: Attempt) -> bool {
    let (Some(message), Some(draw)) = (&job.message, &job.seen.draw) else { return false };
    let Ok(Some((_, units))) = context.membership.at(&context.query, draw.epoch).await else { return false };
    let Ok(proof) = AttestationBytes::from_slice(&message.attestation.proof) else { return false };
    let seats = |attempt| {
        Threshold::new(job.seen.policy.committee, attempt, draw.total_units).seats(&proof.output, units)
    };
    seats(attempt) > seats(last)
}

/// Sends the same attestation once more, to every recipient.
async fn submit(context: &Context, job: &JobRow, attempt: Attempt) -> Result<(), NodeError> {
    let Some(message) = &job.message else { return Ok(()) };
    let request = job.seen.request;
    tracing::warn!(%request, attempt = attempt.get(), "accepted but no result yet: resending the attestation");
    fallback_submission::count("resent");
    join_all(context.relays.iter().map(|relay| relay.attest(message))).await;
    if let Some(account) = &context.account {
        fallback_submission::queue(context, account, job, attempt).await?;
    }
    Ok(())
}
