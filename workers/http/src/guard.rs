//! Bounds of each call: rate per client; size, time and memory of the body; concurrent calls; time to answer.
//!
//! Guarantees: a call holds a permit only while it is worked on, neither while its body arrives nor while it waits for news
//! (see [`idle`]); a handler's panic does not end the process; every refusal is a problem document.

use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use gateway_daemon_runtime::CancellationToken;
use ipnet::IpNet;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_http::catch_panic::CatchPanicLayer;

use crate::client_address::{ClientAddress, Peer, client_address, network};
use crate::config::HttpConfig;
use crate::cors::cors;
use crate::occupancy::Occupancy;
use crate::problem::{Problem, no_such_path};
use crate::rate::{RateLimit, RateLimits};

/// How long a call waits for a permit: bursts are absorbed, overload is refused quickly.
const QUEUE: Duration = Duration::from_secs(1);

struct Guard {
    limits: RateLimits<IpAddr>,
    rate: RateLimit,
    timeout: Duration,
    body_timeout: Duration,
    max_body: usize,
    /// One permit per call being worked on.
    calls: Arc<Semaphore>,
    /// One permit per byte of a body in memory.
    bodies: Arc<Semaphore>,
    waiting: Occupancy,
    proxies: Vec<IpNet>,
    cancel: CancellationToken,
}

/// A call's permit, which its handler releases while it waits.
struct Call {
    calls: Arc<Semaphore>,
    waiting: Occupancy,
    client: IpAddr,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

tokio::task_local! {
    static CALL: Call;
}

/// Waits for news without holding a work permit: many callers may wait while others are answered.
///
/// # Errors
/// [`Problem::unavailable`] when too many calls are waiting already, in total or from this client.
pub async fn idle<F: Future>(news: F) -> Result<F::Output, Problem> {
    let entered = CALL.try_with(|call| {
        let place = call
            .waiting
            .enter(call.client)
            .ok_or_else(|| Problem::unavailable("too many calls are waiting", 5))?;
        let permit = call.permit.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok::<_, Problem>((place, permit, call.calls.clone()))
    });
    let Ok(entered) = entered else { return Ok(news.await) };
    let (place, permit, calls) = entered?;
    drop(permit);
    let output = news.await;
    drop(place);
    let permit = calls.acquire_owned().await.map_err(Problem::internal)?;
    // Outside a call there is nothing to keep it for.
    let _kept = CALL.try_with(|call| {
        *call.permit.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
    });
    Ok(output)
}

/// Wraps the router in its bounds.
pub(crate) fn guarded(router: Router, config: &HttpConfig, cancel: CancellationToken) -> Router {
    let guard = Arc::new(Guard {
        limits: RateLimits::default(),
        rate: RateLimit::per_second(config.peer_per_second),
        timeout: Duration::from_secs(config.timeout_seconds),
        body_timeout: Duration::from_secs(config.body_timeout_seconds),
        max_body: config.max_body_bytes,
        calls: Arc::new(Semaphore::new(config.max_calls)),
        bodies: Arc::new(Semaphore::new(config.max_bodies_bytes)),
        waiting: Occupancy::new(config.max_waiting, config.client_waiting),
        proxies: config.proxies(),
        cancel,
    });
    let router = router
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        // The guard has already bounded the body.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(|_| Problem::internal("a handler panicked").into_response()))
        .layer(middleware::from_fn_with_state(guard, guard_call));
    match cors(&config.cors_origins) {
        Some(layer) => router.layer(layer),
        None => router,
    }
}

async fn no_such_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Method not allowed")
}

async fn guard_call(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let (method, start) = (request.method().clone(), Instant::now());
    let response = guard.answer(request, next).await.unwrap_or_else(Problem::into_response);
    let status = response.status().as_u16();
    tracing::debug!(%method, path, status, elapsed = ?start.elapsed(), "answered");
    metrics::histogram!("gateway_http_request_seconds", "path" => path.clone()).record(start.elapsed());
    metrics::counter!("gateway_http_requests_total", "path" => path, "status" => status.to_string())
        .increment(1);
    metrics::gauge!("gateway_http_waiting").set(guard.waiting.count() as f64);
    response
}

impl Guard {
    async fn answer(&self, mut request: Request, next: Next) -> Result<Response, Problem> {
        let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0);
        let client = client_address(peer, request.headers(), &self.proxies);
        self.limits.admit(&network(client), self.rate)?;
        request.extensions_mut().insert(ClientAddress(client));
        let (parts, body) = request.into_parts();
        let (body, _memory) = self.body(body).await?;
        let permit = match tokio::time::timeout(QUEUE, self.calls.clone().acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) | Err(_) => return Err(Problem::unavailable("too many calls at once", 1)),
        };
        let call = Call {
            calls: self.calls.clone(),
            waiting: self.waiting.clone(),
            client,
            permit: Mutex::new(Some(permit)),
        };
        let answer = CALL.scope(call, next.run(Request::from_parts(parts, Body::from(body))));
        let answer = tokio::time::timeout(self.timeout, answer).await;
        answer.map_err(|_| Problem::unavailable("the answer took too long", 1))
    }

    /// Reads a body, acquiring permits for the memory it takes.
    async fn body(&self, body: Body) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Problem> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Problem::unavailable("the service is stopping", 5)),
            read = tokio::time::timeout(self.body_timeout, self.read(body)) => read.unwrap_or_else(|_| {
                let kind = Problem::new(StatusCode::REQUEST_TIMEOUT, "slow-body", "The body took too long");
                Err(kind.detail(format!("a body must arrive within {} seconds", self.body_timeout.as_secs())))
            }),
        }
    }

    async fn read(&self, body: Body) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Problem> {
        let mut chunks = body.into_data_stream();
        let (mut read, mut memory) = (Vec::new(), None::<OwnedSemaphorePermit>);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| Problem::invalid("body", format!("it broke off: {error}")))?;
            if read.len() + chunk.len() > self.max_body {
                return Err(Problem::too_large("body", self.max_body));
            }
            let bytes = u32::try_from(chunk.len()).map_err(Problem::internal)?;
            let more = self.bodies.clone().try_acquire_many_owned(bytes);
            let more = more.map_err(|_| Problem::unavailable("too many bodies at once", 1))?;
            match &mut memory {
                Some(memory) => memory.merge(more),
                None => memory = Some(more),
            }
            read.extend_from_slice(&chunk);
        }
        Ok((read.into(), memory))
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tower::ServiceExt;

    use super::*;

    async fn call(router: &Router, request: Request) -> (StatusCode, Problem) {
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn get_request(path: &str) -> Request {
        Request::get(path).body(Body::empty()).unwrap()
    }

    fn small() -> HttpConfig {
        HttpConfig {
            max_body_bytes: 1024,
            max_bodies_bytes: 1024,
            timeout_seconds: 1,
            ..HttpConfig::default()
        }
    }

    fn router(config: &HttpConfig) -> Router {
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
            .route("/idle", get(|| async { idle(std::future::pending::<()>()).await }))
            .route("/now", get(|| async { Problem::conflict("now") }))
            .route(
                "/take",
                post(|body: crate::extract::Json<serde_json::Value>| async move { body.0.to_string() }),
            );
        guarded(router, config, CancellationToken::new())
    }

    #[tokio::test]
    async fn every_fault_is_a_problem_document() {
        let router = router(&small());
        assert_eq!(call(&router, get_request("/nothing")).await.1.status, 404);
        assert_eq!(call(&router, get_request("/take")).await.1.status, 405);
        assert_eq!(call(&router, get_request("/never")).await.1.status, 503);
        let (status, problem) = call(&router, get_request("/panic")).await;
        assert_eq!((status.as_u16(), problem.detail), (500, None));
        let big = Request::post("/take")
            .header("content-type", "application/json")
            .body(Body::from(format!("\"{}\"", "x".repeat(2000))))
            .unwrap();
        assert_eq!(call(&router, big).await.1.status, 413);
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_calls_are_worked_on_at_once_than_allowed() {
        let router = router(&HttpConfig { max_calls: 1, timeout_seconds: 3, ..HttpConfig::default() });
        let busy = tokio::spawn(router.clone().oneshot(get_request("/never")));
        tokio::task::yield_now().await;
        assert_eq!(call(&router, get_request("/now")).await.1.status, 503);
        busy.await.unwrap().unwrap();
        assert_eq!(call(&router, get_request("/now")).await.1.status, 409, "after the other has timed out");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_wait_leave_room_for_others_and_are_bounded_for_each_client() {
        let config = HttpConfig { max_calls: 1, client_waiting: 20, ..HttpConfig::default() };
        let router = router(&config);
        let idle: Vec<_> =
            (0..20).map(|_| tokio::spawn(router.clone().oneshot(get_request("/idle")))).collect();
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            call(&router, get_request("/now")).await.1.status,
            409,
            "twenty waiting calls hold no permit"
        );
        let refused = call(&router, get_request("/idle")).await.1;
        assert_eq!((refused.status, refused.retry_after), (503, Some(5)));
        for task in idle {
            task.abort();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_arrive_holds_no_permit_and_ends_in_time() {
        let router = router(&HttpConfig { max_calls: 1, ..HttpConfig::default() });
        let body = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        let slow = Request::post("/take").header("content-type", "application/json").body(body).unwrap();
        let sending = tokio::spawn(router.clone().oneshot(slow));
        tokio::task::yield_now().await;
        assert_eq!(call(&router, get_request("/now")).await.1.status, 409);
        assert_eq!(sending.await.unwrap().unwrap().status(), 408);
    }
}
