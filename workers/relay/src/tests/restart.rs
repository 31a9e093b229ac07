//! Killed at any point, the relay resumes where it was: nothing is lost and nothing is done twice.

use std::time::Duration;

use gateway_chain::testing::Fault;
use gateway_testkit::Miner;

use super::{ask, chain, database, publications, relay, signed};
use crate::mirror::CURSOR;

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_queueing_and_publishing_it_finishes_after_its_restart() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let first = relay(dir.path(), &chain).await;
    let request = ask(&chain);
    chain.commit();
    let drawn = chain.request(request);
    assert!(drawn.draw.is_some());
    // From here on the chain does not answer: queued messages stay queued.
    for node in 1..=3 {
        let (status, answer) = first.attest(&signed(&drawn, node, "3")).await;
        assert_eq!(status, 200, "{answer}");
    }
    chain.ledger.fault(std::iter::repeat_n(Fault::Away, 200));
    loop {
        let (_, view) = first.get("/v1/requests/1?wait=20ms").await;
        if view["publishing"].as_bool() == Some(true) {
            break;
        }
    }
    drop(first);
    chain.ledger.heal();

    let second = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let (_, view) = second.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    assert_eq!(publications(&chain).len(), 1, "published once");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_it_was_down_is_found() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let first = relay(dir.path(), &chain).await;
    assert_eq!(first.get("/v1/requests/1").await.0, 404);
    first.stop().await;

    let request = ask(&chain);
    for _ in 0..5 {
        chain.commit();
    }
    let second = relay(dir.path(), &chain).await;
    for node in 1..=3 {
        let (status, answer) = second.attest(&signed(&chain.request(request), node, "3")).await;
        assert_eq!(status, 200, "{answer}");
    }
    let _miner = Miner::start(&chain);
    let (_, view) = second.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_block_did_is_stored_with_its_height() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let request = ask(&chain);
    chain.commit();
    relay.drawn(&chain, request).await;
    let store = database(dir.path()).await;
    let stored = async {
        while store.cursors().get(CURSOR).await.expect("reads") != Some(chain.height()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), stored).await.expect("the height is stored");
    relay.stop().await;
}
