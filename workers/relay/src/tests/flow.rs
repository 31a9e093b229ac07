//! From a request to its result, and what is refused along the way.

use gateway_api::{ExecuteMsg, NodeId, OutcomeClass, Overrides, QueryMsg, RequestId};
use gateway_testkit::{DOMAIN, Miner, account};

use super::{API_KEY, ask, chain, database, inputs, node, overrides, publications, relay, signed};
use crate::verify::verify;

#[tokio::test(flavor = "multi_thread")]
async fn a_sponsored_request_is_sent_once_attested_and_published() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);

    assert_eq!(relay.sponsor("a key nobody has", "order-1", "[1,2]").await.0, 401);
    let (status, first) = relay.sponsor(API_KEY, "order-1", "[1,2]").await;
    assert_eq!((status, first["request"].as_u64(), first["status"].as_str()), (201, Some(1), Some("opened")));
    assert_eq!(relay.sponsor(API_KEY, "order-1", "[1,2]").await.1, first, "the same key, the same request");
    let (status, problem) = relay.sponsor(API_KEY, "order-1", "[3]").await;
    assert_eq!((status, problem["field"].as_str()), (409, Some("Idempotency-Key")));
    let (status, second) = relay.sponsor(API_KEY, "order-2", "[1.10, 12345678901234567890123]").await;
    assert_eq!((status, second["request"].as_u64()), (201, Some(2)));

    assert_eq!(inputs(&chain), ["[1,2]", "[1.10, 12345678901234567890123]"], "not a character is changed");
    let (status, problem) = relay.sponsor(API_KEY, "order-3", &format!("\"{}\"", "x".repeat(16_383))).await;
    assert_eq!((status, problem["field"].as_str()), (413, Some("input")));
    let (status, problem) = relay.sponsor(API_KEY, "order-3", "").await;
    assert_eq!(status, 400, "{problem}");

    let more = r#"[4], "overrides": { "committee": 31, "ttl_blocks": 5000 }"#;
    assert_eq!(relay.sponsor(API_KEY, "order-4", more).await.0, 201);
    let asked = Overrides { committee: Some(31), ttl_blocks: Some(5000), ..Overrides::default() };
    assert_eq!(overrides(&chain), [None, None, Some(asked)]);
    let unknown = r#"[4], "overrides": { "price": 0 }"#;
    assert_eq!(relay.sponsor(API_KEY, "order-5", unknown).await.0, 400);

    let request = loop {
        let request = chain.request(RequestId(1));
        if request.draw.is_some() {
            break request;
        }
        relay.get("/v1/requests/1?wait=50ms").await;
    };
    for node in 1..=2 {
        let (status, receipt) = relay.attest(&signed(&request, node, "3")).await;
        assert_eq!((status, receipt["known"].as_bool()), (200, Some(false)), "{receipt}");
    }
    let (_, receipt) = relay.attest(&signed(&request, 2, "3")).await;
    assert_eq!(receipt["known"].as_bool(), Some(true), "sending again is harmless");
    let (status, problem) = relay.attest(&signed(&request, 2, "4")).await;
    assert_eq!((status, problem["type"].as_str()), (409, Some("/problems/equivocation")));
    relay.attest(&signed(&request, 3, "4")).await;

    let (_, view) = relay.get("/v1/requests/1").await;
    let agreement = &view["agreement"];
    assert_eq!(agreement["quorum_seats"].as_u64(), Some(3));
    let reason = agreement["reason"].as_str().expect("reason");
    assert_eq!(reason, "2 seats agree, 3 are needed; there are 2 different outcomes");
    let digests: Vec<_> =
        agreement["attestations"].as_array().expect("list").iter().map(|a| &a["digest"]).collect();
    assert!(digests[0] == digests[1] && digests[1] != digests[2], "who disagrees is shown");
    let difference = serde_json::json!([{ "pointer": "", "sides": [
        { "text": "3", "nodes": [1, 2] }, { "text": "4", "nodes": [3] },
    ]}]);
    assert_eq!(agreement["differences"], difference, "and where");
    assert!(publications(&chain).is_empty(), "nothing is published without a quorum");

    relay.attest(&signed(&request, 4, "3")).await;
    let (status, view) = relay.get("/v1/requests/1?wait=20s").await;
    assert_eq!((status, view["request"]["status"].as_str()), (200, Some("fulfilled")));
    assert_eq!(view["result"]["body"]["inline"]["text"].as_str(), Some("3"));
    let publications = publications(&chain);
    assert_eq!(publications.len(), 1, "published once");
    let nodes: Vec<u32> = publications[0].attestations.iter().map(|a| a.node.0).collect();
    assert_eq!(nodes, [1, 2, 4]);

    let (status, problem) = relay.attest(&signed(&request, 5, "3")).await;
    assert_eq!((status, problem["type"].as_str()), (409, Some("/problems/closed")));
    let (status, receipt) = relay.attest(&signed(&request, 1, "3")).await;
    assert_eq!((status, receipt["known"].as_bool()), (200, Some(true)), "what was taken stays taken");
    let (_, list) = relay.get("/v1/requests?status=fulfilled").await;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    let (_, list) = relay.get("/v1/nodes?limit=2").await;
    assert_eq!((list["items"].as_array().map(Vec::len), list["next"].as_u64()), (Some(2), Some(2)));
    let (_, list) = relay.get("/v1/results").await;
    assert_eq!(list["items"][0]["request"].as_u64(), Some(1));
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_a_problem_that_says_so() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let request = ask(&chain);
    let drawn = loop {
        let seen = chain.request(request);
        if seen.draw.is_some() {
            break seen;
        }
        relay.get("/v1/requests/1?wait=50ms").await;
    };
    let refused = |change: fn(&mut gateway_api::SignedOutcome)| {
        let mut message = signed(&drawn, 1, "3");
        change(&mut message);
        let relay = &relay;
        async move {
            let (status, problem) = relay.attest(&message).await;
            (status, problem["type"].as_str().unwrap_or_default().replace("/problems/", ""))
        }
    };
    assert_eq!(refused(|m| m.request = RequestId(9)).await, (404, "unknown_request".into()));
    assert_eq!(refused(|m| m.attestation.node = 9.into()).await, (404, "unknown_node".into()));
    assert_eq!(refused(|m| m.attestation.node = 2.into()).await, (422, "invalid_proof".into()));
    assert_eq!(refused(|m| m.class = OutcomeClass::JsThrow).await, (422, "invalid_proof".into()));
    assert_eq!(refused(|m| m.body = "x".repeat((1 << 20) + 1)).await, (422, "body_too_large".into()));

    let (status, problem) = relay.get("/v1/requests/9").await;
    assert_eq!((status, problem["detail"].as_str()), (404, Some("there is no request 9")));
    let (status, problem) = relay.get("/v1/requests/1?wait=1d").await;
    assert_eq!((status, problem["field"].as_str()), (400, Some("wait")));
    let (status, problem) = relay.get("/v1/requests?colour=red").await;
    assert_eq!((status, problem["field"].as_str()), (400, Some("colour")));
    assert_eq!(relay.get("/v1/nothing").await.0, 404);
    let post = relay.client.post(format!("{}/v1/transactions", relay.url));
    let answer = post.json(&serde_json::json!({ "tx": "!" })).send().await.expect("answers");
    let problem: serde_json::Value = answer.json().await.expect("json");
    assert_eq!((problem["status"].as_u64(), problem["field"].as_str()), (Some(400), Some("tx")));
    assert_eq!(relay.get("/health").await.0, 200);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_publication_is_tried_again() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    chain.refuse_publications(1, "inactive_node");
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let request = relay.drawn(&chain, ask(&chain)).await.request;
    for node in 1..=3 {
        assert_eq!(relay.attest(&signed(&chain.request(request), node, "3")).await.0, 200);
    }
    let (_, view) = relay.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    assert_eq!(view["refused_publications"].as_u64(), Some(1));
    assert_eq!(view["why"].as_str(), Some("the contract refused the publication: inactive_node"));
    assert_eq!(publications(&chain).len(), 2);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attestation_of_a_node_jailed_since_is_left_out_of_the_publication() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let request = relay.drawn(&chain, ask(&chain)).await;
    for node in 1..=2 {
        assert_eq!(relay.attest(&signed(&request, node, "3")).await.0, 200);
    }
    let evidence = ExecuteMsg::SubmitEvidence(node(1).equivocate(&request));
    chain.send(&account("reporter"), &evidence, 0);
    while relay.get("/v1/nodes?limit=1").await.1["items"][0]["jailed_until"].is_null() {
        relay.get("/v1/requests/1?wait=50ms").await;
    }
    for node in 3..=4 {
        assert_eq!(relay.attest(&signed(&request, node, "3")).await.0, 200);
    }
    let (_, view) = relay.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"].as_str(), Some("fulfilled"), "{view}");
    assert_eq!(view["refused_publications"].as_u64(), Some(0), "{view}");
    let publications = publications(&chain);
    assert_eq!(publications.len(), 1, "published once");
    let nodes: Vec<u32> = publications[0].attestations.iter().map(|a| a.node.0).collect();
    assert_eq!(nodes, [2, 3, 4]);
    relay.stop().await;
}

/// A commit may have succeeded although its caller saw an error: the node sends the same attestation once more.
#[tokio::test(flavor = "multi_thread")]
async fn an_attestation_whose_call_had_no_answer_counts_when_it_is_sent_again() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let request = relay.drawn(&chain, ask(&chain)).await;
    let first = signed(&request, 1, "3");
    let node = chain.ask(&QueryMsg::Node { node: NodeId(1) });
    let draw = request.draw.as_ref().expect("drawn");
    let row = verify(DOMAIN, &request, draw, &node, &first).expect("a valid attestation");
    let store = database(dir.path()).await;
    let work = store.begin().await.expect("begins");
    work.attestations().insert(&[row]).await.expect("stores");
    work.commit().await.expect("commits");

    for outcome in [first, signed(&request, 2, "3"), signed(&request, 3, "3")] {
        let (status, receipt) = relay.attest(&outcome).await;
        assert_eq!(status, 200, "{receipt}");
    }
    let (_, view) = relay.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["result"]["seats"].as_u64(), Some(3), "{view}");
    relay.stop().await;
}
