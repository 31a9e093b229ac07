//! What goes wrong between daemons, their chain and their disks, with the real processes: afterwards every request has ended once,
//! every coin is accounted for, and every database agrees with the contract. docs/faults.md lists fault, tries and outcome.

mod backlog;
mod chain;
mod databases;
mod disks;
mod kills;
mod matrix;
mod standby;
mod work;

use std::path::Path;

use gateway_localnet::{FaultProxy, Localnet};
use serde_json::Value;
use tempfile::TempDir;

use crate::network::start_with;

/// Seeds of each story; `FAULT_SEEDS` asks for more.
fn seeds(few: u64) -> std::ops::Range<u64> {
    1..asked("FAULT_SEEDS", few) + 1
}

/// How much of something the environment asks for, or so few.
fn asked(variable: &str, few: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

/// A number that follows from a seed and a place.
fn drawn(seed: u64, place: u64, below: u64) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (seed, place).hash(&mut hasher);
    hasher.finish() % below
}

/// A network whose daemons reach the chain through a proxy that misbehaves. Requests may wait: they end by results.
async fn start() -> (Localnet, TempDir) {
    start_on(false).await
}

/// The same, on a chain that can be stopped and started again.
async fn start_on(restartable_chain: bool) -> (Localnet, TempDir) {
    start_with(|config| {
        config.fault_proxy = true;
        config.restartable_chain = restartable_chain;
        config.ttl_blocks = 2000;
    })
    .await
}

fn proxy(net: &Localnet) -> &FaultProxy {
    net.proxy().expect("a network with a proxy")
}

/// Reads why a daemon is not ready; empty where it is, or does not answer.
async fn reasons(url: &str) -> String {
    let Ok(answer) = reqwest::get(format!("{url}/ready")).await else { return String::new() };
    if answer.status().is_success() {
        return String::new();
    }
    let body: Value = answer.json().await.unwrap_or_default();
    body["parts"].to_string()
}

/// Waits until a daemon is ready, or not ready for a reason with these words.
async fn until_says(net: &Localnet, url: &str, words: Option<&str>) -> String {
    let what = format!("{url} to say {words:?}");
    net.until(&what, || async {
        let answers = reqwest::get(format!("{url}/ready")).await.is_ok();
        let reasons = reasons(url).await;
        let said = match words {
            None => reasons.is_empty() && answers,
            Some(words) => reasons.contains(words),
        };
        Ok(said.then_some(reasons))
    })
    .await
    .unwrap()
}

/// Has every daemon's database compared with the contract.
fn audit(home: &Path) {
    let mut daemons = vec![("relay".to_owned(), "relay"), ("global".to_owned(), "global")];
    daemons.extend((1..=5).map(|index| (format!("node-{index}"), "node")));
    tokio::task::block_in_place(|| {
        for (name, kind) in daemons {
            crate::cli::ends(home, 0, &["audit", kind, &format!("{name}.toml")]);
        }
    });
}
