//! `/health`, `/ready` and `/metrics`, for operators and orchestrators. Answered without permits and rate limits, so that an
//! overloaded service is not mistaken for a dead one.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use gateway_daemon_runtime::health::Health;
use gateway_daemon_runtime::metrics::Metrics;

/// Routes `GET /health` (200 while the process runs), `GET /ready` (200, or 503 with the reasons) and, if the process has
/// metrics, `GET /metrics`.
pub(crate) fn admin(health: Health, metrics: Option<Metrics>) -> Router {
    let router = Router::new()
        .route("/health", get(|| async { Json(serde_json::json!({ "status": "ok" })) }))
        .route("/ready", get(ready))
        .with_state(health);
    match metrics {
        Some(metrics) => router.route("/metrics", get(move || std::future::ready(page(&metrics)))),
        None => router,
    }
}

fn page(metrics: &Metrics) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()).into_response()
}

async fn ready(State(health): State<Health>) -> Response {
    let parts = health.snapshot();
    let all = parts.values().all(Result::is_ok);
    let parts: BTreeMap<_, _> = parts
        .into_iter()
        .map(|(name, state)| (name, state.err().unwrap_or_else(|| "ready".into())))
        .collect();
    let (status, text) =
        if all { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
    (status, Json(serde_json::json!({ "status": text, "parts": parts }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(health: &Health) -> (u16, serde_json::Value) {
        let response = ready(State(health.clone())).await;
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn not_ready_is_503_with_the_reason_of_each_part() {
        let health = Health::new();
        let (chain, database) = (health.register("chain"), health.register("database"));
        chain.ready();
        database.ready();
        assert_eq!(ask(&health).await.0, 200);
        chain.not_ready("no block for 30s");
        let (status, body) = ask(&health).await;
        assert_eq!(status, 503);
        assert_eq!(body["parts"]["chain"], "no block for 30s");
        assert_eq!(body["parts"]["database"], "ready");
    }
}
