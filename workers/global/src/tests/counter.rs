//! The keeper sends what is due, once; the contract's answers are served with their height.

use gateway_api::ExecuteMsg;
use gateway_chain::BlockNotifier;

use super::chain::TestChain;
use super::global;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_sent_once_and_again_when_due_again() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (block_signal, block_notifier) = BlockNotifier::manual();
    let global = global(dir.path(), &chain, &block_notifier).await;
    for times in 1..=2 {
        chain.set_due();
        // Blocks go by until all three messages are in one; in flight they are not sent again.
        while chain.executed().len() < 3 * times {
            block_signal.notify(chain.block_now());
            global.get("/v1/counter").await;
        }
        for _ in 0..10 {
            block_signal.notify(chain.block_now());
            global.get("/v1/counter").await;
        }
        let executed = chain.executed();
        let ticks = executed.iter().filter(|msg| matches!(msg, ExecuteMsg::Tick {})).count();
        let expiries = executed
            .iter()
            .filter(|msg| matches!(msg, ExecuteMsg::Expire { limit: Some(30), requests: None }))
            .count();
        // The expiry made a callback due.
        let delivered =
            executed.iter().filter(|msg| matches!(msg, ExecuteMsg::DeliverCallback { .. })).count();
        assert_eq!((ticks, expiries, delivered), (times, times, times));
    }
    global.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_is_asked_once_a_block() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = TestChain::new();
    let (block_signal, block_notifier) = BlockNotifier::manual();
    let global = global(dir.path(), &chain, &block_notifier).await;
    while global.get("/ready").await.0 != 200 {}
    let (status, answer) = global.get("/v1/settings").await;
    assert_eq!((status, answer["contract"].as_str()), (200, Some(super::CONTRACT)));
    assert_eq!(answer["data"]["settings"]["epoch_blocks"].as_u64(), Some(600));
    for _ in 0..5 {
        assert_eq!(global.get("/v1/settings").await.1, answer);
    }
    assert_eq!(chain.questions(), 1);
    block_signal.notify(chain.block_now());
    while global.get("/v1/settings").await.1["height"] == answer["height"] {}
    assert_eq!(chain.questions(), 2);

    assert_eq!(global.get("/v1/rounds/0").await.1["data"]["height"].as_u64(), Some(1));
    let (status, problem) = global.get("/v1/rounds/7").await;
    assert_eq!((status, problem["detail"].as_str()), (404, Some("round 7: not found")));
    assert_eq!(global.get("/v1/rounds/x").await.0, 400);
    global.stop().await;
}
