//! A relay's answers about the past: by height, and with ETags.

use gateway_testkit::Miner;

use super::{Running, ask, chain, relay, signed};

/// Sends a GET that offers an ETag; returns the status and the answer's ETag and Cache-Control.
async fn conditional(relay: &Running, path: &str, etag: &str) -> (u16, String, String) {
    let get = relay.client.get(format!("{}{path}", relay.url)).header("if-none-match", etag);
    let answer = get.send().await.expect("answers");
    let header = |name| answer.headers().get(name).map_or("", |v| v.to_str().expect("text")).to_owned();
    (answer.status().as_u16(), header("etag"), header("cache-control"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_listed_by_height_and_sent_once() {
    let chain = chain();
    let dir = tempfile::tempdir().expect("dir");
    let first = relay(dir.path(), &chain).await;
    let request = ask(&chain);
    chain.commit();
    let drawn = chain.request(request);
    for node in 1..=3 {
        assert_eq!(first.attest(&signed(&drawn, node, "3")).await.0, 200);
    }
    let _miner = Miner::start(&chain);
    let (_, view) = first.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");

    // Reconciliation with the contract may find the result before its block's events are stored.
    let (all, fulfilled) = loop {
        let (_, all) = first.get("/v1/history?event=gateway-request-fulfilled").await;
        if let Some(height) = all["items"][0]["height"].as_u64() {
            break (all, height);
        }
    };
    let (_, at) = first.get(&format!("/v1/history?from={fulfilled}&to={fulfilled}&request=1")).await;
    assert_eq!(at["items"], all["items"]);
    let after = fulfilled + 1;
    let (_, none) = first.get(&format!("/v1/history?from={after}&request=1")).await;
    assert_eq!(none["items"].as_array().map(Vec::len), Some(0));

    let path = "/v1/results/1/body";
    let (status, etag, control) = conditional(&first, path, "").await;
    assert_eq!((status, control.as_str()), (200, "public, max-age=31536000, immutable"));
    assert_eq!(conditional(&first, path, &etag).await.0, 304);
    let (status, etag, control) = conditional(&first, "/v1/statistics", "").await;
    assert_eq!((status, control.as_str(), etag.len()), (200, "public, max-age=10", 66));
    assert_eq!(conditional(&first, "/v1/statistics", &etag).await.0, 304);
    first.stop().await;
}
