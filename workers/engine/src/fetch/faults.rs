//! Injected failures, for trying code out before the network causes them: the first answers are replaced.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use gateway_vm_protocol::{Bytes, FetchFailure, FetchRequest, FetchResponse};

use super::{Answer, Fetcher};
use crate::engine::RunOptions;

/// Replaces the first answers as the options say, then passes requests on.
pub(crate) struct Faults {
    inner: Arc<dyn Fetcher>,
    status: u16,
    statuses: u32,
    time_outs: u32,
    seen: AtomicU32,
}

impl Faults {
    pub(crate) fn new(inner: Arc<dyn Fetcher>, options: &RunOptions) -> Faults {
        let (status, statuses) = options.fail.unwrap_or((0, 0));
        Faults { inner, status, statuses, time_outs: options.time_out, seen: AtomicU32::new(0) }
    }
}

#[async_trait]
impl Fetcher for Faults {
    async fn fetch(&self, request: FetchRequest) -> Answer {
        let seen = self.seen.fetch_add(1, Ordering::Relaxed);
        if seen < self.statuses {
            let body = Bytes(Vec::new());
            let response = FetchResponse {
                status: self.status,
                url: request.url,
                headers: Vec::new(),
                body,
                transformed: false,
            };
            return Answer { took_ms: 0, result: Ok(response) };
        }
        if seen < self.statuses.saturating_add(self.time_outs) {
            let failure = FetchFailure::Failed("no response in time (made to fail)".to_owned());
            return Answer { took_ms: 0, result: Err(failure) };
        }
        self.inner.fetch(request).await
    }
}
