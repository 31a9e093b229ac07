//! Global on a chain in memory, called over real HTTP.

mod cache;
mod chain;
mod code;
mod counter;
mod openapi;
mod sealed_code;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use chain::TestChain;
use gateway_chain::{BlockNotifier, ChainConfig, OutboxConfig};
use gateway_daemon_runtime::{CancellationToken, SecretSource, SecretUrl};
use gateway_http::{ApiKeyConfig, HttpConfig, Listen};
use gateway_service::{Connection, Daemon};
use tokio::task::JoinHandle;

use crate::config::GlobalConfig;
use crate::error::GlobalError;

const API_KEY: &str = "0123456789abcdef";
const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

struct Running {
    url: String,
    client: reqwest::Client,
    cancel: CancellationToken,
    task: JoinHandle<Result<(), GlobalError>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn global(dir: &Path, chain: &Arc<TestChain>, block_signal: &BlockNotifier) -> Running {
    let file = |name: &str, text: &str| {
        std::fs::write(dir.join(name), text).expect("writes");
        SecretSource::File(dir.join(name))
    };
    let poll = std::time::Duration::from_millis(20);
    let mut chain_config =
        ChainConfig::new("http://127.0.0.1:1", gateway_chain::testing::FakeChain::CHAIN_ID, CONTRACT);
    chain_config.poll_interval = poll;
    let config = GlobalConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        admin_listen: None,
        database: SecretUrl::parse(format!("sqlite:{}", dir.join("global.db").display())).expect("url"),
        key: file("account.key", &"07".repeat(32)),
        chain: chain_config,
        code_dir: dir.join("code"),
        outbox: OutboxConfig { poll_interval: poll, ..OutboxConfig::default() },
        http: HttpConfig::default(),
        api_keys: vec![ApiKeyConfig {
            name: "author".into(),
            secret: file("api.key", API_KEY),
            per_minute: 600,
        }],
        expire_limit: 30,
    };
    config.validate().expect("valid");
    let listen = Listen { service: Some(config.listen), admin: None };
    let server = gateway_http::bind(listen, config.http.clone()).await.expect("binds");
    let url = format!("http://{}", server.address().expect("an address"));
    let cancel = CancellationToken::new();
    let (daemon, routes) = Daemon::start(server, &cancel);
    let connection = Connection { chain: chain.clone(), notifier: block_signal.clone() };
    let task = tokio::spawn(crate::service::start(config, daemon, routes, connection));
    let running = Running { url, client: reqwest::Client::new(), cancel, task };
    while running.get("/openapi.json").await.0 == 503 {}
    running
}

impl Running {
    async fn get(&self, path: &str) -> (u16, serde_json::Value) {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    /// Sends JSON, with the API key where it is asked for; the status and the answer.
    async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        key: Option<&str>,
        body: &impl serde::Serialize,
    ) -> (u16, serde_json::Value) {
        let mut call = self.client.request(method, format!("{}{path}", self.url)).json(body);
        if let Some(key) = key {
            call = call.bearer_auth(key);
        }
        let answer = call.send().await.expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    /// Stops global as a signal does.
    async fn stop(mut self) {
        self.cancel.cancel();
        (&mut self.task).await.expect("no panic").expect("an orderly end");
    }
}
