//! Record and replay: what a run fetched, as the code's transform left it, and running code again on exactly that.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use gateway_api::Seed;
use gateway_vm_protocol::{Bytes, FetchFailure, FetchRequest, FetchResponse};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Answer, Fetcher};

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// SHA-256 over method, URL, headers and body, in hexadecimal: what a replay looks for.
    pub request: String,
    /// Method, for readers.
    pub method: String,
    /// URL, for readers.
    pub url: String,
    /// Status; `None` if there was no response.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// Final URL of the response.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub final_url: String,
    /// Headers that the code saw.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub headers: Vec<(String, String)>,
    /// Body, base64.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub body: String,
    /// Why there was no response.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// Whether the policy was the reason.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub denied: bool,
    /// Minimum milliseconds that the answer took; a replay first fires the code's timers that were due before it.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub took_ms: u32,
    /// Whether status, headers and body are the output of the code's transform; a replay leaves them unchanged.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub transformed: bool,
}

fn is_zero(ms: &u32) -> bool {
    *ms == 0
}

/// Why a request that the code did not wait for has no response in a replay.
const UNANSWERED: &str = "no response was recorded";

/// What a run fetched, in the order of its requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// The run's time and source of randomness; recordings written by hand may omit it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub moment: Option<Moment>,
    /// The exchanges.
    pub exchanges: Vec<Exchange>,
}

/// What code sees of a run besides its input and the web: a replay with the same moment gives the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// The run's time, nanoseconds since 1970.
    pub now_ns: u64,
    /// The seed of the run's randomness and idempotency keys.
    pub seed: Seed,
}

impl Moment {
    /// Returns the moment of a recording; without one, this machine's time and a seed derived from it.
    pub fn of(recording: Option<&Transcript>) -> Moment {
        recording.and_then(|recording| recording.moment).unwrap_or_else(Moment::now)
    }

    fn now() -> Moment {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        Moment {
            now_ns: u64::try_from(now).unwrap_or(u64::MAX),
            seed: Seed(Sha256::digest(now.to_be_bytes()).into()),
        }
    }
}

fn digest(request: &FetchRequest) -> String {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    field(request.method.as_bytes());
    field(request.url.as_bytes());
    for (name, value) in &request.headers {
        field(name.as_bytes());
        field(value.as_bytes());
    }
    field(&request.body.0);
    if let Some(ms) = request.limit_ms {
        field(&ms.to_be_bytes());
    }
    hex::encode(hash.finalize())
}

impl Exchange {
    /// Creates the exchange of a request that has no answer yet.
    fn new(request: &FetchRequest) -> Exchange {
        Exchange {
            request: digest(request),
            method: request.method.clone(),
            url: request.url.clone(),
            status: None,
            final_url: String::new(),
            headers: Vec::new(),
            body: String::new(),
            failure: None,
            denied: false,
            took_ms: 0,
            transformed: false,
        }
    }

    fn answered(&mut self, answer: &Answer) {
        self.took_ms = self.took_ms.max(answer.took_ms);
        match &answer.result {
            Ok(response) => self.keep(response),
            Err(FetchFailure::Denied(text)) => {
                self.denied = true;
                self.failure = Some(text.clone());
            }
            // A request without an answer in the original recording has none in the recording of its replay.
            Err(FetchFailure::Failed(text)) if text == UNANSWERED => {}
            Err(FetchFailure::Failed(text) | FetchFailure::Local(text)) => self.failure = Some(text.clone()),
        }
    }

    fn keep(&mut self, response: &FetchResponse) {
        self.status = Some(response.status);
        self.final_url.clone_from(&response.url);
        self.headers.clone_from(&response.headers);
        self.body = STANDARD.encode(&response.body.0);
        self.transformed = response.transformed;
    }

    fn answer(&self) -> Result<FetchResponse, FetchFailure> {
        let failed = |text: &str| FetchFailure::Failed(text.to_owned());
        if let Some(status) = self.status {
            let body = STANDARD.decode(&self.body).map_err(|_| failed("the recorded body is not base64"))?;
            return Ok(FetchResponse {
                status,
                url: self.final_url.clone(),
                headers: self.headers.clone(),
                body: Bytes(body),
                transformed: self.transformed,
            });
        }
        let text = self.failure.clone().unwrap_or_else(|| UNANSWERED.to_owned());
        Err(if self.denied { FetchFailure::Denied(text) } else { FetchFailure::Failed(text) })
    }
}

/// Forwards requests and records the answers.
pub(crate) struct Recorder<F> {
    inner: F,
    exchanges: Mutex<Vec<(u32, Exchange)>>,
}

impl<F> Recorder<F> {
    pub(crate) fn new(inner: F) -> Recorder<F> {
        Recorder { inner, exchanges: Mutex::new(Vec::new()) }
    }

    fn change(&self, id: u32, change: impl FnOnce(&mut Exchange)) {
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, exchange)) = exchanges.iter_mut().find(|(other, _)| *other == id) {
            change(exchange);
        }
    }

    /// Returns the transcript. The time an answer took is kept only if it can have mattered: if the code had timers.
    pub(crate) fn transcript(&self, timers: bool) -> Transcript {
        let mut exchanges = self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone();
        exchanges.sort_by_key(|(id, _)| *id);
        if !timers {
            exchanges.iter_mut().for_each(|(_, exchange)| exchange.took_ms = 0);
        }
        Transcript { moment: None, exchanges: exchanges.into_iter().map(|(_, exchange)| exchange).collect() }
    }
}

#[async_trait]
impl<F: Fetcher> Fetcher for Recorder<F> {
    fn fetch<'a, 'b>(&'a self, request: FetchRequest) -> BoxFuture<'b, Answer>
    where
        'a: 'b,
        Self: 'b,
    {
        let id = request.id;
        // Recorded from its start, before anything is awaited: the code may end without waiting for the answer, in which case a
        // replay must not have one either.
        let exchange = Exchange::new(&request);
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push((id, exchange));
        Box::pin(async move {
            let answer = self.inner.fetch(request).await;
            self.change(id, |exchange| exchange.answered(&answer));
            answer
        })
    }

    fn overtaken(&self, id: u32, ms: u32) {
        self.change(id, |exchange| exchange.took_ms = exchange.took_ms.max(ms));
    }

    fn transformed(&self, id: u32, response: &FetchResponse) {
        self.change(id, |exchange| exchange.keep(response));
    }
}

/// Answers from a transcript; nothing reaches the network. Equal requests are answered in recorded order.
pub(crate) struct Replayer {
    left: Mutex<Vec<Exchange>>,
}

impl Replayer {
    pub(crate) fn new(transcript: &Transcript) -> Replayer {
        Replayer { left: Mutex::new(transcript.exchanges.clone()) }
    }
}

#[async_trait]
impl Fetcher for Replayer {
    async fn fetch(&self, request: FetchRequest) -> Answer {
        let wanted = digest(&request);
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(i) = left.iter().position(|exchange| exchange.request == wanted) {
            let exchange = left.remove(i);
            return Answer { took_ms: exchange.took_ms, result: exchange.answer() };
        }
        let text = format!("the recording has no answer to {} {}", request.method, request.url);
        Answer { took_ms: 0, result: Err(FetchFailure::Failed(text)) }
    }
}
