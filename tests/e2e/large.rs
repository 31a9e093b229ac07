//! A result too large for the chain: the chain has its hash, the relay its body, and the consumer verifies it.

use gateway_api::{Body, OutcomeClass};
use gateway_localnet::Project;
use gateway_protocol::body_digest;
use serde_json::{Value, json};

use crate::network::start;

const CODE: &str = "export default async function (input) {\n  return { word: input.word, text: 'x'.repeat(input.length) };\n}\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_of_20_kib_is_agreed_by_its_hash_and_fetched_from_the_relay() {
    let (net, _home) = start().await;
    let project =
        Project::new("repeater", "Repeats.", CODE).with_policy(|policy| policy.max_result_bytes = 64 << 10);
    let project = net.register(&project).await.unwrap();
    let input = json!({ "word": "so", "length": 20 << 10 });
    let ticket = net.request_by_contract(project, &input).await.unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!(reading.class, OutcomeClass::Ok);
    assert!(reading.seats >= reading.quorum_seats && reading.agreed_nodes >= 3, "{reading:?}");
    let Body::Hashed { sha256, size } = reading.record.body else { panic!("{:?}", reading.record.body) };
    assert!(size > 20 << 10, "{size}");
    let resolution = net.consumer_resolution(&ticket).await.unwrap();
    let hashed = json!({ "hashed": { "sha256": sha256, "size": size } });
    assert_eq!(resolution.pointer("/fulfilled/body"), Some(&hashed), "the callback brought the hash");

    // The relay may see the result's block a moment later than this test.
    let text = net.until("the relay to serve the body", || net.body_from_relay(&ticket)).await.unwrap();
    let digest = body_digest(&text);
    assert_eq!((digest.sha256, digest.size), (sha256, size));
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["word"], "so");
    assert_eq!(value["text"].as_str().map(str::len), Some(20 << 10));

    // A small one of the same project is on the chain whole.
    let ticket = net.request(project, &json!({ "word": "no", "length": 3 })).await.unwrap();
    assert_eq!(net.result(&ticket).await.unwrap().value(), json!({ "word": "no", "text": "xxx" }));
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}
