//! When each step of each request is observed, from the relay's event stream.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt;
use serde::Deserialize;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::CommandError;

/// The longest line read from the stream, in bytes: an event with a large input is longer and irrelevant.
const MAX_LINE: usize = 256 << 10;

/// When something was observed, and at which height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) at: Instant,
    pub(super) height: u64,
}

/// What was observed of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moments {
    pub(super) accepted: Option<Moment>,
    pub(super) drawn: Option<Moment>,
    pub(super) first_attestation: Option<Moment>,
    pub(super) last_attestation: Option<Moment>,
    pub(super) queued: Option<Moment>,
    pub(super) included: Option<Moment>,
}

/// What was observed of all requests.
#[derive(Debug, Default)]
struct Seen {
    requests: HashMap<u64, Moments>,
    /// When each round was observed to open, by its height.
    rounds: BTreeMap<u64, Instant>,
}

#[derive(Deserialize)]
struct Event {
    event: String,
    height: u64,
    attributes: BTreeMap<String, String>,
}

impl Seen {
    fn note(&mut self, event: &Event, at: Instant) {
        let moment = Moment { at, height: event.height };
        if event.event == "gateway-round-opened" {
            self.rounds.entry(event.height).or_insert(at);
            return;
        }
        let Some(request) = event.attributes.get("request").and_then(|id| id.parse().ok()) else { return };
        let seen: &mut Moments = self.requests.entry(request).or_default();
        match event.event.as_str() {
            "gateway-request-opened" => seen.accepted = seen.accepted.or(Some(moment)),
            "attestation" => {
                seen.first_attestation = seen.first_attestation.or(Some(moment));
                seen.last_attestation = Some(moment);
            }
            "publication-queued" => seen.queued = seen.queued.or(Some(moment)),
            "gateway-request-fulfilled" => seen.included = seen.included.or(Some(moment)),
            _ => {}
        }
    }

    /// Returns the request's moments; its round is the first that opened above its height.
    fn of(&self, request: u64) -> Moments {
        let mut moments = self.requests.get(&request).copied().unwrap_or_default();
        if let Some(accepted) = moments.accepted {
            let round = self.rounds.range(accepted.height + 1..).next();
            moments.drawn = round.map(|(height, at)| Moment { at: *at, height: *height });
        }
        moments
    }
}

/// A subscription to a relay's events, until it is dropped.
#[derive(Debug)]
pub(super) struct Trace {
    seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Trace {
    /// Starts to listen; everything from here on is observed.
    ///
    /// # Errors
    /// [`reqwest::Error`] when the relay does not answer or does not offer its events.
    pub(super) async fn listen(relay: &str) -> Result<Self, CommandError> {
        let answer = reqwest::get(format!("{relay}/v1/events")).await?.error_for_status()?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let noted = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            let mut stream = answer.bytes_stream();
            let mut line: Vec<u8> = Vec::new();
            // If the stream breaks, the rest goes unobserved; the figures state how many requests they cover.
            while let Some(Ok(bytes)) = stream.next().await {
                let now = Instant::now();
                for byte in bytes {
                    if byte != b'\n' {
                        if line.len() < MAX_LINE {
                            line.push(byte);
                        }
                        continue;
                    }
                    if let Some(event) =
                        line.strip_prefix(b"data:").and_then(|d| serde_json::from_slice(d).ok())
                    {
                        noted.lock().unwrap_or_else(PoisonError::into_inner).note(&event, now);
                    }
                    line.clear();
                }
            }
        });
        Ok(Self { seen, task })
    }

    /// Returns what has been observed of a request so far.
    pub(super) fn of(&self, request: u64) -> Moments {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).of(request)
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event: &str, height: u64, request: &str) -> Event {
        let attributes = [("request".to_owned(), request.to_owned())].into();
        Event { event: event.to_owned(), height, attributes }
    }

    #[test]
    fn the_round_of_a_request_is_the_first_above_it_and_its_attestations_are_first_and_last() {
        let start = Instant::now();
        let later = |ms| start + std::time::Duration::from_millis(ms);
        let mut seen = Seen::default();
        let steps = [
            ("gateway-round-opened", 7, 0),
            ("gateway-request-opened", 7, 1),
            ("gateway-round-opened", 8, 2),
            ("attestation", 8, 3),
            ("attestation", 8, 4),
            ("attestation", 9, 5),
            ("publication-queued", 8, 6),
            ("gateway-request-fulfilled", 9, 7),
        ];
        for (kind, height, ms) in steps {
            seen.note(&event(kind, height, "1"), later(ms));
        }
        seen.note(&event("attestation", 9, "2"), later(9));
        let moments = seen.of(1);
        let heights = [moments.accepted, moments.drawn, moments.first_attestation, moments.last_attestation];
        assert_eq!(heights.map(|m| m.unwrap().height), [7, 8, 8, 9]);
        assert_eq!(moments.drawn.unwrap().at, later(2));
        assert_eq!(moments.queued.unwrap().at, later(6));
        assert_eq!(moments.included.unwrap().height, 9);
        assert_eq!(seen.of(2).accepted, None);
    }
}
