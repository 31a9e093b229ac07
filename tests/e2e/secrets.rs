//! Secrets that a project's owner seals to nodes: the code uses one without having it, a node that cannot open it abstains by name,
//! and nothing shows it.

use std::path::Path;

use gateway_localnet::{Localnet, Project};
use serde_json::{Value, json};

use crate::api::serve;
use crate::cli::{ends, gateway_in, stderr};
use crate::network::start;
use crate::operate::{json_of, write_network};

const KEY: &str = "k-5f3a9c";

/// Serves an API that says whether it was sent the key, and returns its URL.
fn api() -> String {
    serve(|_, request| json!({ "known": request.contains(&format!("Bearer {KEY}")) }).to_string())
}

fn project(url: &str) -> Project {
    let code = format!(
        "/* gateway-manifest {{\"hosts\": [\"localhost\"]}} */\n\
         export default async () => {{\n  \
           const headers = {{ authorization: 'Bearer {{{{secret:API_KEY}}}}' }};\n  \
           return (await gateway.fetchJson('{url}', {{ headers }})).known;\n\
         }};\n"
    );
    Project::new("sealed", "Asks an API that wants a key.", &code)
}

/// Publishes the encryption keys of so many nodes, as their operators would.
fn publish_keys(net: &Localnet, folder: &Path, nodes: std::ops::RangeInclusive<usize>) {
    for number in nodes {
        let key = format!("operator-{number}.key");
        std::fs::write(folder.join(&key), net.operator_key(number - 1).unwrap()).unwrap();
        let config = format!("node-{number}.toml");
        let node = number.to_string();
        ends(folder, 0, &["node", "encryption-key", &node, "--config", &config, "--key-file", &key]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_uses_a_sealed_secret_that_nobody_but_nodes_can_read() {
    let (net, home) = start().await;
    let folder = home.path();
    let project = net.register(&project(&api())).await.unwrap();
    let id = project.to_string();
    write_network(&net, folder, "");
    std::fs::write(folder.join("developer.key"), net.developer_key()).unwrap();
    std::fs::write(folder.join("api-key"), format!("{KEY}\n")).unwrap();
    let set = [
        "secret",
        "set",
        &id,
        "API_KEY",
        "--host",
        "localhost",
        "--value",
        "file:api-key",
        "--key-file",
        "developer.key",
    ];
    let listed = || json_of(&ends(folder, 0, &["secret", "list", &id, "--output", "json"]));

    // Nobody can be sealed to yet; then four of five can.
    tokio::task::block_in_place(|| {
        let out = gateway_in(folder, &set);
        assert!(stderr(&out).contains("no node has published an encryption key"), "{}", stderr(&out));
        publish_keys(&net, folder, 1..=4);
        let text = ends(folder, 0, &set);
        assert!(text.contains("API_KEY for localhost of project"), "{text}");
        assert!(text.contains("is sealed to 4 nodes"), "{text}");
        assert!(text.contains("nodes that cannot open it, and abstain: 5"), "{text}");
        assert_eq!(listed()["secrets"][0]["without"], json!([5]));
    });
    let ticket = net.request(project, &Value::Null).await.unwrap();
    assert_eq!(net.result(&ticket).await.unwrap().value(), json!(true));

    // Sealed anew, to all. A stranger may neither set nor remove it.
    tokio::task::block_in_place(|| {
        publish_keys(&net, folder, 5..=5);
        assert!(ends(folder, 0, &set).contains("is sealed to 5 nodes"));
        assert_eq!(listed()["secrets"][0]["without"], json!([]));
        let remove = ["secret", "remove", &id, "API_KEY", "--host", "localhost"];
        let refused = gateway_in(folder, &remove);
        assert!(stderr(&refused).contains("unauthorized"), "{}", stderr(&refused));
        ends(folder, 0, &[&remove[..], &["--key-file", "developer.key"]].concat());
        assert_eq!(listed()["secrets"], json!([]));
    });

    // Without it every node abstains and says what is missing.
    let ticket = net.request(project, &Value::Null).await.unwrap();
    let (request, relay) = (ticket.request.to_string(), net.relay_url());
    let missing = "the secret API_KEY for localhost is not set on this node";
    net.until("the nodes' abstentions", || async {
        let text = tokio::task::block_in_place(|| {
            ends(folder, 0, &["explain", &request, "--relay", &relay, "--output", "json"])
        });
        Ok(text.contains(missing).then_some(()))
    })
    .await
    .unwrap();
    net.shutdown().await.unwrap();

    // No log, no database and no page of the network has the value.
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().is_some_and(|name| name != "api-key") {
            let bytes = std::fs::read(&path).unwrap();
            let shown = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
            assert!(!shown, "{} has the value", path.display());
        }
    }
}
