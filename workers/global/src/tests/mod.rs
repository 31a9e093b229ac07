//! Global on an in-memory chain with the real contract, called over real HTTP.

mod cache;
mod code;
mod counter;
mod openapi;
mod sealed_code;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use gateway_api::{Policy, QueryMsg};
use gateway_chain::{ChainConfig, OutboxConfig};
use gateway_daemon_runtime::{SecretSource, SecretUrl};
use gateway_http::{ApiKeyConfig, HttpConfig};
use gateway_testkit::{CHAIN_ID, CONTRACT, Served, Setup, TestChain};

use crate::config::GlobalConfig;
use crate::error::GlobalError;

const API_KEY: &str = "0123456789abcdef";

type Running = Served<GlobalError>;

/// Creates a chain on which nothing is due, whose requests may expire after three blocks.
fn chain() -> Arc<TestChain> {
    TestChain::start(Setup { policy: Policy { wall_ms: 50, ..Policy::default() }, ..Setup::default() })
}

/// Returns how often the contract's settings have been queried so far.
fn questions(chain: &TestChain) -> usize {
    chain.queries().iter().filter(|(query, _)| matches!(query, QueryMsg::Config {})).count()
}

async fn global(dir: &Path, chain: &Arc<TestChain>) -> Running {
    let file = |name: &str, text: &str| {
        std::fs::write(dir.join(name), text).expect("writes");
        SecretSource::File(dir.join(name))
    };
    let poll = std::time::Duration::from_millis(20);
    let mut chain_config = ChainConfig::new("http://127.0.0.1:1", CHAIN_ID, CONTRACT);
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
    let start =
        |daemon, routes, connection| crate::service::start(config.clone(), daemon, routes, connection);
    Served::start(config.http.clone(), chain.clone(), chain.notifier(), start).await
}
