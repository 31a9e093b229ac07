//! The keeper sends what is due, once; the contract's answers are served with their height.

use gateway_api::{CallbackRequest, ExecuteMsg, NewRequest, Overrides, ProjectId};
use gateway_testkit::{CONTRACT, TestChain};

use super::{chain, global, questions};

/// Opens a request that wants a callback and waits until it is overdue: a tick is due, an expiry, and then the callback. Its
/// requester has to be a contract; what it does with the callback does not matter.
fn make_due(chain: &TestChain) {
    let overrides = Some(Overrides { ttl_blocks: Some(3), ..Overrides::default() });
    let callback = Some(CallbackRequest { gas_limit: None });
    let request = NewRequest { overrides, callback, ..NewRequest::new(ProjectId(1), "1") };
    chain.send(CONTRACT, &ExecuteMsg::Request(request), 100);
    for _ in 0..4 {
        chain.commit();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_sent_once_and_again_when_due_again() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let global = global(dir.path(), &chain).await;
    for times in 1..=2 {
        make_due(&chain);
        // Blocks pass until all three messages are in one; in flight they are not sent again.
        while chain.executed().len() < 3 * times {
            chain.commit();
            global.get("/v1/counter").await;
        }
        for _ in 0..10 {
            chain.commit();
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
    let chain = chain();
    let global = global(dir.path(), &chain).await;
    while global.get("/ready").await.0 != 200 {}
    let (status, answer) = global.get("/v1/settings").await;
    assert_eq!((status, answer["contract"].as_str()), (200, Some(CONTRACT)));
    assert_eq!(answer["data"]["settings"]["epoch_blocks"].as_u64(), Some(100_000));
    for _ in 0..5 {
        assert_eq!(global.get("/v1/settings").await.1, answer);
    }
    assert_eq!(questions(&chain), 1);
    chain.commit();
    while global.get("/v1/settings").await.1["height"] == answer["height"] {}
    assert_eq!(questions(&chain), 2);

    assert_eq!(global.get("/v1/rounds/0").await.1["data"]["height"].as_u64(), Some(1));
    let (status, problem) = global.get("/v1/rounds/7").await;
    assert_eq!((status, problem["detail"].as_str()), (404, Some("round 7: there is no such round")));
    assert_eq!(global.get("/v1/rounds/x").await.0, 400);
    global.stop().await;
}
