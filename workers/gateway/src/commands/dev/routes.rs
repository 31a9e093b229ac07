//! The page's routes. They answer only this machine's browser: a request must name the page's own address, so that no page of
//! another site can run or write code here, by its own requests or by a name that resolves to this machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::attempt::{self, Attempt};
use super::workbench::{Workbench, version};
use crate::commands::CommandError;
use crate::commands::run::WATCH;

/// Scripts, styles and requests only from the page's own address.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// How long a call waits for a change before the page asks again.
const WAIT: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
struct Save {
    code: String,
    seen: String,
}

#[derive(Deserialize)]
struct Seen {
    version: String,
}

/// Builds the routes of a page at `address`.
pub(super) fn router(workbench: Arc<Workbench>, address: SocketAddr) -> Router {
    let page = |kind: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], text) })
    };
    Router::new()
        .route("/", page("text/html; charset=utf-8", include_str!("page/index.html")))
        .route("/dev.js", page("text/javascript; charset=utf-8", include_str!("page/dev.js")))
        .route("/dev.css", page("text/css; charset=utf-8", include_str!("page/dev.css")))
        .route("/api/state", get(state))
        .route("/api/change", get(change))
        .route("/api/run", post(run))
        .route("/api/save", post(save))
        .layer(axum::middleware::from_fn_with_state(address, own_address))
        .with_state(workbench)
}

/// Refuses requests that do not name the page's own address as host and, if there is one, as origin.
async fn own_address(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    if !names_own(request.headers(), address) {
        return (StatusCode::FORBIDDEN, "this page is for its own address alone").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Returns whether the host, and the origin if there is one, are the page's own.
fn names_own(headers: &HeaderMap, address: SocketAddr) -> bool {
    let own = [address.to_string(), format!("localhost:{}", address.port())];
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    let is_own = |host: &str| own.iter().any(|own| own == host);
    text(header::HOST).is_some_and(is_own)
        && text(header::ORIGIN).is_none_or(|origin| origin.strip_prefix("http://").is_some_and(is_own))
}

/// Answers with a value, or with a description of what is wrong for the page.
fn answer(result: Result<serde_json::Value, CommandError>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(json!({ "error": error.to_string() }))).into_response(),
    }
}

async fn state(State(workbench): State<Arc<Workbench>>) -> Response {
    answer(workbench.state().and_then(|state| Ok(serde_json::to_value(state)?)))
}

/// Waits until the file differs from what the page has seen.
async fn change(State(workbench): State<Arc<Workbench>>, Query(seen): Query<Seen>) -> Response {
    let changed = async {
        let mut look = tokio::time::interval(WATCH);
        loop {
            look.tick().await;
            // A file that an editor is just replacing is read again.
            if let Ok(code) = workbench.code()
                && version(&code) != seen.version
            {
                return json!({ "changed": true, "version": version(&code), "code": code });
            }
        }
    };
    let found = tokio::time::timeout(WAIT, changed).await;
    Json(found.unwrap_or_else(|_| json!({ "changed": false }))).into_response()
}

async fn run(State(workbench): State<Arc<Workbench>>, Json(attempt): Json<Attempt>) -> Response {
    answer(attempt::run(&workbench, attempt).await)
}

async fn save(State(workbench): State<Arc<Workbench>>, Json(save): Json<Save>) -> Response {
    answer(workbench.save(&save.code, &save.seen).map(|version| json!({ "version": version })))
}
