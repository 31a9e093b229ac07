//! The relay's explanation of a request: why there is no result, what happened at which height, and events that resume.

use gateway_api::{AbstentionReason, NodeId, OutcomeClass, RequestId};
use gateway_protocol::sign_abstention;
use gateway_testkit::{DOMAIN, Miner};

use super::{API_KEY, ask, chain, database, node, relay, signed};
use crate::RequestView;

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_can_answer_says_why() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let request = relay.drawn(&chain, ask(&chain)).await.request;
    for number in 1..=4 {
        let (reason, detail) = (AbstentionReason::CodeNotFound, "no source has it".to_owned());
        let signed =
            sign_abstention(&DOMAIN, &node(number).key(), NodeId(number.into()), request, reason, detail);
        let (status, receipt) = relay.post("/v1/abstentions", &signed).await;
        assert_eq!((status, receipt["node"].as_u64()), (200, Some(number.into())), "{receipt}");
    }
    let reason = AbstentionReason::SecretMissing;
    let forged = sign_abstention(&DOMAIN, &node(1).key(), NodeId(5), request, reason, String::new());
    assert_eq!(relay.post("/v1/abstentions", &forged).await.0, 422, "signed by another node's key");

    let (_, view) = relay.get("/v1/requests/1").await;
    let text = view["agreement"]["reason"].as_str().expect("reason");
    assert_eq!(text, "no attestation has arrived yet; 4 of 5 nodes could not load the code");
    assert_eq!(view["agreement"]["abstentions"][3]["detail"].as_str(), Some("no source has it"));

    // A node that attests after all is no longer counted as unable.
    relay.attest(&signed(&chain.request(request), 4, "3")).await;
    let (_, explanation) = relay.get("/v1/requests/1/explanation").await;
    let summary = explanation["summary"].as_str().expect("summary");
    assert!(summary.contains("1 seats agree, 3 are needed"), "{summary}");
    assert!(summary.contains("3 of 5 nodes could not load the code"), "{summary}");
    let steps: Vec<&str> = explanation["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter_map(|step| step["step"].as_str())
        .collect();
    assert_eq!(steps, ["opened", "drawn"]);
    assert_eq!(explanation["steps"][0]["height"].as_u64(), Some(chain.request(request).height));
    assert!(
        explanation["next"].as_str().expect("next").contains("Attempt 1 begins at height"),
        "{explanation}"
    );
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agreed_error_says_its_text_and_the_attempt_that_counted() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let request = relay.drawn(&chain, ask(&chain)).await.request;
    let thrown = r#"{"message":"Error: no such coin"}"#;
    for number in 1..=4 {
        relay.attest(&node(number).sign_as(OutcomeClass::JsThrow, &chain.request(request), thrown)).await;
    }
    let ended = loop {
        let (_, view) = relay.get("/v1/requests/1?wait=1s").await;
        if view["result"].is_object() {
            break view;
        }
    };
    let (_, explanation) = relay.get("/v1/requests/1/explanation").await;
    let summary = explanation["summary"].as_str().expect("summary");
    assert!(summary.contains("class js_throw") && summary.contains("no such coin"), "{summary}");
    relay.stop().await;

    // Later attempts begin, and change nothing about the decision.
    let store = database(dir.path()).await;
    let row = store.requests().get(request).await.expect("reads").expect("a request");
    let result = store.results().get(request).await.expect("reads");
    let votes = store.attestations().of(request).await.expect("reads");
    let view = RequestView::new(row, result, &votes, &[], 5, u64::MAX);
    let attempt = view.agreement.map(|agreement| u64::from(agreement.attempt));
    assert_eq!(attempt, ended["result"]["attempt"].as_u64());
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_a_sponsored_request_waits_for_its_end() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let post = relay
        .client
        .post(format!("{}/v1/requests?wait=20s", relay.url))
        .bearer_auth(API_KEY)
        .header("Idempotency-Key", "order-1")
        .json(&serde_json::json!({ "project": 1, "input": [1] }));
    let waiting = tokio::spawn(post.send());
    let request = loop {
        let (status, view) = relay.get("/v1/requests/1").await;
        if status == 200 && view["request"]["draw"].is_object() {
            break chain.request(RequestId(1));
        }
    };
    for node in 1..=3 {
        relay.attest(&signed(&request, node, "3")).await;
    }
    let answer = waiting.await.expect("no panic").expect("answers");
    let explanation: serde_json::Value = answer.json().await.expect("json");
    assert_eq!(
        (explanation["request"].as_u64(), explanation["status"].as_str()),
        (Some(1), Some("fulfilled"))
    );
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_events_resumes_after_the_last_one_received() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    for _ in 0..3 {
        ask(&chain);
    }
    let read = async |path: &str, last: Option<&str>, events: usize| {
        let mut get = relay.client.get(format!("{}{path}", relay.url));
        if let Some(last) = last {
            get = get.header("Last-Event-ID", last);
        }
        let mut answer = get.send().await.expect("answers");
        let mut text = String::new();
        while text.matches("\n\n").count() < events {
            text.push_str(&String::from_utf8_lossy(&answer.chunk().await.expect("reads").expect("more")));
        }
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let data = data.map(|json| serde_json::from_str(json).expect("json"));
        data.take(events).collect::<Vec<serde_json::Value>>()
    };
    let opened = "/v1/events?event=gateway-request-opened&after=0";
    let all = read(opened, None, 3).await;
    let requests: Vec<_> =
        all.iter().map(|event| event["attributes"]["request"].as_str().expect("id")).collect();
    assert_eq!(requests, ["1", "2", "3"]);
    let first = all[0]["id"].to_string();
    assert_eq!(read(opened, Some(&first), 2).await, all[1..], "neither missed nor sent twice");
    assert_eq!(
        read("/v1/events?request=2&after=0", None, 1).await[0]["attributes"]["request"].as_str(),
        Some("2")
    );
    assert_eq!(relay.get("/v1/events?colour=red").await.0, 400, "a filter that does not exist is refused");
    relay.stop().await;
}
