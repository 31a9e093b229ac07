//! While the chain does not answer, requests are received and wait; quotas survive a restart.

use gateway_chain::outbox::NewItem;
use gateway_testkit::Miner;

use super::{API_KEY, chain, database, inputs, relay};

#[tokio::test(flavor = "multi_thread")]
async fn requests_wait_for_a_chain_that_does_not_answer_and_end_with_a_reason() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    chain.set_away(true);
    let (status, first) = relay.sponsor(API_KEY, "order-1", "[1]").await;
    assert_eq!((status, first["status"].as_str()), (202, Some("received")), "{first}");
    assert_eq!(relay.sponsor(API_KEY, "order-1", "[1]").await.1, first, "the same key, the same request");
    assert_eq!(relay.sponsor(API_KEY, "order-1", "[2]").await.0, 409);
    let (_, second) = relay.sponsor_for(API_KEY, "order-2", 99, "[1]").await;
    let ids = [&first, &second].map(|received| received["received"].as_u64().expect("an id"));

    chain.set_away(false);
    let _miner = Miner::start(&chain);
    let until = async |id: u64, status: &str| loop {
        let (_, received) = relay.get_with_key(&format!("/v1/received/{id}")).await;
        if received["status"].as_str() == Some(status) {
            break received;
        }
        relay.get("/v1/requests/1?wait=20ms").await;
    };
    assert_eq!(until(ids[0], "opened").await["request"].as_u64(), Some(1));
    let refused = until(ids[1], "refused").await;
    assert!(refused["reason"].as_str().expect("a reason").contains("no project has the id 99"), "{refused}");
    assert_eq!(inputs(&chain), ["[1]"], "sent once");
    let (status, received) = relay.sponsor(API_KEY, "order-1", "[1]").await;
    assert_eq!((status, received["request"].as_u64()), (201, Some(1)));
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_chain_takes_is_refused_and_what_was_accepted_is_known() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let miner = Miner::start(&chain);
    assert_eq!(relay.sponsor(API_KEY, "order-1", "[1]").await.0, 201);
    // No more blocks are made: queued requests stay queued.
    drop(miner);
    let store = database(dir.path()).await;
    let work = store.begin().await.expect("begins");
    for number in 0..2500 {
        let (key, msg) = (format!("tick/{number}"), br#"{"tick":{}}"#.to_vec());
        let new = NewItem { key, msg, funds: Vec::new(), reserved_gas: 0 };
        work.outbox().enqueue(&new).await.expect("queues");
    }
    work.commit().await.expect("commits");
    // They are counted once per block.
    let height = chain.commit();
    while relay.get("/v1/history?limit=1").await.1["height"].as_u64().is_none_or(|seen| seen < height) {}
    let (status, refused) = relay.sponsor(API_KEY, "order-2", "[2]").await;
    assert_eq!(status, 429, "{refused}");
    assert!(refused["detail"].as_str().expect("detail").contains("wait for the chain"), "{refused}");
    assert_eq!(relay.sponsor(API_KEY, "order-1", "[1]").await.0, 201, "what was accepted before is found");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_may_spend_a_day_survives_a_restart() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let _miner = Miner::start(&chain);
    // A request costs 100; the tests' key may spend 1,000 a day.
    let first = relay(dir.path(), &chain).await;
    for n in 0..6 {
        assert_eq!(first.sponsor(API_KEY, &format!("order-{n}"), "[1]").await.0, 201);
    }
    first.stop().await;
    let second = relay(dir.path(), &chain).await;
    for n in 6..10 {
        assert_eq!(second.sponsor(API_KEY, &format!("order-{n}"), "[1]").await.0, 201);
    }
    let (status, problem) = second.sponsor(API_KEY, "order-10", "[1]").await;
    assert_eq!(status, 429, "{problem}");
    assert!(problem["detail"].as_str().expect("detail").contains("1000aarch a day"), "{problem}");
    assert_eq!(
        second.sponsor(API_KEY, "order-3", "[1]").await.0,
        201,
        "what was sent before is found all the same"
    );
    second.stop().await;
}
