//! Bad input gets one clear sentence that names the field and the bound, and loses nothing.

use gateway_localnet::{Localnet, example};
use serde_json::{Value, json};

use crate::cli::{gateway, stderr};
use crate::network::start;

#[test]
fn a_wrong_configuration_starts_no_daemon() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("daemon.toml");
    for daemon in ["relay", "node", "global"] {
        let template = gateway(&["config", "template", daemon]);
        let text = String::from_utf8(template.stdout).unwrap();

        std::fs::write(&file, format!("lisen = \"127.0.0.1:1\"\n{text}")).unwrap();
        let output = gateway(&[daemon, "--config", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{daemon}");
        assert!(stderr(&output).contains("lisen"), "{daemon}: {}", stderr(&output));

        std::fs::write(&file, text).unwrap();
        let output = gateway(&[daemon, "--config", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1), "{daemon}");
        assert!(stderr(&output).contains("contract"), "{daemon}: {}", stderr(&output));
    }
    let output = gateway(&["relay", "--config", "/nowhere/relay.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/nowhere/relay.toml"), "{}", stderr(&output));
}

#[test]
fn wrong_usage_and_failure_have_different_exit_codes() {
    assert_eq!(gateway(&["demo", "--nodes", "2"]).status.code(), Some(2));
    let output = gateway(&["run", "/nowhere/code.js"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/nowhere/code.js"), "{}", stderr(&output));
}

#[test]
fn a_demo_is_not_begun_in_the_folder_of_another() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("relay.toml"), "").unwrap();
    let output = gateway(&["demo", "--home", home.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = stderr(&output);
    assert!(text.contains(home.path().to_str().unwrap()) && text.contains("name another folder"), "{text}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "nothing is written");
}

async fn problem(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").map(|v| v.to_str().unwrap().to_owned());
    assert_eq!(kind.as_deref(), Some("application/problem+json"), "{status}");
    (status, answer.json().await.unwrap())
}

async fn over_http(net: &Localnet) {
    let client = reqwest::Client::new();
    let attestations = format!("{}/v1/attestations", net.relay_url());
    let (status, body) =
        problem(client.post(&attestations).json(&json!({"request": "one"})).send().await.unwrap()).await;
    assert!((400..=422).contains(&status), "{status}");
    assert_eq!(body["field"], "request", "{body}");

    let requests = format!("{}/v1/requests", net.relay_url());
    let (status, _) = problem(client.post(&requests).json(&json!({})).send().await.unwrap()).await;
    assert_eq!(status, 401, "without an API key nobody pays");

    let (status, _) = problem(client.get(format!("{requests}/999")).send().await.unwrap()).await;
    assert_eq!(status, 404);
    let (status, _) =
        problem(client.get(format!("{}/v1/nothing", net.global_url())).send().await.unwrap()).await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_and_contract_say_what_is_wrong() {
    let (net, _home) = start().await;
    over_http(&net).await;

    let wrong = example::addition().with_policy(|policy| policy.quorum_bps = 5000);
    let error = net.register(&wrong).await.unwrap_err().to_string();
    assert!(error.contains("quorum_bps takes 5001 to 10000"), "{error}");

    let project = net.register(&example::addition()).await.unwrap();
    let before = net.balance_of_user().await.unwrap();
    let error = net.request(project, &json!("x".repeat(20_000))).await.unwrap_err().to_string();
    assert!(error.contains("input") && error.contains("16384"), "{error}");
    assert_eq!(net.balance_of_user().await.unwrap(), before, "a refusal costs nothing");
    net.shutdown().await.unwrap();
}
