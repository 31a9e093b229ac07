//! One relay as the node sends to it: so many messages at once, a bounded number waiting, and a rest after it was silent.
//!
//! Each relay has its own outlet, so that one that is silent or slow delays no message to the others.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gateway_api::SignedOutcome;
use gateway_daemon_runtime::Backoff;
use gateway_daemon_runtime::http::{HttpError, fetch};
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Messages sent to one relay at once.
const SLOTS: usize = 8;
/// Messages that may wait for a slot; further ones are not sent.
const WAITING: usize = 256;
/// Bytes read of a relay's answer.
const ANSWER: usize = 64 << 10;
/// How long a relay that does not answer is left alone.
const REST: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));

/// Why a relay does not have a message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeliveryError {
    /// The relay refused it, or could not be reached.
    #[error("{}", with_answer(.0))]
    Http(#[from] HttpError),
    /// The relay was silent a moment ago, so it was not asked.
    #[error("not asked again yet: it did not answer")]
    Resting,
    /// Too many messages wait for the relay.
    #[error("not asked: {WAITING} messages wait for it")]
    Full,
}

/// The way to one relay.
pub(crate) struct Outlet {
    url: String,
    client: reqwest::Client,
    slots: Semaphore,
    waiting: Semaphore,
    silence: Mutex<Silence>,
}

/// How long a relay has been silent.
#[derive(Debug, Default)]
struct Silence {
    /// Calls in a row that were not answered.
    calls: u32,
    /// Until when the relay is left alone.
    until: Option<Instant>,
}

impl Outlet {
    /// The way to the relay at a base URL.
    pub(crate) fn new(url: &str, client: reqwest::Client) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            client,
            slots: Semaphore::new(SLOTS),
            waiting: Semaphore::new(WAITING),
            silence: Mutex::default(),
        }
    }

    /// The relay's base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Sends an attestation; the relay has it on disk when this succeeds.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub(crate) async fn attest(&self, message: &SignedOutcome) -> Result<(), DeliveryError> {
        let sent = self.post("/v1/attestations", message).await;
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
        // Asked with the slot in hand: those that waited meanwhile need not find out for themselves.
        if self.silence().until.is_some_and(|until| Instant::now() < until) {
            return Err(DeliveryError::Resting);
        }
        let url = format!("{}{path}", self.url);
        let sent = fetch(self.client.post(url).json(message), ANSWER).await;
        let mut silence = self.silence();
        if let Err(HttpError::Request(_)) = &sent {
            silence.until = Some(Instant::now() + REST.nominal(silence.calls));
            silence.calls = silence.calls.saturating_add(1);
        } else {
            *silence = Silence::default();
        }
        drop(silence);
        Ok(sent.map(|_| ())?)
    }

    fn silence(&self) -> std::sync::MutexGuard<'_, Silence> {
        self.silence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error with the body of the relay's answer, which holds the reason.
fn with_answer(error: &HttpError) -> String {
    match error {
        HttpError::Status { status, body } => format!("{status} {body}"),
        error => error.to_string(),
    }
}
