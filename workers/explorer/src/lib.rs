//! Serves the explorer: a page that shows a network and verifies its results in the reader's browser.
//!
//! The page is built from `explorer` and embedded from `artifacts/explorer`, so that building a binary takes no Node. It
//! queries the chain and a relay itself; nothing here stands in between, and nothing here knows a key or a database.

#![allow(
    clippy::result_large_err,
    reason = "a problem document is made once for a refused call, never in a loop"
)]

mod assets;
mod config;
mod policy;

pub use config::{ExplorerConfig, ExplorerConfigError};

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use gateway_http::Problem;

/// Returns the page's routes: `/`, `/config.json` with the addresses it queries, and its files.
///
/// # Errors
/// [`ExplorerConfigError`] when a configured address is invalid, so that no policy can name it.
pub fn router<S>(config: ExplorerConfig) -> Result<Router<S>, ExplorerConfigError> {
    let explorer = Explorer { policy: policy::content_security_policy(&config)?, config };
    Ok(Router::new()
        .route("/", get(index))
        .route("/config.json", get(addresses))
        .route("/{file}", get(file))
        .with_state(Arc::new(explorer)))
}

struct Explorer {
    config: ExplorerConfig,
    policy: HeaderValue,
}

async fn index(State(explorer): State<Arc<Explorer>>, headers: HeaderMap) -> Result<Response, Problem> {
    serve(&explorer, "index.html", &headers)
}

async fn file(
    State(explorer): State<Arc<Explorer>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    serve(&explorer, &file, &headers)
}

fn serve(explorer: &Explorer, file: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let mut response = assets::respond(file, headers)?;
    let set: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_SECURITY_POLICY, explorer.policy.clone()),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    response.headers_mut().extend(set);
    Ok(response)
}

async fn addresses(
    State(explorer): State<Arc<Explorer>>,
) -> ([(HeaderName, &'static str); 1], Json<ExplorerConfig>) {
    ([(header::CACHE_CONTROL, "no-cache")], Json(explorer.config.clone()))
}

#[cfg(test)]
mod tests;
