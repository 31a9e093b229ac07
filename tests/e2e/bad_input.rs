//! Bad input gets one clear sentence that names the field and the bound, and loses nothing.

use crate::network::start;
use gateway_localnet::{Localnet, example};
use serde_json::{Value, json};
use std::process::{Command, Output};

fn gateway(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gateway")).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

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
fn wrong_usage_is_told_apart_from_failure() {
    assert_eq!(gateway(&["demo", "--nodes", "2"]).status.code(), Some(2));
    let output = gateway(&["run", "/nowhere/code.js"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("/nowhere/code.js"), "{}", stderr(&output));
}

#[test]
fn code_is_tried_out_before_it_is_registered() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let code = |arguments: &[&str]| {
        let output = gateway(arguments);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let sum = file("sum.js", "export default ({ a, b }) => a + b;\n");
    let (exit, out) = code(&["run", &sum, "--input", "{\"a\":1,\"b\":2}", "--nodes", "3"]);
    assert_eq!(exit, Some(0), "{out}");
    assert!(out.contains("all 3 agree: ok 3"), "{out}");
    let (exit, out) = code(&["run", &sum, "--input", "null"]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("js_throw"), "{out}");
    let endless = file("endless.js", "export default () => { for (;;); };\n");
    let (exit, out) = code(&["run", &endless, "--wall-ms", "200"]);
    assert_eq!(exit, Some(5), "{out}");
    let broken = file("broken.js", "export default () => {\n  let x = ;\n};\n");
    let (exit, out) = code(&["check", &broken]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("\"line\":2"), "{out}");
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
