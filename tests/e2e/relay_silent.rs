//! Without a relay the nodes' own transactions are enough.

use gateway_api::OutcomeClass;
use gateway_localnet::{DevAccount, example};
use serde_json::json;

use crate::network::start;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_the_relay_dead_the_nodes_bring_the_result_themselves() {
    let (mut net, _home) = start().await;
    let project = net.register(&example::addition()).await.unwrap();
    net.relay_mut().kill().await;
    let ticket = net.request(project, &json!({"a": 19, "b": 23})).await.unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!((reading.class, reading.value()), (OutcomeClass::Ok, json!(42)));
    assert!(reading.seats >= reading.quorum_seats && reading.agreed_nodes >= 3, "{reading:?}");
    let accounts = (1..=5).map(|i| DevAccount::named(&format!("node-{i}")).unwrap().address().to_owned());
    let publisher = &reading.record.publisher;
    assert!(accounts.into_iter().any(|account| account == *publisher), "{publisher} is no node's account");

    // The relay that comes back has nothing left to do, and does nothing twice.
    net.start_relay().await.unwrap();
    let next = net.request(project, &json!({"a": 1, "b": 1})).await.unwrap();
    assert_eq!(net.result(&next).await.unwrap().value(), json!(2));
    assert_eq!(net.times_published(&ticket).await.unwrap(), 1);
    assert_eq!(net.times_published(&next).await.unwrap(), 1);
    net.check_ledger().await.unwrap();
    net.shutdown().await.unwrap();
}
