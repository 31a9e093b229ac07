//! Requests received while the chain did not answer: checked once it does, then queued for the chain or ended with a reason.
//!
//! Fair: payers take turns, as do the projects of one payer, so that a sender of a thousand requests does not block the others.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use gateway_api::ProjectId;
use gateway_daemon_runtime::{CancellationToken, Retryable};
use gateway_store::{ReceivedRow, ReceivedState};

use crate::context::Relay;
use crate::error::RelayError;
use crate::sponsor::{self, SponsorError};

/// Requests processed per round.
const ROUND: u64 = 500;
/// Time between two rounds while no blocks are processed.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long a request waits for the chain before it ends: by then its sender has made other arrangements.
const PATIENCE_MS: u64 = 15 * 60 * 1000;

/// Runs until cancelled.
pub(crate) async fn receive(relay: Arc<Relay>, cancel: CancellationToken) -> Result<(), RelayError> {
    let mut height = relay.height.subscribe();
    loop {
        match round(&relay).await {
            Ok(()) => {}
            Err(error) if error.is_retryable() => {
                tracing::warn!(%error, "cannot send received requests now, retrying")
            }
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            () = tokio::time::sleep(INTERVAL) => {}
            changed = height.changed() => if changed.is_err() { return Ok(()) },
        }
    }
}

async fn round(relay: &Relay) -> Result<(), RelayError> {
    let waiting = relay.store.received().waiting(0, ROUND).await?;
    metrics::gauge!("gateway_relay_received_waiting").set(waiting.len() as f64);
    for row in in_turn(waiting) {
        if row.age_ms > PATIENCE_MS {
            refuse(
                relay,
                &row,
                "the chain did not answer in time: send it again under another Idempotency-Key",
            )
            .await?;
            continue;
        }
        match sponsor::send_received(relay, &row).await {
            Ok(item) => tracing::info!(received = row.id, item, payer = row.payer, "received request queued"),
            Err(SponsorError::Refused(problem)) => {
                let reason = problem.detail.unwrap_or(problem.title);
                refuse(relay, &row, &reason).await?;
            }
            // The chain still does not answer: the others wait too.
            Err(SponsorError::Chain(error)) => {
                tracing::debug!(%error, "cannot send received requests before the chain answers");
                return Ok(());
            }
            Err(SponsorError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn refuse(relay: &Relay, row: &ReceivedRow, reason: &str) -> Result<(), RelayError> {
    tracing::info!(received = row.id, payer = row.payer, reason, "received request refused");
    let work = relay.store.begin().await?;
    work.received().settle(row.id, ReceivedState::Refused, Some(reason)).await?;
    work.commit().await?;
    Ok(())
}

/// Orders the requests so that payers take turns, as do the projects of each payer; otherwise keeps their order.
fn in_turn(waiting: Vec<ReceivedRow>) -> Vec<ReceivedRow> {
    let mut payers: BTreeMap<String, BTreeMap<ProjectId, VecDeque<ReceivedRow>>> = BTreeMap::new();
    for row in waiting {
        payers.entry(row.payer.clone()).or_default().entry(row.order.project).or_default().push_back(row);
    }
    let queues: Vec<Vec<ReceivedRow>> =
        payers.into_values().map(|projects| interleave(projects.into_values().collect())).collect();
    interleave(queues.into_iter().map(VecDeque::from).collect())
}

fn interleave(mut queues: Vec<VecDeque<ReceivedRow>>) -> Vec<ReceivedRow> {
    let mut all = Vec::new();
    while !queues.is_empty() {
        queues.retain_mut(|queue| {
            all.extend(queue.pop_front());
            !queue.is_empty()
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use gateway_store::Order;

    use super::*;

    #[test]
    fn payers_and_their_projects_take_turns() {
        let row = |id: u64, payer: &str, project: u64| ReceivedRow {
            id,
            payer: payer.to_owned(),
            key: id.to_string(),
            fingerprint: String::new(),
            order: Order { project: ProjectId(project), input: String::new(), overrides: None },
            state: ReceivedState::Waiting,
            reason: None,
            age_ms: 0,
        };
        let waiting = vec![row(1, "a", 1), row(2, "a", 1), row(3, "a", 2), row(4, "a", 1), row(5, "b", 1)];
        let order: Vec<u64> = in_turn(waiting).into_iter().map(|row| row.id).collect();
        assert_eq!(order, [1, 5, 3, 2, 4]);
    }
}
