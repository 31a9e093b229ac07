//! The tutorial's commands in their order, from a new folder to a result, with the real binary on a real network.

use std::path::Path;

use gateway_localnet::Localnet;
use serde_json::Value;

use crate::cli::{ends, gateway_in, stderr};
use crate::network::start;

/// Adds the network to a project's `gateway.toml`, with a key that has coins and the code store's API key.
fn add_network(net: &Localnet, home: &Path, folder: &Path) {
    let section = format!(
        "\nnetwork = \"devchain\"\n[networks.devchain]\nrpc = \"{}\"\nchain_id = \"localnet-1\"\ncontract = \"{}\"\nstore = \"{}\"\n\
         store_key = {{ file = \"{}\" }}\nkey = {{ file = \"user.key\" }}\n",
        net.chain().rpc_url(),
        net.contract(),
        net.global_url(),
        home.join("api.key").display(),
    );
    std::fs::write(folder.join("user.key"), net.user_key()).unwrap();
    let file = folder.join("gateway.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    // Keys of the document itself come before its tables.
    let (network, tables) = section.split_once("[networks").unwrap();
    std::fs::write(&file, format!("{network}\n{text}\n[networks{tables}")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_nothing_to_a_result_and_to_a_second_version() {
    let (net, home) = start().await;
    let work = tempfile::tempdir().unwrap();
    tokio::task::block_in_place(|| {
        ends(work.path(), 0, &["init", "my-dice", "--template", "random"]);
        let folder = work.path().join("my-dice");
        ends(&folder, 0, &["test"]);
        add_network(&net, home.path(), &folder);
        // Five operators run the network.
        let toml = std::fs::read_to_string(folder.join("gateway.toml")).unwrap();
        assert!(toml.contains("my-dice"), "{toml}");

        let message: Value =
            serde_json::from_str(&ends(&folder, 0, &["deploy", "--generate-only", "--output", "json"]))
                .unwrap();
        assert!(message["archwayd"].as_str().unwrap().contains("--chain-id localnet-1"), "{message}");
        let out: Value = serde_json::from_str(&ends(&folder, 0, &["deploy", "--output", "json"])).unwrap();
        let project = out["project"].as_u64().unwrap().to_string();
        let toml = std::fs::read_to_string(folder.join("gateway.toml")).unwrap();
        assert!(toml.contains(&format!("devchain = {project}")), "{toml}");
        assert!(ends(&folder, 0, &["project", "list"]).contains("my-dice"));
        assert!(ends(&folder, 0, &["project", "show", &project]).contains("from anyone"));

        let input = "{\"count\":3,\"sides\":6}";
        let out = ends(&folder, 0, &["request", "--input", input, "--wait", "--output", "json"]);
        let result: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(result["class"], "ok", "{out}");
        let request = result["request"].as_u64().unwrap().to_string();
        assert!(ends(&folder, 0, &["result", &request]).starts_with("ok ["), "as the request said");
        // An agreed error has an exit code of its own.
        let out = ends(&folder, 3, &["request", "--input", "{\"count\":0,\"sides\":6}", "--wait"]);
        assert!(out.contains("count takes 1 to 100"), "{out}");

        let out: Value = serde_json::from_str(&ends(&folder, 0, &["deploy", "--output", "json"])).unwrap();
        assert_eq!(out["changed"], false, "nothing has changed");
        let code = folder.join("random.ts");
        let changed = std::fs::read_to_string(&code).unwrap().replace("1 to 100", "one to 100");
        std::fs::write(&code, changed).unwrap();
        let out: Value = serde_json::from_str(&ends(&folder, 0, &["deploy", "--output", "json"])).unwrap();
        assert_eq!((&out["version"], &out["active"]), (&2.into(), &true.into()));
        assert!(ends(&folder, 0, &["project", "versions", &project]).contains("   2  "));
        ends(&folder, 0, &["project", "activate", &project, "1"]);

        ends(&folder, 0, &["project", "pause", &project]);
        let refused = gateway_in(&folder, &["request", "--input", input]);
        assert_eq!(refused.status.code(), Some(1));
        let refusal = stderr(&refused);
        assert!(
            refusal.contains("error: the contract refuses: ") && refusal.contains("(gateway explain "),
            "{refusal}"
        );
        assert!(refusal.contains("takes no requests for now"), "{refusal}");
        ends(&folder, 0, &["project", "resume", &project]);
        ends(&folder, 0, &["project", "access", &project, "owner"]);
        assert!(ends(&folder, 0, &["node", "status", "1"]).contains("units     1 of 5"));
        assert!(ends(&folder, 0, &["contract", "settings"]).contains("\"denom\": \"aarch\""));
    });
    net.shutdown().await.unwrap();
}
