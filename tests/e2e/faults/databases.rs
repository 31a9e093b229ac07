//! Databases: an old copy in the place of the present one, by hand and by `gateway restore`, and two processes on one.

use std::path::Path;

use gateway_localnet::Localnet;

use super::work::Work;
use super::{audit, start, until_says};
use crate::cli::{ends, gateway_in, stderr};

fn url(home: &Path, name: &str) -> String {
    format!("sqlite:{}", home.join(format!("{name}.db")).display())
}

/// Removes a database whose daemon is stopped.
fn lose(home: &Path, name: &str) {
    for ending in ["db", "db-wal", "db-shm"] {
        let _ = std::fs::remove_file(home.join(format!("{name}.{ending}")));
    }
}

fn copy(home: &Path, name: &str, to: &str) {
    tokio::task::block_in_place(|| {
        ends(home, 0, &["backup", "--database", &url(home, name), "--out", to]);
    });
}

async fn until_all_are_ready(net: &Localnet) {
    for url in [net.relay_url(), net.global_url(), net.node_url(0).unwrap()] {
        until_says(net, &url, None).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_copy_of_a_database_doubles_nothing() {
    let (mut net, temporary) = start().await;
    let home = temporary.path();
    let mut work = Work::new(&net).await;
    work.ask_relay(&net).await;
    work.done(&net).await;
    for name in ["relay", "global", "node-1"] {
        copy(home, name, &format!("{name}.old"));
    }
    // What follows, the copies do not know; nor would the relay's know an Idempotency-Key of this time.
    work.ask(&net).await;
    work.ask(&net).await;
    work.done(&net).await;

    // The relay's and global's by hand, as an operator in a hurry would; the node's as the guide says.
    net.relay_mut().kill().await;
    net.global_mut().kill().await;
    net.nodes_mut()[0].kill().await;
    for name in ["relay", "global", "node-1"] {
        lose(home, name);
    }
    for name in ["relay", "global"] {
        std::fs::copy(home.join(format!("{name}.old")), home.join(format!("{name}.db"))).unwrap();
    }
    tokio::task::block_in_place(|| {
        ends(home, 0, &["restore", "--from", "node-1.old", "--database", &url(home, "node-1")]);
    });
    net.start_all_daemons().await.unwrap();
    until_all_are_ready(&net).await;
    work.ask(&net).await;
    work.ask_relay(&net).await;
    work.done(&net).await;
    audit(home);
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_relay_on_one_database_is_refused_and_the_first_goes_on() {
    let (net, temporary) = start().await;
    let home = temporary.path();
    let text = std::fs::read_to_string(home.join("relay.toml")).unwrap();
    let own = net.relay_url().replace("http://", "");
    let second = text.replace(&format!("listen = '{own}'"), "listen = '127.0.0.1:0'");
    assert_ne!(second, text);
    std::fs::write(home.join("second.toml"), second).unwrap();
    let refused = tokio::task::block_in_place(|| gateway_in(home, &["relay", "--config", "second.toml"]));
    assert!(!refused.status.success());
    let said = format!("{}{}", String::from_utf8_lossy(&refused.stdout), stderr(&refused));
    assert!(said.contains("relay.db.lock"), "{said}");
    let mut work = Work::new(&net).await;
    work.ask_relay(&net).await;
    work.done(&net).await;
    net.shutdown().await.unwrap();
}
