//! Serving a router within bounds: body size, time, calls per peer; a handler's panic ends no process, a stop is orderly.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use gateway_daemon_runtime::health::Health;
use gateway_daemon_runtime::metrics::Metrics;
use gateway_daemon_runtime::{CancellationToken, Problem, TaskGroup};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::rate::{RateLimit, RateLimits};

/// Bounds of an HTTP service; all have defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Largest body accepted, in bytes, at least 1024. Default 3 MiB: a result of 1 MiB, with every byte escaped, fits.
    pub max_body_bytes: usize,
    /// Seconds within which a request must be answered, 1 to 600. Longer polls may name at most ten seconds less.
    /// Default 70.
    pub timeout_seconds: u64,
    /// Most calls being answered at once, at least 1. Default 1024.
    pub max_calls: usize,
    /// Calls per second of one peer address, at least 1; twice as many at once. Default 500.
    pub peer_per_second: u32,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { max_body_bytes: 3 << 20, timeout_seconds: 70, max_calls: 1024, peer_per_second: 500 }
    }
}

/// What is wrong with a server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A bound is out of its own bounds.
    #[error("{field} takes {bound}")]
    Config {
        /// The field.
        field: &'static str,
        /// What it takes.
        bound: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The server broke.
    #[error("the HTTP server failed: {0}")]
    Serve(#[source] std::io::Error),
}

impl HttpConfig {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`ServerError::Config`] naming the field.
    pub fn validate(&self) -> Result<(), ServerError> {
        let checks = [
            (self.max_body_bytes >= 1024, "http.max_body_bytes", "at least 1024 bytes"),
            ((1..=600).contains(&self.timeout_seconds), "http.timeout_seconds", "1 to 600 seconds"),
            ((1..=1 << 20).contains(&self.max_calls), "http.max_calls", "1 to 1048576"),
            (self.peer_per_second > 0, "http.peer_per_second", "at least 1"),
        ];
        match checks.into_iter().find(|(good, ..)| !good) {
            Some((_, field, bound)) => Err(ServerError::Config { field, bound }),
            None => Ok(()),
        }
    }

    /// Longest time a handler may wait for news.
    #[must_use]
    pub fn longest_wait(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.saturating_sub(10))
    }
}

/// A server that listens already, and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    config: HttpConfig,
}

/// Listens on an address; port 0 takes a free one.
///
/// # Errors
/// A bound is wrong, or the address cannot be listened on.
pub async fn bind(address: SocketAddr, config: HttpConfig) -> Result<Server, ServerError> {
    config.validate()?;
    let fail = |source| ServerError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    Ok(Server { listener, address, config })
}

struct Guard {
    limits: RateLimits,
    rate: RateLimit,
    timeout: Duration,
    calls: Semaphore,
}

impl Server {
    /// The address listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves a daemon's routes with its health and metrics, as tasks of `group`.
    pub fn spawn(self, group: &mut TaskGroup, router: Router, health: Health) {
        let mut router = router.merge(health.router());
        // A second service in one process finds the recorder taken: it then has no metrics page of its own.
        if let Ok(metrics) = Metrics::install() {
            router = router.merge(metrics.router());
            group.spawn("metrics", |cancel| async move {
                metrics.upkeep(cancel).await;
                Ok::<(), ServerError>(())
            });
        }
        group.spawn("http", move |cancel| self.run(router, cancel));
    }

    /// Serves `router` until `cancel`, then lets running requests end. Handlers that wait must watch `cancel` too.
    ///
    /// # Errors
    /// [`ServerError::Serve`].
    pub async fn run(self, router: Router, cancel: CancellationToken) -> Result<(), ServerError> {
        let router = guarded(router, &self.config);
        axum::serve(self.listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(cancel.cancelled_owned())
            .await
            .map_err(ServerError::Serve)
    }
}

fn guarded(router: Router, config: &HttpConfig) -> Router {
    let guard = Arc::new(Guard {
        limits: RateLimits::default(),
        rate: RateLimit::per_second(config.peer_per_second),
        timeout: Duration::from_secs(config.timeout_seconds),
        calls: Semaphore::new(config.max_calls),
    });
    router
        .fallback(gateway_daemon_runtime::problem::no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(config.max_body_bytes))
        .layer(CatchPanicLayer::custom(|_| Problem::internal("a handler panicked").into_response()))
        .layer(middleware::from_fn_with_state(guard, guard_call))
}

async fn no_such_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Method not allowed")
}

async fn guard_call(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    if let Some(peer) = peer
        && let Err(problem) = guard.limits.admit(&peer, guard.rate)
    {
        return problem.into_response();
    }
    let Ok(_call) = guard.calls.try_acquire() else {
        return Problem::unavailable("too many calls at once", 1).into_response();
    };
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let (method, start) = (request.method().clone(), Instant::now());
    let response = match tokio::time::timeout(guard.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable("the answer took too long", 1).into_response(),
    };
    let status = response.status().as_u16();
    tracing::debug!(%method, path, status, elapsed = ?start.elapsed(), "answered");
    metrics::histogram!("gateway_http_request_seconds", "path" => path.clone()).record(start.elapsed());
    metrics::counter!("gateway_http_requests_total", "path" => path, "status" => status.to_string())
        .increment(1);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::routing::{get, post};
    use tower::ServiceExt;

    async fn call(router: &Router, request: Request) -> (StatusCode, Problem) {
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn router() -> Router {
        let config = HttpConfig { max_body_bytes: 1024, timeout_seconds: 1, ..HttpConfig::default() };
        let router = Router::new()
            .route(
                "/panic",
                get(|| async {
                    if true {
                        panic!("boom")
                    }
                }),
            )
            .route("/never", get(std::future::pending::<()>))
            .route(
                "/take",
                post(|body: gateway_daemon_runtime::extract::Json<serde_json::Value>| async move {
                    body.0.to_string()
                }),
            );
        guarded(router, &config)
    }

    #[tokio::test]
    async fn every_fault_is_a_problem_document() {
        let router = router();
        let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(call(&router, get("/nothing")).await.1.status, 404);
        assert_eq!(call(&router, get("/take")).await.1.status, 405);
        assert_eq!(call(&router, get("/never")).await.1.status, 503);
        let (status, problem) = call(&router, get("/panic")).await;
        assert_eq!((status.as_u16(), problem.detail), (500, None));
        let big = Request::post("/take")
            .header("content-type", "application/json")
            .body(Body::from(format!("\"{}\"", "x".repeat(2000))))
            .unwrap();
        assert_eq!(call(&router, big).await.1.status, 413);
    }

    #[tokio::test]
    async fn no_more_calls_are_answered_at_once_than_allowed() {
        let config = HttpConfig { max_calls: 1, timeout_seconds: 1, ..HttpConfig::default() };
        let router = Router::new()
            .route("/never", get(std::future::pending::<()>))
            .route("/now", get(|| async { gateway_daemon_runtime::Problem::not_found("x") }));
        let router = guarded(router, &config);
        let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
        let waiting = tokio::spawn(router.clone().oneshot(get("/never")));
        tokio::task::yield_now().await;
        assert_eq!(call(&router, get("/now")).await.1.status, 503);
        waiting.await.unwrap().unwrap();
        assert_eq!(call(&router, get("/now")).await.1.status, 404, "after the other has timed out");
    }

    #[test]
    fn bounds_have_bounds() {
        let config = HttpConfig { peer_per_second: 0, ..HttpConfig::default() };
        assert_eq!(config.validate().unwrap_err().to_string(), "http.peer_per_second takes at least 1");
    }
}
