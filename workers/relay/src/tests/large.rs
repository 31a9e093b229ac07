//! Results too large for the chain: published by their hash, kept, and served.

use gateway_api::{Body, RequestId, limits};
use gateway_protocol::body_digest;
use gateway_testkit::{Miner, TestChain};

use super::{Running, ask, chain, publications, relay, signed};

/// Returns the answer's status, ETag and text.
async fn body(relay: &Running, request: RequestId, known: Option<&str>) -> (u16, Option<String>, String) {
    let mut call = relay.client.get(format!("{}/v1/results/{request}/body", relay.url));
    if let Some(known) = known {
        call = call.header("If-None-Match", known);
    }
    let answer = call.send().await.expect("answers");
    let header =
        |name: &str| answer.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
    let status = answer.status().as_u16();
    if status == 200 {
        assert_eq!(header("content-type").as_deref(), Some("application/json"));
        assert!(header("cache-control").expect("says").contains("immutable"));
    }
    (status, header("etag"), answer.text().await.expect("text"))
}

/// Has three nodes attest a text and one node another; returns what was published.
async fn published(relay: &Running, chain: &TestChain, text: &str) -> (RequestId, Body) {
    let request = ask(chain);
    let drawn = loop {
        let seen = chain.request(request);
        if seen.draw.is_some() {
            break seen;
        }
        relay.get("/v1/nodes").await;
    };
    let other = text.replace('x', "y");
    for (node, text) in [(1, other.as_str()), (2, text), (3, text), (4, text)] {
        let (status, answer) = relay.attest(&signed(&drawn, node, text)).await;
        assert_eq!(status, 200, "{answer}");
    }
    let (_, view) = relay.get(&format!("/v1/requests/{request}?wait=20s")).await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    let publication = publications(chain).into_iter().find(|publication| publication.request == request);
    (request, publication.expect("published").body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_result_is_published_by_its_hash_and_its_body_is_kept() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let first = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    // Every character but the first and last takes two more bytes in transit, as JSON within JSON.
    let escaped = |bytes: usize| format!("\"x{}\"", "\\\"".repeat((bytes - 4) / 2));
    let texts = [
        format!("\"{}\"", "x".repeat(4094)),
        format!("\"{}\"", "x".repeat(4095)),
        escaped(limits::MAX_INLINE_RESULT_BYTES as usize + 11),
        escaped(limits::MAX_RESULT_BYTES as usize),
    ];
    let mut requests = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let (request, body) = published(&first, &chain, text).await;
        let digest = body_digest(text);
        let hashed = Body::Hashed { sha256: digest.sha256, size: digest.size };
        let expected = if at == 0 { Body::Inline { text: text.clone() } } else { hashed };
        assert_eq!(body, expected, "{at}");
        requests.push(request);
    }
    first.stop().await;

    let second = relay(dir.path(), &chain).await;
    for (request, text) in requests.into_iter().zip(texts) {
        let etag = format!("\"{}\"", body_digest(&text).sha256);
        assert!(body(&second, request, None).await == (200, Some(etag.clone()), text), "request {request}");
        assert_eq!(body(&second, request, Some("\"other\"")).await.0, 200);
        let (status, again, nothing) = body(&second, request, Some(&format!("\"other\", {etag}"))).await;
        assert_eq!((status, again, nothing.as_str()), (304, Some(etag), ""));
    }
    assert_eq!(body(&second, RequestId(99), None).await.0, 404);
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_without_the_body_answers_404() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let first = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let text = format!("\"{}\"", "x".repeat(5000));
    let (request, _) = published(&first, &chain, &text).await;
    first.stop().await;
    let elsewhere = tempfile::tempdir().expect("dir");
    let second = relay(elsewhere.path(), &chain).await;
    let (status, _, problem) = body(&second, request, None).await;
    assert_eq!(status, 404);
    assert!(problem.contains(&body_digest(&text).sha256.to_string()), "{problem}");
    second.stop().await;
}
