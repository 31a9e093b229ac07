//! What clients see: the Tendermint RPC in the CometBFT 0.38 dialect, over HTTP and websocket.
//!
//! `methods` answers individual calls and knows no transport; `app` answers `abci_query`; the rest is transport.

mod app;
mod http;
mod jsonrpc;
mod methods;
mod params;
mod subscriptions;
mod websocket;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;
use tower_http::cors::{Any, CorsLayer};

use crate::chain::Engine;

/// State available to every request handler.
#[derive(Clone)]
pub(crate) struct Rpc {
    engine: Arc<Engine>,
    address: SocketAddr,
    stop: CancellationToken,
}

/// Builds the server's routes.
pub(crate) fn router(engine: Arc<Engine>, address: SocketAddr, stop: CancellationToken) -> Router {
    let max_body = engine.chain.config.max_body_bytes;
    Router::new()
        .route("/", post(http::post))
        .route("/websocket", get(websocket::upgrade))
        .route("/{method}", get(http::get))
        .layer(DefaultBodyLimit::max(max_body))
        // As CometBFT with `cors_allowed_origins = ["*"]`: pages may read a chain that holds nothing of value.
        .layer(CorsLayer::new().allow_origin(Any).allow_methods(Any).allow_headers(Any))
        .with_state(Rpc { engine, address, stop })
}
