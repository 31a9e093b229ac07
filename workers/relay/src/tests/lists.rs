//! Several attestations in one call.

use gateway_api::{RequestId, SignedOutcome};
use gateway_testkit::Miner;
use serde_json::{Value, json};

use super::{API_KEY, ask, chain, database, publications, relay, signed};

const PATH: &str = "/v1/attestations";

#[tokio::test(flavor = "multi_thread")]
async fn each_attestation_of_a_list_is_answered_for_itself_and_in_its_place() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let (first, second) = (ask(&chain), ask(&chain));
    let (one, two) = (relay.drawn(&chain, first).await, relay.drawn(&chain, second).await);
    let mut forged = signed(&two, 2, "3");
    forged.attestation.proof = signed(&one, 2, "3").attestation.proof;
    let mut stranger = signed(&one, 3, "3");
    stranger.request = RequestId(99);
    let list = [signed(&one, 1, "3"), forged, stranger, signed(&two, 1, "4"), signed(&one, 1, "3")];

    let (status, answers) = relay.post(PATH, &list).await;
    assert_eq!(status, 200, "{answers}");
    let answers = answers.as_array().expect("a list");
    let receipt = |answer: &Value| (answer["request"].as_u64(), answer["node"].as_u64());
    assert_eq!(receipt(&answers[0]), (Some(first.get()), Some(1)));
    assert_eq!(
        (&answers[1]["type"], &answers[1]["status"]),
        (&json!("/problems/invalid_proof"), &json!(422))
    );
    assert_eq!(
        (&answers[2]["type"], &answers[2]["status"]),
        (&json!("/problems/unknown_request"), &json!(404))
    );
    assert_eq!(receipt(&answers[3]), (Some(second.get()), Some(1)));
    assert_eq!(receipt(&answers[4]), (Some(first.get()), Some(1)), "the same twice is harmless");
    let known = [&answers[0], &answers[4]].map(|answer| answer["known"].as_bool());
    assert!(known.contains(&Some(false)), "one of the two was stored: {known:?}");

    let stored = database(dir.path()).await;
    for request in [first, second] {
        let kept = stored.attestations().of(request).await.expect("reads");
        assert_eq!(kept.iter().map(|row| row.node.get()).collect::<Vec<_>>(), [1], "of request {request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attestations_of_a_list_make_a_quorum() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    assert_eq!(relay.sponsor(API_KEY, "order", "[1,2]").await.0, 201);
    let request = relay.drawn(&chain, RequestId(1)).await;
    let list: Vec<SignedOutcome> = (1..=3).map(|node| signed(&request, node, "3")).collect();
    assert_eq!(relay.post(PATH, &list).await.0, 200);
    let (_, view) = relay.get("/v1/requests/1?wait=20s").await;
    assert_eq!(view["request"]["status"], "fulfilled");
    assert_eq!(publications(&chain).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_list_is_refused_whole_and_the_answer_names_the_field() {
    let dir = tempfile::tempdir().expect("dir");
    let chain = chain();
    let relay = relay(dir.path(), &chain).await;
    let _miner = Miner::start(&chain);
    let request = ask(&chain);
    let drawn = relay.drawn(&chain, request).await;

    let (status, problem) = relay.post(PATH, &json!([])).await;
    assert_eq!((status, &problem["detail"]), (400, &json!("a list has 1 to 32 attestations, not 0")));
    let many = vec![signed(&drawn, 1, "3"); 33];
    let (status, problem) = relay.post(PATH, &many).await;
    assert_eq!((status, &problem["detail"]), (400, &json!("a list has 1 to 32 attestations, not 33")));
    let mut wrong = json!([signed(&drawn, 1, "3"), signed(&drawn, 2, "3")]);
    wrong[1]["attestation"]["node"] = json!("two");
    let (status, problem) = relay.post(PATH, &wrong).await;
    assert_eq!((status, &problem["field"]), (400, &json!("[1].attestation.node")), "{problem}");
    let (status, problem) = relay.post(PATH, &json!("text")).await;
    assert_eq!(status, 400);
    assert!(
        problem["detail"].as_str().is_some_and(|detail| detail.contains("or a list of them")),
        "{problem}"
    );

    let kept = database(dir.path()).await.attestations().of(request).await.expect("reads");
    assert!(kept.is_empty(), "nothing of a refused list is stored");
    assert_eq!(
        relay.post(PATH, &[&many[0]]).await.1[0]["known"],
        false,
        "nothing was wrong with the attestation"
    );
}
