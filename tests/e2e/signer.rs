//! Daemons whose keys a signer holds: the configuration of the operator's guide, a node that attests and opens a secret and a keeper that
//! pays through it, and what happens while it is away.

use std::path::Path;

use gateway_localnet::{Daemon, Localnet, example};
use serde_json::json;

use crate::cli::ends;
use crate::network::start;
use crate::operate::write_network;
use crate::secrets;

/// The signer's configuration in the operator's guide, for this network: its files, and the keys of global and node 1.
fn configuration(net: &Localnet, home: &Path) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let section = guide.split("\n## ").find(|section| section.starts_with("A signer\n")).unwrap();
    let block = section.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let file = |name: &str| home.join(name).display().to_string();
    let mut text = block.to_owned();
    for (written, here) in [
        ("/run/gateway-signer/signer.sock", file("signer.sock")),
        ("/var/lib/gateway-signer/journal", file("journal")),
        ("\"archway-1\"", format!("\"{}\"", net.chain_id())),
        ("archway1…", net.contract().to_owned()),
        ("name = \"relay\"", "name = \"global\"".to_owned()),
        ("relay.key", file("of-the-signer/global.key")),
        ("node.vrf", file("of-the-signer/node-1.vrf")),
    ] {
        assert!(text.contains(written), "the guide's configuration has no {written}");
        text = text.replace(written, &here);
    }
    text
}

/// Has a daemon take its first key from the signer.
fn take_from_signer(home: &Path, config: &str, key: &str, name: &str) {
    let file = home.join(config);
    let text = std::fs::read_to_string(&file).unwrap();
    let here = format!("key = {{ file = '{}' }}", home.join(key).display());
    assert!(text.contains(&here), "{here} is not in {text}");
    let there = home.join("signer.sock");
    let remote = format!("key = {{ remote = {{ socket = '{}', name = '{name}' }} }}", there.display());
    std::fs::write(&file, text.replacen(&here, &remote, 1)).unwrap();
    std::fs::rename(home.join(key), home.join("of-the-signer").join(key)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_and_a_keeper_work_with_keys_that_they_never_have() {
    let (mut net, home) = start().await;
    let home = home.path();
    let project = net.register(&example::addition()).await.unwrap();
    net.until_secrets_can_be_sealed().await.unwrap();
    // Of five nodes three are left, so that the first is needed for a result.
    for node in [4, 3, 0] {
        net.nodes_mut()[node].stop().await.unwrap();
    }
    net.global_mut().stop().await.unwrap();

    let config = home.join("signer.toml");
    std::fs::create_dir(home.join("of-the-signer")).unwrap();
    std::fs::write(&config, configuration(&net, home)).unwrap();
    take_from_signer(home, "global.toml", "global.key", "global");
    take_from_signer(home, "node-1.toml", "node-1.vrf", "node");
    let program = Path::new(env!("CARGO_BIN_EXE_gateway"));
    let arguments = ["signer", "--config", config.to_str().unwrap()];
    let mut signer = Daemon::new("signer", program, &arguments, home);
    signer.start().unwrap();
    net.until("the signer's socket", || async {
        signer.check()?;
        Ok(std::os::unix::net::UnixStream::connect(home.join("signer.sock")).is_ok().then_some(()))
    })
    .await
    .unwrap();

    net.start_global().await.unwrap();
    net.nodes_mut()[0].start().unwrap();
    let ticket = net.request(project, &json!({"a": 20, "b": 22})).await.unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!(reading.value(), json!(42));
    assert_eq!(reading.agreed_nodes, 3, "the node whose key the signer has among them");
    let journal = std::fs::read_to_string(home.join("journal")).unwrap();
    assert!(journal.contains(&format!(" {} ", ticket.request)), "{journal}");

    // What is sealed to nodes is opened by the signer for the first, which has no result without it.
    let sealed = net.register(&secrets::project(&secrets::api())).await.unwrap();
    write_network(&net, home, "");
    std::fs::write(home.join("developer.key"), net.developer_key()).unwrap();
    std::fs::write(home.join("api-key"), secrets::KEY).unwrap();
    tokio::task::block_in_place(|| {
        let id = sealed.to_string();
        let value =
            ["API_KEY", "--host", "localhost", "--value", "file:api-key", "--key-file", "developer.key"];
        ends(home, 0, &[&["secret", "set", &id], &value[..]].concat());
    });
    let ticket = net.request(sealed, &json!(null)).await.unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!((reading.value(), reading.agreed_nodes), (json!(true), 3));

    // While the signer is away nothing is signed; when it is back, what waited goes on.
    signer.kill().await;
    let ticket = net.request(project, &json!({"a": 1, "b": 2})).await.unwrap();
    let global = format!("{}/ready", net.global_url());
    net.until("global to say that nobody signs", || async {
        let answer = reqwest::get(&global).await.map_err(|e| gateway_localnet::LocalnetError::Answer {
            doing: "asking global".to_owned(),
            reason: e.to_string(),
        })?;
        let text = answer.text().await.unwrap_or_default();
        Ok(text.contains("signer.sock does not answer").then_some(()))
    })
    .await
    .unwrap();
    signer.start().unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!((reading.value(), reading.agreed_nodes), (json!(3), 3));
    net.shutdown().await.unwrap();
    signer.stop().await.unwrap();
}
