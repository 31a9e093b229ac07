//! Where nobody answers, the requester gets the money back without doing anything.

use gateway_api::RequestStatus;
use gateway_localnet::example;
use serde_json::json;

use crate::network::start_with;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_answers_the_requester_is_refunded() {
    let (mut net, _home) = start_with(|config| config.ttl_blocks = 12).await;
    let project = net.register(&example::addition()).await.unwrap();
    for node in net.nodes_mut() {
        node.kill().await;
    }
    let before = net.balance_of_user().await.unwrap();
    let ticket = net.request(project, &json!({"a": 1, "b": 1})).await.unwrap();
    let after = net.balance_of_user().await.unwrap();
    assert!(after < before, "the fee is reserved");
    net.until_status(&ticket, RequestStatus::Expired).await.unwrap();
    let refunded = net.balance_of_user().await.unwrap();
    assert_eq!(refunded - after, ticket.fee, "the whole fee comes back");
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}
