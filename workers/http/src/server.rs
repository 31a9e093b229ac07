//! Serves within bounds, from the first second: number of connections, time for headers, and an orderly, bounded stop.
//!
//! `/health`, `/ready` and `/metrics` are answered as soon as the server runs; the service's own routes are 503 until
//! [`Routes::serve`] provides them. hyper is driven here, because `axum::serve` bounds neither connections nor headers.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::IntoResponse;
use gateway_daemon_runtime::health::Health;
use gateway_daemon_runtime::metrics::Metrics;
use gateway_daemon_runtime::{CancellationToken, OutOfBounds, TaskGroup};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::admin::admin;
use crate::client_address::Peer;
use crate::config::HttpConfig;
use crate::guard::guarded;
use crate::occupancy::{Occupancy, Place};
use crate::problem::Problem;

/// Time that running requests get to end after a stop: less than a daemon's tasks get.
const DRAIN: Duration = Duration::from_secs(7);
/// Pause after a failed accept, usually for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// Time in which a peer must acknowledge sent data: an event stream that nobody reads is closed.
const UNREAD: Duration = Duration::from_secs(60);
/// Most bytes of a request's header.
const HEADER_BYTES: usize = 64 << 10;

/// What is wrong with a server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Config(#[from] OutOfBounds),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Where a daemon listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listen {
    /// The address of the service itself; a node has none.
    pub service: Option<SocketAddr>,
    /// The address of `/health`, `/ready` and `/metrics`; if absent, the service's address also answers them.
    pub admin: Option<SocketAddr>,
}

/// A server that is already listening but not answering yet.
pub struct Server {
    service: Option<TcpListener>,
    admin: Option<TcpListener>,
    config: HttpConfig,
}

/// Where a daemon hands in its routes once it can answer them.
#[derive(Clone)]
pub struct Routes {
    slot: Arc<OnceLock<Router>>,
    config: HttpConfig,
    cancel: CancellationToken,
}

/// Listens; port 0 takes a free one.
///
/// # Errors
/// [`ServerError::Config`], [`ServerError::Bind`].
pub async fn bind(listen: Listen, config: HttpConfig) -> Result<Server, ServerError> {
    config.validate()?;
    let service = match listen.service {
        Some(address) => Some(listener(address).await?),
        None => None,
    };
    let admin = match listen.admin {
        Some(address) => Some(listener(address).await?),
        None => None,
    };
    Ok(Server { service, admin, config })
}

async fn listener(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|source| ServerError::Bind { address, source })
}

impl Server {
    /// Returns the service's address.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.service.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Returns the address of `/health`, `/ready` and `/metrics`, if it is a separate one.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Serves as tasks of `group`: health and metrics at once, the service's routes once [`Routes::serve`] is called.
    pub fn spawn(self, group: &mut TaskGroup, health: Health) -> Routes {
        // If another recorder is installed, there is no metrics page.
        let metrics = Metrics::install().ok();
        if let Some(metrics) = metrics.clone() {
            group.spawn("metrics", |cancel| async move {
                metrics.upkeep(cancel).await;
                Ok::<(), ServerError>(())
            });
        }
        let admin = admin(health, metrics);
        let cancel = group.token().child_token();
        let routes = Routes { slot: Arc::default(), config: self.config.clone(), cancel };
        let service = match self.admin {
            Some(listener) => {
                let config = self.config.clone();
                group.spawn("admin http", |cancel| accept(listener, admin, config, cancel));
                Router::new()
            }
            None => admin,
        };
        if let Some(listener) = self.service {
            let (router, config) = (service.fallback_service(routes.clone().into_service()), self.config);
            group.spawn("http", |cancel| accept(listener, router, config, cancel));
        }
        routes
    }
}

impl Routes {
    /// Answers the service's routes from now on. Calls after the first have no effect.
    pub fn serve(&self, router: Router) {
        let _first = self.slot.set(guarded(router, &self.config, self.cancel.clone()));
    }

    fn into_service(self) -> Router {
        Router::new().fallback(move |request: Request| {
            let router = self.slot.get().cloned();
            async move {
                match router {
                    Some(router) => router.oneshot(request).await.unwrap_or_else(|never| match never {}),
                    None => Problem::unavailable("the service is not at work yet; /ready says why", 1)
                        .into_response(),
                }
            }
        })
    }
}

/// Accepts connections until cancelled, then lets running requests end, for at most [`DRAIN`].
async fn accept(
    listener: TcpListener,
    router: Router,
    config: HttpConfig,
    cancel: CancellationToken,
) -> Result<(), ServerError> {
    let places = Occupancy::new(config.max_connections, config.peer_connections);
    // A proxy forwards the connections of many clients.
    let proxies = (config.proxies(), Occupancy::new(config.max_connections, config.max_connections));
    let header_timeout = Duration::from_secs(config.header_timeout_seconds);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let proxied = proxies.0.iter().any(|proxy| proxy.contains(&peer.ip()));
        let places = if proxied { &proxies.1 } else { &places };
        let Some(place) = places.enter(peer.ip()) else {
            metrics::counter!("gateway_http_connections_refused_total").increment(1);
            continue;
        };
        metrics::gauge!("gateway_http_connections").set(connections.len() as f64 + 1.0);
        connections.spawn(connection(stream, peer, router.clone(), header_timeout, place, cancel.clone()));
    }
    drop(listener);
    let ended = tokio::time::timeout(DRAIN, async { while connections.join_next().await.is_some() {} });
    if ended.await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "connections were cut: their requests did not end in time"
        );
        connections.shutdown().await;
    }
    Ok(())
}

/// Serves one connection to its end.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    header_timeout: Duration,
    _place: Place,
    cancel: CancellationToken,
) {
    // Both only improve latency and clean-up: a socket that rejects them still works.
    let _latency = stream.set_nodelay(true);
    let _unread = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(UNREAD));
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer.ip()));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let end = tokio::select! {
        end = connection.as_mut() => end,
        () = cancel.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = end {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use gateway_daemon_runtime::health::Readiness;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    struct Running {
        address: SocketAddr,
        routes: Routes,
        readiness: Readiness,
        cancel: CancellationToken,
        task: tokio::task::JoinHandle<bool>,
    }

    async fn start(config: HttpConfig) -> Running {
        let listen = Listen { service: Some(SocketAddr::from(([127, 0, 0, 1], 0))), admin: None };
        let server = bind(listen, config).await.unwrap();
        let address = server.address().unwrap();
        let cancel = CancellationToken::new();
        let mut group = TaskGroup::new(&cancel);
        let health = Health::new();
        let readiness = health.register("chain");
        let routes = server.spawn(&mut group, health);
        let task = tokio::spawn(async move { group.run(Duration::from_secs(10)).await.is_ok() });
        Running { address, routes, readiness, cancel, task }
    }

    impl Running {
        /// Sends bytes and reads the response until the connection ends.
        async fn raw(&self, sent: &str) -> String {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            let mut received = Vec::new();
            stream.read_to_end(&mut received).await.unwrap();
            String::from_utf8_lossy(&received).into_owned()
        }

        async fn status(&self, path: &str) -> String {
            let text =
                self.raw(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
            text.split(' ').nth(1).unwrap_or_default().to_owned()
        }
    }

    #[tokio::test]
    async fn health_is_answered_before_the_routes_are_there() {
        let running = start(HttpConfig::default()).await;
        assert_eq!(running.status("/health").await, "200");
        assert_eq!(running.status("/ready").await, "503");
        assert_eq!(running.status("/x").await, "503");
        running.routes.serve(Router::new().route("/x", get(|| async { "x" })));
        running.readiness.ready();
        assert_eq!(running.status("/x").await, "200");
        assert_eq!(running.status("/ready").await, "200");
    }

    #[tokio::test]
    async fn busy_calls_do_not_silence_health() {
        let running = start(HttpConfig { max_calls: 1, ..HttpConfig::default() }).await;
        running.routes.serve(Router::new().route("/never", get(std::future::pending::<()>)));
        let mut busy = TcpStream::connect(running.address).await.unwrap();
        busy.write_all(b"GET /never HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert_eq!(running.status("/never").await, "503");
        assert_eq!(running.status("/health").await, "200");
    }

    #[tokio::test]
    async fn a_connection_without_a_header_is_closed() {
        let running = start(HttpConfig { header_timeout_seconds: 1, ..HttpConfig::default() }).await;
        let answer = running.raw("GET /health HTTP/1.1\r\nHost:").await;
        assert!(answer.is_empty() || answer.contains("408"), "{answer}");
    }

    #[tokio::test]
    async fn connections_are_bounded() {
        let running = start(HttpConfig { max_connections: 2, ..HttpConfig::default() }).await;
        let idle = [
            TcpStream::connect(running.address).await.unwrap(),
            TcpStream::connect(running.address).await.unwrap(),
        ];
        let mut third = TcpStream::connect(running.address).await.unwrap();
        let mut byte = [0];
        let closed = third.read(&mut byte).await;
        assert!(matches!(closed, Ok(0) | Err(_)), "a third connection is closed at once");
        drop(idle);
    }

    #[tokio::test]
    async fn a_stop_is_orderly_although_an_upload_is_slow() {
        let running = start(HttpConfig::default()).await;
        running
            .routes
            .serve(Router::new().route("/x", axum::routing::post(|body: String| async move { body })));
        let mut upload = TcpStream::connect(running.address).await.unwrap();
        upload.write_all(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc").await.unwrap();
        assert_eq!(running.status("/health").await, "200");
        running.cancel.cancel();
        assert!(running.task.await.unwrap(), "the group ends without a task that is stuck");
    }
}
