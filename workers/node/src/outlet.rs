//! The sending side to one relay: a limited number of calls at once, a bounded queue, and a pause after it was silent.
//!
//! Each relay has its own outlet, so that a silent or slow one delays no message to the others.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gateway_api::SignedOutcome;
use gateway_daemon_runtime::Backoff;
use gateway_daemon_runtime::http::{HttpError, fetch};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::attestation_queue::AttestationQueue;

/// Messages other than attestations sent to one relay at once.
const SLOTS: usize = 8;
/// Messages that may wait for a slot; further ones are not sent.
const WAITING: usize = 256;
/// Limit in bytes of a relay's answer.
const ANSWER: usize = 64 << 10;
/// How long a relay that does not answer is left alone.
const REST: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));

/// Why a relay did not get a message.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum DeliveryError {
    /// The relay refused it, or could not be reached.
    #[error("{}", with_answer(.0))]
    Http(Arc<HttpError>),
    /// The relay did not answer a moment ago, so it was not tried.
    #[error("not asked again yet: it did not answer")]
    Resting,
    /// Too many messages are waiting for the relay.
    #[error("not asked: {WAITING} messages wait for it")]
    Full,
    /// The message cannot be written as JSON.
    #[error("not sent: {0}")]
    Json(Arc<serde_json::Error>),
    /// The relay answered, but not about this message.
    #[error("the relay's answer does not mention it")]
    Unanswered,
}

impl From<HttpError> for DeliveryError {
    fn from(error: HttpError) -> Self {
        Self::Http(Arc::new(error))
    }
}

/// The sending side to one relay.
pub(crate) struct Outlet {
    line: Arc<Line>,
    attestations: AttestationQueue,
    slots: Semaphore,
    waiting: Semaphore,
}

impl Outlet {
    /// Creates the outlet to the relay at a base URL. Must be called within a runtime.
    pub(crate) fn new(url: &str, client: reqwest::Client) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        let line = Arc::new(Line { url, client, silence: Mutex::default() });
        Self {
            attestations: AttestationQueue::start(line.clone(), WAITING),
            line,
            slots: Semaphore::new(SLOTS),
            waiting: Semaphore::new(WAITING),
        }
    }

    /// Returns the relay's base URL.
    pub(crate) fn url(&self) -> &str {
        &self.line.url
    }

    /// Sends an attestation, with others that are waiting; on success the relay has it on disk.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub(crate) async fn attest(&self, message: &SignedOutcome) -> Result<(), DeliveryError> {
        let sent = self.attestations.send(message).await;
        let verdict = if sent.is_ok() { "taken" } else { "refused" };
        metrics::counter!("gateway_node_deliveries_total", "verdict" => verdict).increment(1);
        sent
    }

    /// Posts a message to a path of the relay.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub(crate) async fn post<T: Serialize + Sync>(
        &self,
        path: &str,
        message: &T,
    ) -> Result<(), DeliveryError> {
        let _waiting = self.waiting.try_acquire().map_err(|_| DeliveryError::Full)?;
        let _slot = self.slots.acquire().await.map_err(|_| DeliveryError::Full)?;
        let body = serde_json::to_vec(message).map_err(|error| DeliveryError::Json(Arc::new(error)))?;
        // Asked while holding the slot, so that those that waited in the meantime need not run into the silence themselves.
        self.line.call(path, body).await?;
        Ok(())
    }
}

/// The connection to one relay, and how long it has been silent.
pub(crate) struct Line {
    url: String,
    client: reqwest::Client,
    silence: Mutex<Silence>,
}

#[derive(Debug, Default)]
struct Silence {
    /// Consecutive unanswered calls.
    calls: u32,
    /// When the relay may be tried again.
    until: Option<Instant>,
}

impl Line {
    /// Posts JSON to a path of the relay and returns its answer, unless the relay was silent a moment ago.
    ///
    /// # Errors
    /// [`DeliveryError::Resting`] or [`DeliveryError::Http`].
    pub(crate) async fn call(&self, path: &str, body: Vec<u8>) -> Result<Vec<u8>, DeliveryError> {
        if self.silence().until.is_some_and(|until| Instant::now() < until) {
            return Err(DeliveryError::Resting);
        }
        let request = self.client.post(format!("{}{path}", self.url));
        let request = request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body);
        let answer = fetch(request, ANSWER).await;
        let mut silence = self.silence();
        if let Err(HttpError::Request(_)) = &answer {
            silence.until = Some(Instant::now() + REST.nominal(silence.calls));
            silence.calls = silence.calls.saturating_add(1);
        } else {
            *silence = Silence::default();
        }
        Ok(answer?)
    }

    fn silence(&self) -> std::sync::MutexGuard<'_, Silence> {
        self.silence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Formats an error with the body of the relay's answer, which holds the reason.
fn with_answer(error: &HttpError) -> String {
    match error {
        HttpError::Status { status, body } => format!("{status} {body}"),
        error => error.to_string(),
    }
}
