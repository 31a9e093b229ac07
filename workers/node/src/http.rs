//! `/health`, `/ready` and `/metrics`: nothing else is served by a node.

use crate::error::NodeError;
use axum::Router;
use gateway_daemon_runtime::CancellationToken;
use gateway_daemon_runtime::health::Health;
use gateway_daemon_runtime::metrics::Metrics;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Listens; serving begins with [`serve`].
///
/// # Errors
/// The address cannot be listened on.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, NodeError> {
    TcpListener::bind(address).await.map_err(|source| NodeError::Listen { address, source })
}

/// Serves until cancelled.
///
/// # Errors
/// Serving broke.
pub(crate) async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    health: Health,
    metrics: Option<Metrics>,
    cancel: CancellationToken,
) -> Result<(), NodeError> {
    let router: Router = match &metrics {
        Some(metrics) => health.router().merge(metrics.router()),
        None => health.router(),
    };
    axum::serve(listener, router)
        .with_graceful_shutdown(cancel.cancelled_owned())
        .await
        .map_err(|source| NodeError::Listen { address, source })
}
