//! JSON-RPC over HTTP with a time-out and a size limit for every answer.

use std::time::{Duration, Instant};

use gateway_daemon_runtime::http::{self, HttpError};
use tendermint_rpc::dialect::LatestDialect;
use tendermint_rpc::error::ErrorDetail;
use tendermint_rpc::{Response, SimpleRequest};

use crate::error::{ChainError, Result};

/// One node's HTTP endpoint.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    client: reqwest::Client,
    url: String,
    timeout: Duration,
    limit: usize,
}

impl Transport {
    pub(super) fn new(url: &str, timeout: Duration, limit: usize) -> Result<Self> {
        let client = http::client(timeout).map_err(|e| ChainError::invalid("chain.rpc", e))?;
        Ok(Self { client, url: url.to_owned(), timeout, limit })
    }

    /// Sends one request; `what` names it in errors and metrics.
    pub(super) async fn call<R>(&self, what: &'static str, request: R) -> Result<R::Output>
    where
        R: SimpleRequest<LatestDialect>,
    {
        let started = Instant::now();
        let post =
            self.client.post(&self.url).header("content-type", "application/json").body(request.into_json());
        let fetched = http::fetch(post, self.limit).await;
        metrics::histogram!("gateway_chain_call_seconds", "call" => what).record(started.elapsed());
        let body = fetched.map_err(|e| self.failed(what, e))?;
        match R::Response::from_string(&body) {
            Ok(response) => Ok(response.into()),
            Err(error) => Err(refused(what, &error)),
        }
    }

    fn failed(&self, what: &str, error: HttpError) -> ChainError {
        let what = what.to_owned();
        match error {
            e if e.is_timeout() => ChainError::Timeout { what, after: self.timeout },
            HttpError::TooLarge { limit } => ChainError::TooLarge { what, limit },
            HttpError::Status { status, .. } => ChainError::HttpStatus { what, status },
            e => ChainError::Transport { what, reason: e.to_string() },
        }
    }
}

fn refused(what: &str, error: &tendermint_rpc::Error) -> ChainError {
    match error.detail() {
        ErrorDetail::Response(sub) => {
            let (code, source) = (sub.source.code().value(), &sub.source);
            let message = match source.data() {
                Some(data) => format!("{}: {data}", source.message()),
                None => source.message().to_owned(),
            };
            ChainError::Rpc { what: what.to_owned(), code, message }
        }
        detail => ChainError::decode(what, detail),
    }
}
