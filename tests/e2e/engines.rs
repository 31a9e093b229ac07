//! The network changes its engine while requests go on: nodes with two releases change between two requests, one that has only
//! the old release abstains by name, and nothing expires.

use std::path::{Path, PathBuf};
use std::process::Command;

use gateway_api::{EngineId, EngineRelease, EnginesResponse, QueryMsg, ResultResponse};
use gateway_localnet::{Localnet, RequestTicket, example};
use serde_json::{Value, json};

use crate::cli::ends;
use crate::network::start;

/// Another release: the same executable with another comment in its host script, which the engine id covers. Its engine is
/// measured as any other's.
fn other_release(folder: &Path) -> PathBuf {
    let path = folder.join("gateway-next");
    std::fs::copy(env!("CARGO_BIN_EXE_gateway"), &path).unwrap();
    // As long as before, so that nothing in the executable moves.
    let edit = "s|// Blob, File and FormData[.]|// Blob, File or FormData. |g";
    let done = Command::new("sed").env("LC_ALL", "C").args(["-i", edit]).arg(&path).status().unwrap();
    assert!(done.success());
    path
}

/// The engine of an executable, as it says itself.
fn engine_of(program: &Path) -> EngineRelease {
    let output = Command::new(program).args(["engine", "show", "--output", "json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    serde_json::from_value(shown["executables"][0]["engine"].clone()).unwrap()
}

/// A file with which a command signs for somebody.
fn key(folder: &Path, name: &str, secret: &str) -> String {
    let file = folder.join(format!("{name}.secret"));
    std::fs::write(&file, secret).unwrap();
    file.display().to_string()
}

fn on(net: &Localnet, folder: &Path, signer: &str, arguments: &[&str]) -> String {
    let (rpc, chain_id) = (net.chain().rpc_url(), net.chain_id().to_owned());
    let network = ["--rpc", rpc, "--chain-id", &chain_id, "--contract", net.contract(), "--key-file", signer];
    tokio::task::block_in_place(|| ends(folder, 0, &[&["engine"][..], arguments, &network].concat()))
}

async fn engines(net: &Localnet) -> EnginesResponse {
    net.ask(&QueryMsg::Engines {}).await.unwrap()
}

/// Announces an engine for an epoch that is near and has not come when the message is in a block; returns the epoch.
async fn announce(net: &Localnet, folder: &Path, admin: &str, engine: EngineRelease, least: &str) -> u64 {
    let soon = engines(net).await.epoch.get() + 10;
    let (jitless, jit, from) = (engine.jitless.to_string(), engine.jit.to_string(), soon.to_string());
    let ids = ["--jitless", &jitless, "--jit", &jit, "--from-epoch", &from, "--min-ready", least];
    on(net, folder, admin, &[&["announce"][..], &ids].concat());
    soon
}

/// Sends requests until an engine applies.
async fn ask_until(
    net: &Localnet,
    tickets: &mut Vec<RequestTicket>,
    project: gateway_api::ProjectId,
    engine: EngineId,
) {
    while engines(net).await.engine.is_none_or(|current| current.jitless != engine) {
        let n = tickets.len();
        tickets.push(net.request(project, &json!({"a": n, "b": 1})).await.unwrap());
        assert!(n < 200, "the engine never applied: {:?}", engines(net).await);
    }
}

/// The results of requests, each of which has to have one.
async fn results(net: &Localnet, tickets: &[RequestTicket]) -> Vec<ResultResponse> {
    let mut found = Vec::new();
    for (n, ticket) in tickets.iter().enumerate() {
        let reading = net.result(ticket).await.unwrap();
        assert_eq!(reading.value(), json!(n + 1));
        found.push(reading.record);
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_nodes_change_engine_under_load_and_no_request_expires() {
    let (mut net, home) = start().await;
    let folder = home.path().to_owned();
    let next = other_release(&folder);
    let (old, new) = (engine_of(Path::new(env!("CARGO_BIN_EXE_gateway"))), engine_of(&next));
    assert!(old.jitless != new.jitless && old.jit != new.jit, "two releases have two engines");
    let admin = key(&folder, "admin", &net.developer_key());
    let operators: Vec<String> =
        (0..5).map(|index| key(&folder, &format!("op-{index}"), &net.operator_key(index).unwrap())).collect();
    let registered = net.registered_nodes().await.unwrap();
    let ready = |net: &Localnet, index: usize| {
        let (node, config) = (registered[index].node.to_string(), format!("node-{}.toml", index + 1));
        on(net, &folder, &operators[index], &["ready", &node, "--config", &config])
    };

    // The engine in use is announced first; from then on no other counts.
    let project = net.register(&example::addition()).await.unwrap();
    for index in 0..5 {
        ready(&net, index);
    }
    let message = on(&net, &folder, &admin, &["announce", "--generate-only"]);
    assert!(message.contains("announce_engine") && message.contains(&old.jitless.to_string()), "{message}");
    announce(&net, &folder, &admin, old, "10000").await;
    let mut tickets = Vec::new();
    ask_until(&net, &mut tickets, project, old.jitless).await;
    assert!(on(&net, &folder, &admin, &["status"]).contains("5 of 5 units can run it"));

    // The next one is announced; while only three of five have it, its epoch comes and it waits.
    let soon = announce(&net, &folder, &admin, new, "8000").await;
    for index in 0..4 {
        let config = folder.join(format!("node-{}.toml", index + 1));
        let text = std::fs::read_to_string(&config).unwrap();
        let others = format!("[engine]\nothers = ['{}']\n", next.display());
        std::fs::write(&config, text.replace("[engine]\n", &others)).unwrap();
        net.nodes_mut()[index].stop().await.unwrap();
        tickets.push(net.request(project, &json!({"a": tickets.len(), "b": 1})).await.unwrap());
        net.resume_nodes().await.unwrap();
        if index < 3 {
            ready(&net, index);
        }
    }
    net.until("the change to wait for a fourth node", || async {
        Ok((engines(&net).await.from_epoch.is_some_and(|from| from.get() > soon)).then_some(()))
    })
    .await
    .unwrap();
    let shown = on(&net, &folder, &admin, &["status"]);
    assert!(shown.contains("3 of 5 units are ready, 8000 of 10000 needed"), "{shown}");
    assert!(shown.contains("not ready: nodes 4, 5"), "{shown}");

    // With the fourth it applies, under load. The fifth has the old release alone.
    ready(&net, 3);
    ask_until(&net, &mut tickets, project, new.jitless).await;
    for _ in 0..10 {
        tickets.push(net.request(project, &json!({"a": tickets.len(), "b": 1})).await.unwrap());
    }
    let found = results(&net, &tickets).await;
    let of = |engine: EngineId| found.iter().filter(|result| result.engine == engine).count();
    assert!(of(old.jitless) > 0 && of(new.jitless) >= 10, "{} and {}", of(old.jitless), of(new.jitless));
    assert_eq!(of(old.jitless) + of(new.jitless), found.len());
    let last_old = found.iter().rposition(|result| result.engine == old.jitless).unwrap();
    assert!(
        found[..=last_old].iter().all(|result| result.engine == old.jitless),
        "one change, in order of the draws"
    );

    // The node that was left behind says so, where it does before the others are a quorum.
    let mut said = false;
    for ticket in tickets.iter().rev().take(10) {
        let url = format!("{}/v1/requests/{}", net.relay_url(), ticket.request);
        said |= reqwest::get(&url).await.unwrap().text().await.unwrap().contains("engine_missing");
    }
    assert!(said, "no abstention of the fifth node");
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}
