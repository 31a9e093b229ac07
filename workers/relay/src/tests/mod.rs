//! A relay on a chain in memory, called over real HTTP.

mod backfill;
mod beacon;
mod chain;
mod epochs;
mod explained;
mod flow;
mod history;
mod large;
mod miner;
mod openapi;
mod received;
mod restart;
mod round_tickets;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use chain::{CONTRACT, TestChain};
use gateway_api::{EngineId, NodeId, OutcomeClass, RequestResponse, SignedOutcome, SignedTicket};
use gateway_chain::{BlockNotifier, ChainConfig, OutboxConfig, Signer};
use gateway_daemon_runtime::{CancellationToken, SecretSource, SecretString, SecretUrl};
use gateway_http::{ApiKeyConfig, HttpConfig, Listen};
use gateway_protocol::{Domain, DrawnRequest, Outcome, SecretKey};
use gateway_service::{Connection, Daemon};
use tokio::task::JoinHandle;

use crate::config::{PublishConfig, RelayConfig};
use crate::error::RelayError;

const CHAIN_ID: &str = gateway_chain::testing::FakeChain::CHAIN_ID;
const API_KEY: &str = "0123456789abcdef";
const DOMAIN: Domain<'static> = Domain { chain_id: CHAIN_ID, contract: CONTRACT };

fn account() -> String {
    let key = SecretString::new("07".repeat(32));
    Signer::from_hex(&key, "archway").expect("key").address().to_owned()
}

/// A relay that runs as a task. Dropped, it is killed where it stands.
struct Running {
    url: String,
    client: reqwest::Client,
    cancel: CancellationToken,
    task: JoinHandle<Result<(), RelayError>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(dir: &Path, chain: &Arc<TestChain>, block_signal: &BlockNotifier) -> Running {
    let file = |name: &str, text: &str| {
        std::fs::write(dir.join(name), text).expect("writes");
        SecretSource::File(dir.join(name))
    };
    let mut chain_config = ChainConfig::new("http://127.0.0.1:1", CHAIN_ID, CONTRACT);
    chain_config.poll_interval = std::time::Duration::from_millis(100);
    let config = RelayConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        admin_listen: None,
        database: SecretUrl::parse(format!("sqlite:{}", dir.join("relay.db").display())).expect("url"),
        key: file("account.key", &"07".repeat(32)),
        chain: chain_config,
        outbox: OutboxConfig {
            poll_interval: std::time::Duration::from_millis(20),
            ..OutboxConfig::default()
        },
        publish: PublishConfig::default(),
        http: HttpConfig::default(),
        api_keys: vec![ApiKeyConfig {
            name: "shop".into(),
            secret: file("api.key", API_KEY),
            per_minute: 600,
        }],
        max_fee: 1000,
        daily_spend: [("shop".to_owned(), "1000".to_owned())].into(),
        broadcast_transactions: true,
        retention_blocks: 0,
        reconcile_blocks: 10,
        ui: false,
        ui_rpc: None,
        ui_global: None,
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

    async fn attest(&self, signed: &SignedOutcome) -> (u16, serde_json::Value) {
        let url = format!("{}/v1/attestations", self.url);
        let answer = self.client.post(url).json(signed).send().await.expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    async fn post<T: serde::Serialize>(&self, path: &str, message: &T) -> (u16, serde_json::Value) {
        let answer =
            self.client.post(format!("{}{path}", self.url)).json(message).send().await.expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    async fn ticket(&self, ticket: &SignedTicket) -> (u16, serde_json::Value) {
        let url = format!("{}/v1/tickets", self.url);
        let answer = self.client.post(url).json(ticket).send().await.expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    async fn get_with_key(&self, path: &str) -> (u16, serde_json::Value) {
        let get = self.client.get(format!("{}{path}", self.url)).bearer_auth(API_KEY);
        let answer = get.send().await.expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    async fn sponsor(&self, api_key: &str, key: &str, input: &str) -> (u16, serde_json::Value) {
        self.sponsor_for(api_key, key, 1, input).await
    }

    async fn sponsor_for(
        &self,
        api_key: &str,
        key: &str,
        project: u64,
        input: &str,
    ) -> (u16, serde_json::Value) {
        let answer = self
            .client
            .post(format!("{}/v1/requests", self.url))
            .bearer_auth(api_key)
            .header("Idempotency-Key", key)
            .header("Content-Type", "application/json")
            .body(format!(r#"{{ "project": {project}, "input": {input} }}"#))
            .send()
            .await
            .expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("json"))
    }

    /// Stops the relay as a signal does.
    async fn stop(mut self) {
        self.cancel.cancel();
        (&mut self.task).await.expect("no panic").expect("an orderly end");
    }
}

fn secret(node: u8) -> SecretKey {
    SecretKey::from_bytes(&[node; 32]).expect("key")
}

/// What an honest node sends for a drawn request.
fn signed(request: &RequestResponse, node: u8, body: &str) -> SignedOutcome {
    let (engine, class) = (EngineId([3; 32]), OutcomeClass::Ok);
    let outcome = Outcome { engine, class, body: body.to_owned(), value: None };
    let drawn = DrawnRequest::of(DOMAIN, request, request.draw.as_ref().expect("drawn"));
    drawn.sign(&secret(node), NodeId(node.into()), outcome).1
}
