//! A daemon with an HTTP service that runs as a task and is called over real HTTP.

use std::fmt::Debug;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use gateway_chain::{BlockNotifier, Chain};
use gateway_daemon_runtime::CancellationToken;
use gateway_http::{HttpConfig, Listen, Routes};
use gateway_service::{Connection, Daemon};
use serde_json::Value;
use tokio::task::JoinHandle;

/// A running daemon. Dropping it kills it on the spot.
pub struct Served<E> {
    /// The address of its service.
    pub url: String,
    /// The client that calls it.
    pub client: reqwest::Client,
    cancel: CancellationToken,
    task: JoinHandle<Result<(), E>>,
}

impl<E> Drop for Served<E> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<E: Debug + Send + 'static> Served<E> {
    /// Starts a daemon on a chain, and waits until it serves its own routes.
    pub async fn start<F: Future<Output = Result<(), E>> + Send + 'static>(
        http: HttpConfig,
        chain: Arc<dyn Chain>,
        notifier: BlockNotifier,
        start: impl FnOnce(Daemon, Routes, Connection) -> F,
    ) -> Self {
        let listen = Listen { service: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))), admin: None };
        let server = gateway_http::bind(listen, http).await.expect("binds");
        let url = format!("http://{}", server.address().expect("an address"));
        let cancel = CancellationToken::new();
        let (daemon, routes) = Daemon::start(server, &cancel);
        let task = tokio::spawn(start(daemon, routes, Connection { chain, notifier }));
        let served = Self { url, client: reqwest::Client::new(), cancel, task };
        while served.get("/openapi.json").await.0 == 503 {}
        served
    }

    /// Sends a call; returns the status and the JSON of its answer.
    pub async fn send(&self, call: reqwest::RequestBuilder) -> (u16, Value) {
        let answer = call.send().await.expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.send(self.client.get(format!("{}{path}", self.url))).await
    }

    /// Stops the daemon as a signal does.
    pub async fn stop(mut self) {
        self.cancel.cancel();
        (&mut self.task).await.expect("no panic").expect("an orderly end");
    }
}
