//! `GET /v1/statistics`: requests by how they ended, and how long results took.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use gateway_http::Problem;
use serde::{Deserialize, Serialize};

use super::cached;
use crate::context::Relay;

/// What this relay's mirror adds up to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StatisticsView {
    /// Requests known to this relay.
    pub requests: u64,
    /// Those with a result.
    pub fulfilled: u64,
    /// Those that ended without one.
    pub expired: u64,
    /// Those that have not ended.
    pub open: u64,
    /// How long the newest 10000 results took; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_blocks: Option<LatencyView>,
}

/// Blocks from a request to its result: half, 95 and 99 of a hundred took no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LatencyView {
    /// The median.
    pub p50: u64,
    /// The 95th percentile.
    pub p95: u64,
    /// The 99th percentile.
    pub p99: u64,
}

/// What this relay's mirror adds up to; may be ten seconds old.
#[utoipa::path(get, path = "/v1/statistics", responses(
    (status = 200, description = "Counts and latencies", body = StatisticsView),
    (status = 304, description = "The caller has it (`If-None-Match`)")
))]
pub(super) async fn get(State(relay): State<Arc<Relay>>, headers: HeaderMap) -> Result<Response, Problem> {
    let statistics = relay.store.statistics();
    let count = statistics.requests().await?;
    let latency = statistics.latency().await?;
    let view = StatisticsView {
        requests: count.fulfilled + count.expired + count.open,
        fulfilled: count.fulfilled,
        expired: count.expired,
        open: count.open,
        latency_blocks: latency.map(|[p50, p95, p99]| LatencyView { p50, p95, p99 }),
    };
    cached::json(&headers, "public, max-age=10", &view)
}
