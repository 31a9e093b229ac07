//! Killed anywhere, the relay goes on where it was: nothing is lost and nothing is done twice.

use gateway_chain::BlockNotifier;
use gateway_chain::testing::Fault;

use super::chain::TestChain;
use super::miner::Miner;
use super::{relay, signed};

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_queueing_and_publishing_it_finishes_after_its_restart() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (block_signal, block_notifier) = BlockNotifier::manual();
    let first = relay(dir.path(), &chain, &block_notifier).await;
    let request = chain.user_request().await;
    let height = chain.block_now().await;
    block_signal.notify(height);
    let drawn = chain.request(request);
    assert!(drawn.draw.is_some());
    // From here on the chain does not answer: what is queued stays queued.
    for node in 1..=3 {
        let (status, answer) = first.attest(&signed(&drawn, node, "3")).await;
        assert_eq!(status, 200, "{answer}");
    }
    chain.inner.fault(std::iter::repeat_n(Fault::Away, 200));
    loop {
        let (_, view) = first.get("/v1/requests/1?wait=20ms").await;
        if view["publishing"].as_bool() == Some(true) {
            break;
        }
    }
    drop(first);
    chain.inner.heal();

    let second = relay(dir.path(), &chain, &block_notifier).await;
    let _miner = Miner::start(chain.clone(), block_signal);
    let (_, view) = second.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    assert_eq!(chain.publications().len(), 1, "published once");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_it_was_down_is_found() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (block_signal, block_notifier) = BlockNotifier::manual();
    let first = relay(dir.path(), &chain, &block_notifier).await;
    assert_eq!(first.get("/v1/requests/1").await.0, 404);
    first.stop().await;

    let request = chain.user_request().await;
    for _ in 0..5 {
        chain.block_now().await;
    }
    let second = relay(dir.path(), &chain, &block_notifier).await;
    for node in 1..=3 {
        let (status, answer) = second.attest(&signed(&chain.request(request), node, "3")).await;
        assert_eq!(status, 200, "{answer}");
    }
    let _miner = Miner::start(chain.clone(), block_signal);
    let (_, view) = second.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    second.stop().await;
}
