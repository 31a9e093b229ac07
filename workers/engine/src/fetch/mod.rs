//! `fetch` as the code's host answers it: policy first, then the network, a recording, or nothing at all.

mod budget;
mod clients;
mod encoding;
mod faults;
mod network;
mod placeholder;
mod policy;
mod redact;
mod redirect;
mod secret;
mod transcript;

use std::sync::Arc;

use async_trait::async_trait;
use gateway_vm_protocol::{FetchFailure, FetchRequest, FetchResponse};

pub(crate) use faults::Faults;
pub(crate) use network::{Network, NetworkFetcher};
pub use secret::Secret;
pub use transcript::{Exchange, Moment, Transcript};
pub(crate) use transcript::{Recorder, Replayer};

/// Configuration of the network side of an engine.
#[derive(Clone, Debug)]
pub struct FetchConfig {
    /// Allow plain HTTP to this machine for code whose manifest lists `localhost`: for development only.
    pub allow_http_loopback: bool,
    /// Names that resolve to these addresses instead of what the system says. The rules for addresses still
    /// hold.
    pub resolve: std::collections::BTreeMap<String, Vec<std::net::IpAddr>>,
    /// Values that this node writes into requests for code, which never sees them.
    pub secrets: Vec<Secret>,
    /// Requests per minute to one host, over all projects of this node.
    pub per_host_per_minute: u32,
    /// Longest random wait before a request, milliseconds: a committee should not arrive as one.
    pub jitter_ms: u32,
}

impl Default for FetchConfig {
    fn default() -> FetchConfig {
        FetchConfig {
            allow_http_loopback: false,
            resolve: std::collections::BTreeMap::new(),
            secrets: Vec::new(),
            per_host_per_minute: 120,
            jitter_ms: 150,
        }
    }
}

/// An answer to a request, and the time it took.
pub(crate) struct Answer {
    /// Milliseconds from the start of the request, excluding pauses before it.
    pub(crate) took_ms: u32,
    /// The response, or why there is none.
    pub(crate) result: Result<FetchResponse, FetchFailure>,
}

/// Answers the fetches of one run.
#[async_trait]
pub(crate) trait Fetcher: Send + Sync {
    /// Answers one request.
    async fn fetch(&self, request: FetchRequest) -> Answer;

    /// Records that a timer of the code was due before the answer, that many milliseconds after the request was started. Only a
    /// recording uses it.
    fn overtaken(&self, _id: u32, _ms: u32) {}

    /// Receives the code's transform of a response. Only a recording uses it.
    fn transformed(&self, _id: u32, _response: &FetchResponse) {}
}

#[async_trait]
impl<F: Fetcher + ?Sized> Fetcher for Arc<F> {
    async fn fetch(&self, request: FetchRequest) -> Answer {
        (**self).fetch(request).await
    }
}
