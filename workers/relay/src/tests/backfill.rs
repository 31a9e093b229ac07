//! A relay's past, recovered from the chain: before its database began, while it was off, and what is lost for good.

use gateway_api::{Overrides, ProjectId, RequestId};
use gateway_testkit::{Miner, TestChain};
use serde_json::Value;

use super::{Running, ask, chain, chain_of, relay, signed};

/// Returns the gaps that the relay reports, once they satisfy `awaited`.
async fn missing(relay: &Running, awaited: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    loop {
        let (status, history) = relay.get("/v1/history?limit=1").await;
        assert_eq!(status, 200, "{history}");
        let missing = history["missing"].as_array().expect("a list").clone();
        if history["height"].as_u64() > Some(0) && awaited(&missing) {
            return missing;
        }
    }
}

/// Opens a request that soon expires, on a chain whose attempts are short.
fn ask_briefly(chain: &TestChain) -> RequestId {
    let overrides = Overrides { ttl_blocks: Some(5), ..Overrides::default() };
    chain.open_request(ProjectId(1), Some(overrides))
}

async fn items(relay: &Running, path: &str) -> Vec<Value> {
    let (status, page) = relay.get(path).await;
    assert_eq!(status, 200, "{path}: {page}");
    page["items"].as_array().expect("a list").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_is_filled_with_what_was_before_it() {
    let chain = chain_of(100);
    let (old_dir, new_dir) = (tempfile::tempdir().expect("dir"), tempfile::tempdir().expect("dir"));
    let old = relay(old_dir.path(), &chain).await;
    let (first, second) = (ask(&chain), ask_briefly(&chain));
    chain.expire(second);
    chain.commit();
    for node in 1..=3 {
        let (status, answer) = old.attest(&signed(&chain.request(first), node, "3")).await;
        assert_eq!(status, 200, "{answer}");
    }
    let miner = Miner::start(&chain);
    let (_, view) = old.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    loop {
        if !items(&old, "/v1/history?event=gateway-request-fulfilled").await.is_empty() {
            break;
        }
    }
    drop(miner);

    let new = relay(new_dir.path(), &chain).await;
    for relay in [&old, &new] {
        missing(relay, <[Value]>::is_empty).await;
    }
    let events = items(&old, "/v1/history?limit=100").await;
    let names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    for name in ["gateway-request-opened", "gateway-request-expired", "gateway-request-fulfilled"] {
        assert!(names.contains(&name), "{name} of {names:?}");
    }
    // The same events under the same ids: a stream may resume at another relay.
    for path in ["/v1/history?limit=100", "/v1/requests", "/v1/requests?status=expired", "/v1/results"] {
        assert_eq!(items(&new, path).await, items(&old, path).await, "{path}");
    }
    let (_, statistics) = new.get("/v1/statistics").await;
    let count = |name: &str| statistics[name].as_u64();
    assert_eq!(["requests", "fulfilled", "expired", "open"].map(count), [2, 1, 1, 0].map(Some));
    old.stop().await;
    new.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_fills_it_goes_on_where_it_was() {
    let chain = chain();
    for _ in 0..3 {
        ask(&chain);
        for _ in 0..70 {
            chain.commit();
        }
    }
    // The newest blocks are read in one page of this many.
    let begins = chain.height() - 63;
    let dir = tempfile::tempdir().expect("dir");
    chain.hold_below(begins);
    let first = relay(dir.path(), &chain).await;
    let left =
        missing(&first, |missing| missing[..].iter().any(|gap| gap["to"].as_u64() == Some(begins - 1))).await;
    assert_eq!(left[0]["reason"].as_str(), Some("filling"), "{left:?}");
    drop(first);
    chain.hold_below(0);
    chain.reads();

    let second = relay(dir.path(), &chain).await;
    missing(&second, <[Value]>::is_empty).await;
    let again: Vec<u64> =
        chain.reads().into_iter().filter(|height| (begins..chain.height()).contains(height)).collect();
    assert_eq!(again, [0u64; 0], "blocks read twice");
    let opened = items(&second, "/v1/history?event=gateway-request-opened").await;
    let requests: Vec<_> = opened.iter().filter_map(|e| e["attributes"]["request"].as_str()).collect();
    assert_eq!(requests, ["1", "2", "3"], "each once and in order");
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_and_ended_while_it_was_off_is_found_and_pruned_heights_are_named() {
    let chain = chain_of(100);
    let dir = tempfile::tempdir().expect("dir");
    let first = relay(dir.path(), &chain).await;
    missing(&first, <[Value]>::is_empty).await;
    first.stop().await;

    let request = ask_briefly(&chain);
    chain.expire(request);
    for _ in 0..20 {
        chain.commit();
    }
    let newest = chain.commit();
    chain.prune_below(newest - 5);
    let second = relay(dir.path(), &chain).await;
    let pruned = |missing: &[Value]| missing.iter().any(|gap| gap["reason"].as_str() == Some("pruned"));
    let left = missing(&second, pruned).await;
    assert_eq!((left.len(), left[0]["to"].as_u64()), (1, Some(newest - 6)), "{left:?}");
    // Its events are gone; the request and its end are in the contract's state.
    assert!(items(&second, "/v1/history?request=1").await.is_empty());
    let (_, above) = second.get(&format!("/v1/history?from={}", newest - 5)).await;
    assert_eq!(above["missing"].as_array().map(Vec::len), Some(0), "{above}");
    while items(&second, "/v1/requests?status=expired").await.is_empty() {}
    second.stop().await;
}
