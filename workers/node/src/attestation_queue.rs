//! Attestations on their way to one relay: those that wait while calls are under way go together in the next one.
//!
//! At a low rate each goes at once and alone; the busier the relay, the more a call carries, so that neither side pays for a
//! call per attestation.

use std::sync::Arc;

use gateway_api::SignedOutcome;
use gateway_daemon_runtime::http::HttpError;
use gateway_daemon_runtime::text::clean;
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;

use crate::outlet::{DeliveryError, Line};

/// The relay's path for attestations.
const PATH: &str = "/v1/attestations";
/// Calls with attestations to one relay at once.
const CALLS: usize = 2;
/// Most attestations of one call; a relay refuses longer lists.
const LIST: usize = 32;
/// Bytes of JSON after which a call takes no further attestation, well below what a relay accepts.
const LIST_BYTES: usize = 512 << 10;

/// An attestation as JSON, and where its answer goes.
struct Entry {
    json: Vec<u8>,
    reply: oneshot::Sender<Result<(), DeliveryError>>,
}

/// The queue to one relay. Its task ends when the queue is dropped.
pub(crate) struct AttestationQueue(mpsc::Sender<Entry>);

impl AttestationQueue {
    /// Starts a queue with room for `waiting` attestations.
    pub(crate) fn start(line: Arc<Line>, waiting: usize) -> Self {
        let (sender, receiver) = mpsc::channel(waiting);
        tokio::spawn(deliver(line, receiver));
        Self(sender)
    }

    /// Sends an attestation and returns the relay's verdict.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub(crate) async fn send(&self, message: &SignedOutcome) -> Result<(), DeliveryError> {
        let json = serde_json::to_vec(message).map_err(|error| DeliveryError::Json(Arc::new(error)))?;
        let (reply, verdict) = oneshot::channel();
        self.0.try_send(Entry { json, reply }).map_err(|_| DeliveryError::Full)?;
        verdict.await.unwrap_or(Err(DeliveryError::Unanswered))
    }
}

/// Takes what is waiting whenever a call is free, until the queue is dropped.
async fn deliver(line: Arc<Line>, mut queue: mpsc::Receiver<Entry>) {
    let calls = Arc::new(Semaphore::new(CALLS));
    let mut under_way = JoinSet::new();
    while let Some(first) = queue.recv().await {
        let Ok(call) = calls.clone().acquire_owned().await else { return };
        let list = fill(first, &mut queue);
        let line = line.clone();
        under_way.spawn(async move {
            send_list(&line, list).await;
            drop(call);
        });
        while under_way.try_join_next().is_some() {}
    }
}

/// Adds to the first what else is waiting, up to the bounds of a call.
fn fill(first: Entry, queue: &mut mpsc::Receiver<Entry>) -> Vec<Entry> {
    let mut bytes = first.json.len();
    let mut list = vec![first];
    while list.len() < LIST && bytes < LIST_BYTES {
        let Ok(next) = queue.try_recv() else { break };
        bytes += next.json.len();
        list.push(next);
    }
    list
}

async fn send_list(line: &Line, list: Vec<Entry>) {
    let (parts, replies): (Vec<_>, Vec<_>) =
        list.into_iter().map(|Entry { json, reply }| (json, reply)).unzip();
    let body = [&b"["[..], &parts.join(&b","[..]), b"]"].concat();
    let verdicts = line.call(PATH, body).await.and_then(|answer| Ok(verdicts(&answer)?));
    match verdicts {
        Ok(verdicts) => {
            for (reply, verdict) in replies.into_iter().zip(verdicts) {
                // A sender that has gone away needs no answer.
                let _gone = reply.send(verdict);
            }
        }
        Err(error) => {
            for reply in replies {
                let _gone = reply.send(Err(error.clone()));
            }
        }
    }
}

/// Reads a relay's answer: for each attestation a receipt or a problem document, in the order of the list.
fn verdicts(answer: &[u8]) -> Result<Vec<Result<(), DeliveryError>>, HttpError> {
    let answers: Vec<Value> = serde_json::from_slice(answer).map_err(HttpError::Json)?;
    let verdict = |answer: Value| match answer.get("status").and_then(Value::as_u64) {
        None => Ok(()),
        Some(status) => {
            let status = u16::try_from(status).unwrap_or(u16::MAX);
            Err(HttpError::Status { status, body: clean(&answer.to_string(), 512) }.into())
        }
    };
    Ok(answers.into_iter().map(verdict).collect())
}

#[cfg(test)]
mod tests;
