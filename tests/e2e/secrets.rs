//! Secrets that a project's owner seals to nodes: the code uses one without having it, a node that cannot open it abstains by name,
//! and nothing shows it.

use std::path::Path;

use gateway_localnet::{Localnet, Project};
use serde_json::{Value, json};

use crate::api::serve;
use crate::cli::{ends, gateway_in, stderr};
use crate::files::nowhere;
use crate::network::start;
use crate::operate::{json_of, write_network};

pub(crate) const KEY: &str = "k-5f3a9c";

/// Serves an API that says whether it was sent the key, and returns its URL.
pub(crate) fn api() -> String {
    serve(|_, request| json!({ "known": request.contains(&format!("Bearer {KEY}")) }).to_string())
}

/// Code that says whether the API at this URL knows the key that is sealed to nodes.
pub(crate) fn project(url: &str) -> Project {
    let code = format!(
        "/* gateway-manifest {{\"hosts\": [\"localhost\"]}} */\n\
         export default async () => {{\n  \
           const headers = {{ authorization: 'Bearer {{{{secret:API_KEY}}}}' }};\n  \
           return (await gateway.fetchJson('{url}', {{ headers }})).known;\n\
         }};\n"
    );
    Project::new("sealed", "Asks an API that wants a key.", &code)
}

/// A file with the key of an operator, and the arguments that name it.
fn operator_key(net: &Localnet, folder: &Path, number: usize) -> String {
    let key = format!("operator-{number}.key");
    std::fs::write(folder.join(&key), net.operator_key(number - 1).unwrap()).unwrap();
    key
}

/// Publishes the encryption key of a VRF key that no node here has for node 5, as its operator would by mistake.
pub(crate) fn publish_another_key(net: &Localnet, folder: &Path) {
    let key = operator_key(net, folder, 5);
    let config = std::fs::read_to_string(folder.join("node-5.toml")).unwrap();
    std::fs::write(folder.join("other.toml"), config.replace("node-5.vrf", "other.vrf")).unwrap();
    std::fs::write(folder.join("other.vrf"), "0b".repeat(32)).unwrap();
    ends(folder, 0, &["node", "encryption-key", "5", "--config", "other.toml", "--key-file", &key]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_uses_a_sealed_secret_that_nobody_but_nodes_can_read() {
    let (mut net, home) = start().await;
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

    // Nodes with an account publish their keys by themselves. One operator publishes another: what is sealed then, four of five open.
    net.until_secrets_can_be_sealed().await.unwrap();
    tokio::task::block_in_place(|| {
        publish_another_key(&net, folder);
        let text = ends(folder, 0, &set);
        assert!(text.contains("API_KEY for localhost of project"), "{text}");
        assert!(text.contains("is sealed to 5 nodes"), "{text}");
    });
    let ticket = net.request(project, &Value::Null).await.unwrap();
    assert_eq!(net.result(&ticket).await.unwrap().value(), json!(true));

    // After its next start the node has published its own again, and cannot open what was sealed before.
    net.nodes_mut()[4].stop().await.unwrap();
    net.resume_nodes().await.unwrap();
    net.until("the fifth node's own key", || async {
        let list = tokio::task::block_in_place(listed);
        Ok((list["secrets"][0]["without"] == json!([5])).then_some(()))
    })
    .await
    .unwrap();

    // Sealed anew, to all. A stranger may neither set nor remove it.
    tokio::task::block_in_place(|| {
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
    nowhere(folder, KEY, "api-key");
}
