//! The chain itself goes away: it is stopped and started again, or comes back as another one under the same id.

use std::time::Duration;

use gateway_devchain::{Devchain, DevchainConfig};

use super::work::Work;
use super::{audit, proxy, start, start_on, until_says};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_stops_and_starts_again_finds_everything_as_it_was() {
    let (mut net, home) = start_on(true).await;
    let mut work = Work::new(&net).await;
    for _ in 0..2 {
        work.ask(&net).await;
        work.ask_relay(&net).await;
        net.stop_chain().await.unwrap();
        // Received without a chain, and opened once it is there again.
        work.ask_relay(&net).await;
        work.ask_relay(&net).await;
        net.start_chain().await.unwrap();
        work.done(&net).await;
    }
    audit(home.path());
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_was_reset_is_named_by_every_daemon_and_changes_nothing() {
    let (mut net, home) = start().await;
    let mut work = Work::new(&net).await;
    work.ask(&net).await;
    work.done(&net).await;
    let other = Devchain::start(DevchainConfig {
        chain_id: net.chain_id().to_owned(),
        block_time: Duration::from_millis(200),
        ..DevchainConfig::default()
    })
    .await
    .unwrap();
    let daemons = [net.relay_url(), net.global_url(), net.node_url(0).unwrap()];
    proxy(&net).set_upstream(&other.rpc_url());
    for url in &daemons {
        until_says(&net, url, Some("the chain was reset under the same id")).await;
    }
    net.check().unwrap();
    // One that starts knows it too.
    net.relay_mut().kill().await;
    net.relay_mut().start().unwrap();
    let said = until_says(&net, &daemons[0], Some("the chain was reset under the same id")).await;
    assert!(said.contains("move its database away"), "{said}");
    let log = std::fs::read_to_string(net.relay_mut().log()).unwrap();
    assert_eq!(log.matches("the chain is not followed any more").count(), 2, "once in each process");

    proxy(&net).set_upstream(net.chain().rpc_url());
    for url in &daemons {
        until_says(&net, url, None).await;
    }
    work.ask(&net).await;
    work.ask_relay(&net).await;
    work.done(&net).await;
    audit(home.path());
    other.shutdown().await.unwrap();
    net.shutdown().await.unwrap();
}
