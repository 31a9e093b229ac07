//! Agreement and presence of nodes by epoch: counted once per result.

use gateway_testkit::Miner;

use super::{ask, chain, relay, signed};

#[tokio::test(flavor = "multi_thread")]
async fn who_agreed_who_differed_and_who_was_absent_is_counted_once() {
    let chain = chain();
    let dir = tempfile::tempdir().expect("dir");
    let first = relay(dir.path(), &chain).await;
    let (_, none) = first.get("/v1/epochs").await;
    assert_eq!(none["items"].as_array().map(Vec::len), Some(0));
    let request = ask(&chain);
    chain.commit();
    for (node, body) in [(4, "4"), (1, "3"), (2, "3"), (3, "3")] {
        let (status, answer) = first.attest(&signed(&chain.request(request), node, body)).await;
        assert_eq!(status, 200, "{answer}");
    }
    let miner = Miner::start(&chain);
    let (_, view) = first.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    let (_, epochs) = first.get("/v1/epochs").await;
    let expected = |node: u32, results: u64, agreeing: u64| {
        serde_json::json!({
            "node": node, "units": 1, "results": results, "agreeing": agreeing, "seats": results,
            "expected_thousandths": 1000,
        })
    };
    let nodes =
        [expected(1, 1, 1), expected(2, 1, 1), expected(3, 1, 1), expected(4, 1, 0), expected(5, 0, 0)];
    assert_eq!(epochs, serde_json::json!({ "items": [{ "epoch": 2, "results": 1, "nodes": nodes }] }));
    first.stop().await;

    // Reconciliation and backfill store the result again: it is not counted again.
    let second = relay(dir.path(), &chain).await;
    drop(miner);
    let (_, history) = second.get("/v1/history?event=gateway-request-fulfilled").await;
    assert!(history["height"].as_u64() > Some(0), "{history}");
    assert_eq!(second.get("/v1/epochs").await.1, epochs);
    assert_eq!(second.get("/v1/epochs?before=2").await.1["items"].as_array().map(Vec::len), Some(0));
    second.stop().await;
}
