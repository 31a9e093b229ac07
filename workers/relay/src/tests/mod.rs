//! A relay on an in-memory chain with the real contract, called over real HTTP.

mod backfill;
mod beacon;
mod draws;
mod epochs;
mod explained;
mod flow;
mod history;
mod large;
mod lists;
mod openapi;
mod received;
mod restart;
mod round_tickets;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use gateway_api::{
    ExecuteMsg, NewRequest, NodeId, OverrideBounds, Overrides, Policy, ProjectId, Publication, RequestId,
    RequestResponse, Settings, SignedOutcome, SignedTicket, limits,
};
use gateway_chain::{ChainConfig, OutboxConfig};
use gateway_daemon_runtime::{CancellationToken, SecretSource, SecretUrl};
use gateway_http::{ApiKeyConfig, HttpConfig, Listen};
use gateway_service::{Connection, Daemon};
use gateway_store::Store;
use gateway_testkit::{CHAIN_ID, CONTRACT, Setup, TestChain, TestNode};
use tokio::task::JoinHandle;

use crate::config::{PublishConfig, RelayConfig};
use crate::error::RelayError;

const API_KEY: &str = "0123456789abcdef";

/// Creates a chain on which five nodes of one unit each are all seated, and three form a quorum; its rounds open by themselves.
/// A request costs 100, and its first attempt outlasts every test.
fn chain() -> Arc<TestChain> {
    chain_of(60_000)
}

/// Creates the same with attempts of so many milliseconds, at ten blocks per second.
fn chain_of(wall_ms: u32) -> Arc<TestChain> {
    let overrides = OverrideBounds { max_committee: 31, ..OverrideBounds::default() };
    let setup = Setup::default();
    let chain = TestChain::start(Setup {
        settings: Settings { block_time_ms: 100, ..setup.settings },
        policy: Policy { wall_ms, overrides, max_result_bytes: limits::MAX_RESULT_BYTES, ..setup.policy },
        ..setup
    });
    chain.set_keeper(true);
    chain
}

/// Opens a user's request in a block of its own.
fn ask(chain: &TestChain) -> RequestId {
    chain.open_request(ProjectId(1), None)
}

/// Opens the database of the relay in a folder, alongside the relay.
async fn database(folder: &Path) -> Store {
    Store::open(&format!("sqlite:{}", folder.join("relay.db").display())).await.expect("opens")
}

/// Returns what the relay sent besides requests and publications.
fn others(chain: &TestChain) -> Vec<ExecuteMsg> {
    let mut sent = chain.executed();
    sent.retain(|msg| !matches!(msg, ExecuteMsg::Request(_) | ExecuteMsg::Publish { .. }));
    sent
}

fn publications(chain: &TestChain) -> Vec<Publication> {
    let published =
        |msg| if let ExecuteMsg::Publish { publications } = msg { publications } else { Vec::new() };
    chain.executed().into_iter().flat_map(published).collect()
}

/// Returns the relay's own requests.
fn requests(chain: &TestChain) -> Vec<NewRequest> {
    let opened = |msg| if let ExecuteMsg::Request(request) = msg { Some(request) } else { None };
    chain.executed().into_iter().filter_map(opened).collect()
}

fn inputs(chain: &TestChain) -> Vec<String> {
    requests(chain).into_iter().map(|request| request.input).collect()
}

fn overrides(chain: &TestChain) -> Vec<Option<Overrides>> {
    requests(chain).into_iter().map(|request| request.overrides).collect()
}

/// A relay that runs as a task. Dropping it kills it on the spot.
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

async fn relay(dir: &Path, chain: &Arc<TestChain>) -> Running {
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
        standby: false,
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
    let connection = Connection { chain: chain.clone(), notifier: chain.notifier() };
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

    /// Returns the request from the chain, once this relay knows that it is drawn.
    async fn drawn(&self, chain: &TestChain, request: RequestId) -> RequestResponse {
        let path = format!("/v1/requests/{request}?wait=20ms");
        while self.get(&path).await.1["request"]["draw"].is_null() {}
        chain.request(request)
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

/// Returns a node by its number.
fn node(node: u8) -> TestNode {
    TestNode { id: NodeId(node.into()), ..TestNode::new(node, 1) }
}

/// Returns what an honest node sends for a drawn request.
fn signed(request: &RequestResponse, number: u8, body: &str) -> SignedOutcome {
    node(number).sign(request, body)
}
