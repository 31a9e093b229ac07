//! JSON-RPC over HTTP with a time-out and a size limit for every answer.
//!
//! Answers are decoded into types that name only the used fields: an unused field, in whatever form a node's version gives it,
//! stops no daemon.

use std::time::{Duration, Instant};

use gateway_daemon_runtime::SecretUrl;
use gateway_daemon_runtime::http::{self, HttpError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::{ChainError, Result};
use crate::node_wording::{self, RpcMeaning};

/// One node's HTTP endpoint.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    client: reqwest::Client,
    url: SecretUrl,
    timeout: Duration,
    limit: usize,
}

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: i32,
    #[serde(default)]
    message: String,
    data: Option<Value>,
}

impl Transport {
    pub(super) fn new(url: &SecretUrl, timeout: Duration, limit: usize) -> Result<Self> {
        let client = http::client(timeout).map_err(|e| ChainError::invalid("chain.rpc", e))?;
        Ok(Self { client, url: url.clone(), timeout, limit })
    }

    /// Sends one request; `method` also names it in errors and metrics.
    pub(super) async fn call<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<T> {
        let started = Instant::now();
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let post = self.client.post(self.url.expose()).json(&request);
        let fetched = http::fetch(post, self.limit).await;
        metrics::histogram!("gateway_chain_call_seconds", "call" => method).record(started.elapsed());
        let body = fetched.map_err(|e| self.failed(method, e))?;
        let answer: Answer<T> = serde_json::from_slice(&body).map_err(|e| ChainError::decode(method, e))?;
        match answer {
            Answer { error: Some(refusal), .. } => Err(refused(method, refusal)),
            Answer { result: Some(result), .. } => Ok(result),
            Answer { .. } => Err(ChainError::decode(method, "neither a result nor an error")),
        }
    }

    fn failed(&self, what: &str, error: HttpError) -> ChainError {
        let what = what.to_owned();
        match error {
            e if e.is_timeout() => ChainError::Timeout { what, after: self.timeout },
            HttpError::TooLarge { limit } => ChainError::TooLarge { what, limit },
            HttpError::Status { status, body } if node_wording::http_too_large(status, &body) => {
                ChainError::RequestTooLarge { what }
            }
            // CometBFT answers some refusals with status 500 and the JSON-RPC error as the body.
            HttpError::Status { status, body } => match serde_json::from_str::<Answer<Value>>(&body) {
                Ok(Answer { error: Some(refusal), .. }) => refused(&what, refusal),
                _ => ChainError::HttpStatus { what, status },
            },
            e => ChainError::Transport { what, reason: e.to_string() },
        }
    }
}

fn refused(what: &str, refusal: Refusal) -> ChainError {
    let message = match refusal.data {
        Some(Value::String(data)) => format!("{}: {data}", refusal.message),
        Some(data) if !data.is_null() => format!("{}: {data}", refusal.message),
        _ => refusal.message,
    };
    match node_wording::rpc(&message) {
        RpcMeaning::NoIndex => ChainError::NoIndex,
        RpcMeaning::NoResults => ChainError::NoResults,
        RpcMeaning::TooLarge => ChainError::RequestTooLarge { what: what.to_owned() },
        _ => ChainError::Rpc { what: what.to_owned(), code: refusal.code, message },
    }
}
