//! What an operator looks at: status, doctor, explanations, the node's report, the audit; and subscriptions. On a real network.

use std::path::Path;

use gateway_api::{RequestId, RequestStatus};
use gateway_localnet::{Localnet, example};
use gateway_store::Store;
use serde_json::{Value, json};

use crate::cli::{ends, gateway_in, stderr};
use crate::network::start;

/// Writes a `gateway.toml` that knows the network, with a key that has coins.
pub(crate) fn write_network(net: &Localnet, folder: &Path, more: &str) {
    let text = format!(
        "network = \"devchain\"\n[networks.devchain]\nrpc = \"{}\"\nchain_id = \"{}\"\ncontract = \"{}\"\n\
         key = {{ file = \"user.key\" }}\n{more}\n",
        net.chain().rpc_url(),
        net.chain_id(),
        net.contract()
    );
    std::fs::write(folder.join("user.key"), net.user_key()).unwrap();
    std::fs::write(folder.join("gateway.toml"), text).unwrap();
}

pub(crate) fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_how_everything_stands() {
    let (mut net, home) = start().await;
    let project = net.register(&example::addition()).await.unwrap();
    let ticket = net.request(project, &json!({"a": 3, "b": 5})).await.unwrap();
    net.result(&ticket).await.unwrap();
    let folder = home.path();
    write_network(&net, folder, "");
    let configs = ["--config", "relay.toml", "--config", "global.toml", "--config", "node-1.toml"];
    let request = ticket.request.to_string();
    let relay = net.relay_url();
    tokio::task::block_in_place(|| {
        let text = ends(folder, 0, &[&["status"][..], &configs].concat());
        for part in ["localnet-1", "5 registered, 5 draw in this epoch", "relay   http://", "all is well"] {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
        let status = json_of(&ends(folder, 0, &[&["status", "--output", "json"][..], &configs].concat()));
        assert_eq!(status["daemons"].as_array().unwrap().len(), 3, "{status}");
        assert!(
            status["daemons"][0]["metrics"]["gateway_account_balance"].as_f64().unwrap() > 0.0,
            "{status}"
        );

        for daemon in ["relay", "global", "node"] {
            let file = if daemon == "node" { "node-1.toml".to_owned() } else { format!("{daemon}.toml") };
            let found = json_of(&ends(folder, 0, &["doctor", daemon, &file, "--output", "json"]));
            let names: Vec<_> = found["checks"]
                .as_array()
                .unwrap()
                .iter()
                .map(|check| check["name"].as_str().unwrap())
                .collect();
            for name in ["configuration", "key clash", "disk", "clock", "index", "block results", "balance"] {
                assert!(names.contains(&name), "{name} is not in {names:?}");
            }
            assert_eq!(
                names.contains(&"sandbox") && names.contains(&"engine"),
                daemon == "node",
                "{names:?}"
            );
            ends(folder, 0, &["audit", daemon, &file]);
        }

        // A relay knows times and attestations, the contract heights and who agreed.
        let text = ends(folder, 0, &["explain", &request, "--relay", &relay]);
        for part in
            ["fulfilled", "Fulfilled with class ok", "attested (attempt", "seats  ok", "drawn: by round"]
        {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
        let text = ends(folder, 0, &["explain", &request]);
        assert!(text.contains("agreed at attempt") && text.contains("--relay"), "{text}");
        let explained =
            json_of(&ends(folder, 0, &["explain", &request, "--relay", &relay, "--output", "json"]));
        assert_eq!(
            (&explained["status"], &explained["view"]["result"]["class"]),
            (&"fulfilled".into(), &"ok".into())
        );
        ends(folder, 1, &["explain", "999999"]);

        let report = ["node", "report", "1", "--epochs", "1000", "--config", "node-1.toml"];
        let report = json_of(&ends(folder, 0, &[&report[..], &["--output", "json"]].concat()));
        let all = |name: &str| -> f64 {
            let epochs = report["epochs"].as_array().unwrap();
            epochs.iter().map(|epoch| epoch[name].as_f64().unwrap()).sum()
        };
        assert_eq!(
            (all("results"), all("expected")),
            (1.0, 1.0),
            "one unit of five, and everybody is seated: {report}"
        );
        assert_eq!(all("won"), 1.0, "{report}");
        assert!(all("agreed") <= 1.0, "{report}");
        assert!(ends(folder, 0, &["node", "report", "1"]).contains("to be claimed by the operator"));
    });

    // What is not well has an exit code of its own and is named.
    net.relay_mut().stop().await.unwrap();
    let url = format!("sqlite:{}", folder.join("relay.db").display());
    let store = Store::open(&url).await.unwrap();
    let work = store.begin().await.unwrap();
    let mut forged = work.requests().get(ticket.request).await.unwrap().unwrap().seen;
    forged.request = RequestId(777);
    forged.status = RequestStatus::Expired;
    work.requests().upsert(&[forged]).await.unwrap();
    work.commit().await.unwrap();
    store.close().await.unwrap();
    tokio::task::block_in_place(|| {
        let text = ends(folder, 3, &[&["status"][..], &configs].concat());
        assert!(text.contains("does not answer") && text.contains("not well"), "{text}");
        let found = json_of(&ends(folder, 3, &["audit", "relay", "relay.toml", "--output", "json"]));
        let differences = found["differences"].as_array().unwrap();
        assert!(differences[0].as_str().unwrap().contains("request 777"), "{found}");
        let broken = std::fs::read_to_string(folder.join("node-2.toml"))
            .unwrap()
            .replace(net.chain().rpc_url(), "http://127.0.0.1:1");
        std::fs::write(folder.join("broken.toml"), broken).unwrap();
        let text = ends(folder, 3, &["doctor", "node", "broken.toml"]);
        assert!(text.contains("FAILED   rpc"), "{text}");
    });
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_from_its_first_coins_to_its_last() {
    let (net, home) = start().await;
    let folder = home.path();
    write_network(&net, folder, "");
    tokio::task::block_in_place(|| {
        let consumer = format!("{},projects=1,allowance=700", net.consumer());
        let create = ["subscription", "create", "--funds", "1000", "--consumer", &consumer];
        let dry =
            json_of(&ends(folder, 0, &[&create[..], &["--generate-only", "--output", "json"]].concat()));
        assert!(dry["message"]["subscribe"].is_object(), "{dry}");
        let created = json_of(&ends(folder, 0, &[&create[..], &["--output", "json"]].concat()));
        let id = created["subscription"].to_string();
        let show = || json_of(&ends(folder, 0, &["subscription", "show", &id, "--output", "json"]));
        let seen = show();
        assert_eq!((&seen["balance"], &seen["consumers"][0]["allowance"]), (&"1000".into(), &"700".into()));
        let text = ends(folder, 0, &["subscription", "deposit", &id, "500"]);
        assert!(text.contains("balance  0.0000000000000015 ARCH") && text.contains("projects 1"), "{text}");
        ends(folder, 0, &["subscription", "withdraw", &id, "200"]);
        assert_eq!(show()["balance"], "1300");
        ends(folder, 0, &["subscription", "consumers", &id]);
        ends(folder, 0, &["subscription", "withdraw", &id, "all"]);
        let seen = show();
        assert_eq!((&seen["balance"], &seen["consumers"]), (&"0".into(), &json!([])));
        let refused = gateway_in(folder, &["subscription", "withdraw", &id, "1"]);
        assert_eq!(refused.status.code(), Some(1), "{}", stderr(&refused));
    });
    net.shutdown().await.unwrap();
}
