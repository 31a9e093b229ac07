//! The network: one request with every rule applied again at every hop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use gateway_vm_protocol::{Bytes, FetchFailure, FetchRequest, FetchResponse, Limits};
use reqwest::header::{AUTHORIZATION, LOCATION};

use super::budget::Budget;
use super::{FetchConfig, Fetcher, policy};
use crate::manifest::Manifest;
use crate::net::{Guard, GuardError, guarded_client, read_bounded, send};

/// Redirects followed.
const MAX_HOPS: usize = 3;

/// Response headers that code sees: what says something about the data and not about the moment or the path.
const SHOWN: &[&str] = &["content-language", "content-type", "last-modified", "link"];

/// Longest value of a shown header, bytes.
const MAX_HEADER: usize = 1_024;

/// What all runs of an engine share.
pub(crate) struct Network {
    client: reqwest::Client,
    guard: Guard,
    config: FetchConfig,
    budget: Budget,
}

impl Network {
    pub(crate) fn new(config: FetchConfig) -> Result<Arc<Network>, reqwest::Error> {
        let guard = Guard { allow_http_loopback: config.allow_http_loopback };
        // Each request brings its own, shorter one.
        let longest = Duration::from_secs(120);
        let client = guarded_client(guard, longest, config.resolve.clone())?;
        let budget = Budget::new(config.per_host_per_minute);
        Ok(Arc::new(Network { client, guard, config, budget }))
    }
}

/// The network as one run may use it.
pub(crate) struct NetworkFetcher {
    pub(crate) network: Arc<Network>,
    pub(crate) project: u64,
    pub(crate) label: String,
    pub(crate) manifest: Manifest,
    pub(crate) limits: Limits,
    received: AtomicU64,
}

impl NetworkFetcher {
    pub(crate) fn new(
        network: Arc<Network>,
        project: u64,
        label: String,
        manifest: Manifest,
        limits: Limits,
    ) -> NetworkFetcher {
        NetworkFetcher { network, project, label, manifest, limits, received: AtomicU64::new(0) }
    }

    async fn send(&self, request: &FetchRequest) -> Result<FetchResponse, GuardError> {
        let Network { client, guard, config, budget } = &*self.network;
        let mut method = policy::check_method(&self.manifest, &request.method)?;
        let mut url = policy::check_url(*guard, &self.manifest, &request.url)?;
        let mut body = (!request.body.0.is_empty()).then(|| request.body.0.clone());
        if body.as_ref().is_some_and(|body| body.len() > self.limits.fetch_body_bytes as usize) {
            return Err(GuardError::Denied("the request body is above the limit".to_owned()));
        }
        let first_host = url.host_str().unwrap_or_default().to_owned();
        jitter(config.jitter_ms).await;
        for _ in 0..=MAX_HOPS {
            let host = url.host_str().unwrap_or_default().to_owned();
            if !budget.take(&host, Instant::now()) {
                return Err(GuardError::Failed(format!("this node has sent too many requests to {host}")));
            }
            let mut headers = if host == first_host {
                policy::headers(request, &config.secrets, self.project, &host)?
            } else {
                // Another host gets none of what was meant for the first.
                reqwest::header::HeaderMap::new()
            };
            if host != first_host {
                headers.remove(AUTHORIZATION);
                body = None;
            }
            let mut builder = client.request(method.clone(), url.clone()).headers(headers);
            if !matches!(method, reqwest::Method::GET | reqwest::Method::HEAD) {
                builder = builder.header("idempotency-key", &self.label);
            }
            if let Some(body) = &body {
                builder = builder.body(body.clone());
            }
            let response = send(*guard, builder).await?;
            let status = response.status();
            let location = response.headers().get(LOCATION).and_then(|l| l.to_str().ok());
            if let (true, Some(location)) = (matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308), location)
            {
                let next = url
                    .join(location)
                    .map_err(|e| GuardError::Failed(format!("a redirect to nowhere: {e}")))?;
                url = policy::check_url(*guard, &self.manifest, next.as_str())?;
                if matches!(status.as_u16(), 301..=303) && method != reqwest::Method::HEAD {
                    method = reqwest::Method::GET;
                    body = None;
                }
                continue;
            }
            return self.take(response, url.as_str()).await;
        }
        Err(GuardError::Failed(format!("more than {MAX_HOPS} redirects")))
    }

    /// The part of a response that code sees, within the run's budget of bytes.
    async fn take(&self, response: reqwest::Response, url: &str) -> Result<FetchResponse, GuardError> {
        let status = response.status().as_u16();
        let headers: BTreeMap<String, String> = response
            .headers()
            .iter()
            .filter(|(name, _)| SHOWN.contains(&name.as_str()))
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .filter(|(_, value)| value.len() <= MAX_HEADER)
            .collect();
        let total = u64::from(self.limits.fetch_total_bytes);
        let left = total.saturating_sub(self.received.load(Ordering::Relaxed));
        let limit = u64::from(self.limits.fetch_bytes).min(left);
        let body = read_bounded(response, usize::try_from(limit).unwrap_or(usize::MAX)).await?;
        let sum =
            self.received.fetch_add(body.len() as u64, Ordering::Relaxed).saturating_add(body.len() as u64);
        if sum > total {
            return Err(GuardError::Denied(format!("all responses together are above {total} bytes")));
        }
        Ok(FetchResponse {
            status,
            url: url.to_owned(),
            headers: headers.into_iter().collect(),
            body: Bytes(body),
            transformed: false,
        })
    }
}

#[async_trait]
impl Fetcher for NetworkFetcher {
    async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, FetchFailure> {
        let limit = Duration::from_millis(u64::from(self.limits.fetch_ms));
        match tokio::time::timeout(limit, self.send(&request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(GuardError::Denied(text))) => Err(FetchFailure::Denied(text)),
            Ok(Err(GuardError::TooLarge { limit })) => {
                Err(FetchFailure::Denied(format!("the response is larger than {limit} bytes")))
            }
            Ok(Err(GuardError::Failed(text))) => Err(FetchFailure::Failed(text)),
            Err(_) => Err(FetchFailure::Failed(format!("no response within {} ms", limit.as_millis()))),
        }
    }
}

/// Waits for a part of the longest wait that differs from node to node and moment to moment.
async fn jitter(longest_ms: u32) {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
    tokio::time::sleep(wait(nanos, longest_ms)).await;
}

/// A wait below the longest one, spread evenly over moments.
fn wait(nanos: u32, longest_ms: u32) -> Duration {
    Duration::from_millis(u64::from((nanos / 1_000).checked_rem(longest_ms).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_start_together_do_not_arrive_together() {
        // Fifty moments within ten milliseconds, as a committee has them.
        let waits: std::collections::BTreeSet<Duration> =
            (0..50).map(|i| wait(123_000_000 + i * 197_000, 150)).collect();
        assert!(waits.len() > 25, "{waits:?}");
        assert!(waits.iter().all(|wait| *wait < Duration::from_millis(150)));
        assert_eq!(wait(999_999_999, 0), Duration::ZERO);
    }
}
