//! Is the process alive, and is it ready for work? `/health` and `/ready`.
//!
//! Parts register by name and say when they are ready; this module only adds them up.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

type Parts = Arc<RwLock<BTreeMap<String, Result<(), String>>>>;

/// The readiness of all parts of a process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Parts,
}

/// One part's voice in [`Health`].
#[derive(Clone, Debug)]
pub struct Readiness {
    parts: Parts,
    name: String,
}

impl Health {
    /// No parts yet: ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part, not ready until it says so.
    pub fn register(&self, name: impl Into<String>) -> Readiness {
        let part = Readiness { parts: self.parts.clone(), name: name.into() };
        part.not_ready("starting");
        part
    }

    /// Whether every part is ready.
    pub fn is_ready(&self) -> bool {
        self.snapshot().values().all(Result::is_ok)
    }

    fn snapshot(&self) -> BTreeMap<String, Result<(), String>> {
        self.parts.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// `GET /health` (200 while the process runs) and `GET /ready` (200, or 503 with the reasons).
    pub fn router(&self) -> Router {
        Router::new()
            .route("/health", get(|| async { Json(serde_json::json!({ "status": "ok" })) }))
            .route("/ready", get(ready))
            .with_state(self.clone())
    }
}

impl Readiness {
    /// This part can do its work.
    pub fn ready(&self) {
        self.set(Ok(()));
    }

    /// This part cannot, because `reason`.
    pub fn not_ready(&self, reason: impl Into<String>) {
        self.set(Err(reason.into()));
    }

    fn set(&self, state: Result<(), String>) {
        let mut parts = self.parts.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        parts.insert(self.name.clone(), state);
    }
}

async fn ready(State(health): State<Health>) -> Response {
    let parts = health.snapshot();
    let all = parts.values().all(Result::is_ok);
    let parts: BTreeMap<_, _> = parts
        .into_iter()
        .map(|(name, state)| (name, state.err().unwrap_or_else(|| "ready".into())))
        .collect();
    let status = if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if all { "ready" } else { "not ready" };
    (status, Json(serde_json::json!({ "status": word, "parts": parts }))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(health: &Health) -> (u16, serde_json::Value) {
        let response = ready(State(health.clone())).await;
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 4096).await.expect("body");
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    #[tokio::test]
    async fn ready_when_all_parts_are_and_says_which_is_not() {
        let health = Health::new();
        assert!(health.is_ready());
        let (chain, database) = (health.register("chain"), health.register("database"));
        assert!(!health.is_ready());
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
