//! Private code: deployed without its bytes leaving the developer's machine in plain, run by the nodes that it is sealed to, sealed anew
//! when their keys change; nothing on the network's disks has it.

use std::path::Path;

use gateway_api::{CodeHash, NodeId, ProjectId};
use gateway_chain::ChainReader as _;
use gateway_localnet::Localnet;
use gateway_protocol::{Domain, SecretKey, code_hash, sign_code_request};
use serde_json::{Value, json};

use crate::cli::{ends, gateway_in, stderr};
use crate::files::nowhere;
use crate::network::start;
use crate::operate::write_network;
use crate::secrets::publish_another_key;

/// What nobody else may read.
const RECIPE: &str = "two parts of juniper to one of smoke";

fn code() -> String {
    format!("export default (input) => {{ const recipe = '{RECIPE}'; return recipe.length + input.a; }};\n")
}

/// The project's folder, apart from the network's.
fn write_project(net: &Localnet, folder: &Path) {
    let store = format!("store = \"{}\"\nstore_key = {{ file = \"api.key\" }}\n", net.global_url());
    write_network(net, folder, &store);
    let toml = std::fs::read_to_string(folder.join("gateway.toml")).unwrap();
    let project = "[project]\nname = \"recipe\"\ndescription = \"Private.\"\ncode = \"recipe.js\"\n\n[policy]\nwall_ms = 2000\n";
    // The network's name is a key of the top level.
    let (name, rest) = toml.split_once('\n').unwrap();
    std::fs::write(folder.join("gateway.toml"), format!("{name}\n{project}\n{rest}")).unwrap();
    std::fs::write(folder.join("api.key"), net.api_key()).unwrap();
    std::fs::write(folder.join("recipe.js"), code()).unwrap();
}

/// Asks global for the code with a key, as node 1.
async fn asked(net: &Localnet, project: ProjectId, hash: CodeHash, key: [u8; 32]) -> u16 {
    let key = SecretKey::from_bytes(&key).unwrap();
    let domain = Domain { chain_id: net.chain_id(), contract: net.contract() };
    let height = net.reader().status().await.unwrap().height;
    let request = sign_code_request(&domain, &key, NodeId(1), project, hash, height);
    let call = reqwest::Client::new().post(format!("{}/v1/sealed-code/fetch", net.global_url()));
    call.json(&request).send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_code_runs_on_the_nodes_that_it_is_sealed_to_and_is_read_by_nobody_else() {
    let (mut net, home) = start().await;
    let developer = tempfile::tempdir().unwrap();
    let folder = developer.path();
    write_project(&net, folder);
    // For the commands of an operator, which are run beside the nodes' configurations.
    write_network(&net, home.path(), "");
    net.until_secrets_can_be_sealed().await.unwrap();
    let deployed = tokio::task::block_in_place(|| {
        let text = ends(folder, 0, &["deploy", "--private", "--output", "json"]);
        serde_json::from_str::<Value>(&text).unwrap()
    });
    let project = ProjectId(deployed["project"].as_u64().unwrap());
    let result = async |net: &Localnet| {
        let ticket = net.request(project, &json!({ "a": 1 })).await.unwrap();
        net.result(&ticket).await.unwrap().value()
    };
    let value = json!(RECIPE.len() + 1);
    assert_eq!(result(&net).await, value);

    // The folder remembers it: a deployment without the flag publishes nothing either.
    tokio::task::block_in_place(|| {
        assert!(std::fs::read_to_string(folder.join("gateway.toml")).unwrap().contains("private = true"));
        assert!(ends(folder, 0, &["deploy"]).contains("has this code and policy already"));
    });

    // Whoever knows the hash, and the other nodes' keys, reads nothing.
    let hash = code_hash(code().as_bytes());
    let plain = reqwest::get(format!("{}/v1/code/{hash}", net.global_url())).await.unwrap();
    assert_eq!(plain.status().as_u16(), 404);
    assert_eq!(asked(&net, project, hash, net.node_secret(0)).await, 200);
    assert_eq!(asked(&net, project, hash, net.node_secret(1)).await, 403);
    assert_eq!(asked(&net, ProjectId(project.get() + 1), hash, net.node_secret(0)).await, 404);

    // What the store gives everybody cannot be made private any more.
    let open = reqwest::Client::new().put(format!("{}/v1/code", net.global_url())).bearer_auth(net.api_key());
    let stored = open.body("export default () => 42").send().await.unwrap();
    assert!(stored.status().is_success(), "{}", stored.status());
    tokio::task::block_in_place(|| {
        std::fs::write(folder.join("recipe.js"), "export default () => 42").unwrap();
        let refused = gateway_in(folder, &["deploy", "--private"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains("in plain already"), "{}", stderr(&refused));
        std::fs::write(folder.join("recipe.js"), code()).unwrap();
    });

    // A node whose key changed has lost it with its memory, and says so, until it is sealed anew.
    let seal = ["code", "seal", "recipe.js", "--project", &project.to_string(), "--output", "json"];
    let seal = || serde_json::from_str::<Value>(&ends(folder, 0, &seal)).unwrap();
    tokio::task::block_in_place(|| {
        publish_another_key(&net, home.path());
        assert_eq!(seal()["nodes"], json!(5));
        // Code that no version pins is asked for by nobody.
        std::fs::write(folder.join("other.js"), "export default () => 1").unwrap();
        let refused = gateway_in(folder, &["code", "seal", "other.js", "--project", &project.to_string()]);
        assert!(stderr(&refused).contains("nothing is sealed"), "{}", stderr(&refused));
    });
    net.nodes_mut()[4].stop().await.unwrap();
    net.resume_nodes().await.unwrap();
    let relay = net.relay_url();
    let abstained = format!("the code {hash} is sealed to another key of this node");
    net.until("the fifth node's abstention", || async {
        let ticket = net.request(project, &json!({ "a": 1 })).await?;
        net.result(&ticket).await?;
        let request = ticket.request.to_string();
        let text = tokio::task::block_in_place(|| {
            ends(folder, 0, &["explain", &request, "--relay", &relay, "--output", "json"])
        });
        Ok(text.contains(&abstained).then_some(()))
    })
    .await
    .unwrap();
    tokio::task::block_in_place(|| assert_eq!(seal()["nodes"], json!(5)));
    assert_eq!(result(&net).await, value);
    tokio::task::block_in_place(|| a_number_of_another_network_is_noticed(folder));
    net.shutdown().await.unwrap();
    nowhere(home.path(), RECIPE, "");
}

/// A network that began anew has other projects under the numbers of the old one, or none.
fn a_number_of_another_network_is_noticed(folder: &Path) {
    let file = folder.join("gateway.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let refused = |text: String, what: &str| {
        std::fs::write(&file, text).unwrap();
        for command in [&["request"][..], &["deploy"]] {
            let output = gateway_in(folder, command);
            let error = stderr(&output);
            assert!(error.contains(what) && error.contains("deploy again"), "{command:?}: {error}");
        }
    };
    refused(text.replacen("name = \"recipe\"", "name = \"feed\"", 1), "is called \"recipe\", not \"feed\"");
    let (before, after) = text.split_once("id = {").unwrap();
    let (ids, after) = after.split_once('}').unwrap();
    let network = ids.split('=').next().unwrap();
    refused(format!("{before}id = {{{network}= 99 }}{after}"), "the contract has none");
    std::fs::write(&file, text).unwrap();
}
