//! The network: one request, with every rule applied again at every hop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use gateway_vm_protocol::{Bytes, FetchFailure, FetchRequest, FetchResponse, Limits};
use reqwest::Method;
use reqwest::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING,
};
use tokio::time::Instant;
use url::Url;

use super::budget::Budget;
use super::clients::Clients;
use super::placeholder::Filled;
use super::redact::redact;
use super::secret::{Secret, Vault};
use super::{Answer, FetchConfig, Fetcher, encoding, policy, redirect};
use crate::manifest::Manifest;
use crate::net::{Guard, GuardError, read_bounded, send};

/// Redirects followed.
const MAX_HOPS: usize = 3;

/// Response headers that code sees: those that describe the data rather than the moment or the path.
const SHOWN: &[&str] = &["content-language", "content-type", "last-modified", "link"];

/// Longest value of a shown header, bytes.
const MAX_HEADER: usize = 16 << 10;

/// Header of a request that changes something: the same on every node, but different for every request of a run.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// State shared by all runs of an engine.
pub(crate) struct Network {
    clients: Clients,
    guard: Guard,
    config: FetchConfig,
    budget: Budget,
}

impl Network {
    pub(crate) fn new(config: FetchConfig) -> Result<Arc<Network>, reqwest::Error> {
        let guard = Guard { allow_http_loopback: config.allow_http_loopback };
        let clients = Clients::new(guard, config.clone());
        let budget = Budget::new(config.per_host_per_minute);
        Ok(Arc::new(Network { clients, guard, config, budget }))
    }
}

/// The network as one run may use it.
pub(crate) struct NetworkFetcher {
    pub(crate) network: Arc<Network>,
    pub(crate) project: u64,
    /// Secrets of this run, besides those of the configuration.
    pub(crate) secrets: Arc<[Secret]>,
    pub(crate) label: String,
    pub(crate) manifest: Manifest,
    pub(crate) limits: Limits,
}

impl NetworkFetcher {
    async fn send(&self, request: &FetchRequest) -> Result<FetchResponse, GuardError> {
        let Network { clients, guard, config, budget } = &*self.network;
        let mut method = policy::check_method(&self.manifest, &request.method)?;
        let mut url = policy::check_url(*guard, &self.manifest, &request.url)?;
        if request.body.0.len() > self.limits.fetch_body_bytes as usize {
            return Err(GuardError::Denied("the request body is above the limit".to_owned()));
        }
        let client = clients
            .of(self.project)
            .map_err(|_| GuardError::Local("this node cannot make an HTTP client".to_owned()))?;
        // Every policy violation and everything this node lacks is reported before anything is sent.
        let mut used = Vec::new();
        let host = url.host_str().unwrap_or_default().to_owned();
        let vault = Vault { secrets: [&config.secrets, &self.secrets], project: self.project, host: &host };
        let mut headers = policy::headers(request, vault, &mut used)?;
        if !matches!(method, Method::GET | Method::HEAD) && !headers.contains_key(IDEMPOTENCY_KEY) {
            let key = format!("{}/{}", self.label, request.id);
            let key = key.parse().map_err(|_| GuardError::Denied("the request has no key".to_owned()))?;
            headers.insert(IDEMPOTENCY_KEY, key);
        }
        let body = policy::fill_body(vault, request, &mut used)?;
        let mut body = (!body.is_empty()).then_some(body);
        let mut place = policy::fill_url(vault, &url, &mut used)?;
        jitter(config.jitter_ms).await;
        let first = url.origin();
        for _ in 0..=MAX_HOPS {
            let host = url.host_str().unwrap_or_default();
            if !budget.take(host, std::time::Instant::now()) {
                return Err(GuardError::Failed(format!("this node has sent too many requests to {host}")));
            }
            let mut builder = client
                .request(method.clone(), place.clone())
                .headers(headers.clone())
                .header(ACCEPT_ENCODING, encoding::ACCEPT);
            if let Some(body) = &body {
                builder = builder.body(body.clone());
            } else if matches!(method, Method::POST | Method::PUT | Method::PATCH) {
                // RFC 9110 section 8.6; some servers answer 411 without it.
                builder = builder.header(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            let response = send(*guard, builder).await?;
            let status = response.status().as_u16();
            let Some(next) = redirect::target(status, response.headers(), &place)? else {
                return self.take(response, &url, &used).await;
            };
            url = policy::check_url(*guard, &self.manifest, next.as_str())?;
            place = url.clone();
            if redirect::becomes_get(status, &method) {
                method = Method::GET;
                body = None;
            }
            if url.origin() != first {
                if body.is_some() {
                    return Err(GuardError::Failed(format!(
                        "a redirect with status {status} leads to another origin, which is not sent the request's body"
                    )));
                }
                // A different origin gets nothing that was meant for the first, and neither do its redirect targets.
                headers = HeaderMap::new();
            }
        }
        Err(GuardError::Failed(format!("more than {MAX_HOPS} redirects")))
    }

    /// Extracts the part of a response that code sees.
    async fn take(
        &self,
        response: reqwest::Response,
        url: &Url,
        used: &[Filled],
    ) -> Result<FetchResponse, GuardError> {
        let status = response.status().as_u16();
        let headers = shown(response.headers())?;
        // A coding of the transfer is around those of the content (RFC 9112 section 7); the client has undone `chunked`.
        let encodings: Vec<String> = [CONTENT_ENCODING, TRANSFER_ENCODING]
            .iter()
            .flat_map(|name| response.headers().get_all(name))
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .flat_map(|value| value.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>())
            .filter(|name| !name.eq_ignore_ascii_case("chunked"))
            .collect();
        let limit = self.limits.fetch_bytes as usize;
        let body = read_bounded(response, limit).await?;
        let body = encoding::decode(encodings.iter().map(String::as_str), body, limit)?;
        let mut response =
            FetchResponse { status, url: url.to_string(), headers, body: Bytes(body), transformed: false };
        redact(used, &mut response);
        Ok(response)
    }
}

/// Returns the headers that code sees. Values of one name are joined in their order (RFC 9110 section 5.3), bytes beyond ASCII
/// are read as Latin-1, as in the fetch standard.
///
/// # Errors
/// [`GuardError::Denied`] naming a header that is too long: without it, code would take a list for complete.
fn shown(headers: &HeaderMap) -> Result<Vec<(String, String)>, GuardError> {
    let mut out = BTreeMap::new();
    for name in SHOWN {
        let values: Vec<String> = headers
            .get_all(*name)
            .iter()
            .map(|value| value.as_bytes().iter().map(|byte| char::from(*byte)).collect())
            .collect();
        let joined = values.join(", ");
        if joined.len() > MAX_HEADER {
            return Err(GuardError::Denied(format!(
                "the response header {name} has {} bytes; the limit is {MAX_HEADER}",
                joined.len()
            )));
        }
        if !values.is_empty() {
            out.insert((*name).to_owned(), joined);
        }
    }
    Ok(out.into_iter().collect())
}

#[async_trait]
impl Fetcher for NetworkFetcher {
    async fn fetch(&self, request: FetchRequest) -> Answer {
        tokio::time::sleep(Duration::from_millis(u64::from(request.after_ms))).await;
        let started = Instant::now();
        let limit = request.limit_ms.unwrap_or(u32::MAX).min(self.limits.fetch_ms);
        let within = Duration::from_millis(u64::from(limit));
        let result = match tokio::time::timeout(within, self.send(&request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(match error {
                GuardError::Denied(text) => FetchFailure::Denied(text),
                GuardError::TooLarge { .. } => FetchFailure::Denied(error.to_string()),
                GuardError::Failed(text) => FetchFailure::Failed(text),
                GuardError::Local(text) => FetchFailure::Local(text),
            }),
            Err(_) => Err(FetchFailure::Failed(format!("no response within {limit} ms"))),
        };
        Answer { took_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX), result }
    }
}

/// Waits for a fraction of the longest wait that differs between nodes and moments.
async fn jitter(longest_ms: u32) {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
    tokio::time::sleep(wait(nanos, longest_ms)).await;
}

/// Returns a wait below the longest one, spread evenly over moments.
fn wait(nanos: u32, longest_ms: u32) -> Duration {
    Duration::from_millis(u64::from((nanos / 1_000).checked_rem(longest_ms).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_start_together_do_not_arrive_together() {
        // Fifty moments within ten milliseconds, as in a committee.
        let waits: std::collections::BTreeSet<Duration> =
            (0..50).map(|i| wait(123_000_000 + i * 197_000, 150)).collect();
        assert!(waits.len() > 25, "{waits:?}");
        assert!(waits.iter().all(|wait| *wait < Duration::from_millis(150)));
        assert_eq!(wait(999_999_999, 0), Duration::ZERO);
    }
}
