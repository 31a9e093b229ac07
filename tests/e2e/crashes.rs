//! Killing processes at bad moments loses nothing and doubles nothing.

use gateway_api::RequestStatus;
use gateway_localnet::example;
use serde_json::json;

use crate::network::start;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_five_nodes_are_killed_and_the_request_still_ends() {
    let (mut net, _home) = start().await;
    let project = net.register(&example::addition()).await.unwrap();
    for node in net.nodes_mut().iter_mut().take(2) {
        node.kill().await;
    }
    let ticket = net.request(project, &json!({"a": 20, "b": 22})).await.unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!(reading.value(), json!(42));
    assert_eq!(reading.agreed_nodes, 3);
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_killed_between_queueing_and_publishing_finishes_after_its_restart() {
    let (mut net, _home) = start().await;
    // Only the devchain can refuse transactions on demand.
    if net.chain().devchain().is_none() {
        return net.shutdown().await.unwrap();
    }
    let project = net.register(&example::addition()).await.unwrap();
    net.pause_nodes().await;
    let ticket = net.request(project, &json!({"a": 1, "b": 2})).await.unwrap();
    net.until_drawn(&ticket).await.unwrap();
    // With the chain refusing broadcasts the relay can collect and queue, and not publish.
    net.chain().devchain().unwrap().faults().refuse_broadcasts(u32::MAX);
    net.resume_nodes().await.unwrap();
    net.until_relay_has_queued(&ticket).await.unwrap();
    net.relay_mut().kill().await;
    assert_eq!(net.status(&ticket).await.unwrap(), RequestStatus::Drawn);
    net.chain().devchain().unwrap().faults().refuse_broadcasts(0);
    net.start_relay().await.unwrap();
    let reading = net.result(&ticket).await.unwrap();
    assert_eq!(reading.value(), json!(3));
    assert_eq!(net.times_published(&ticket).await.unwrap(), 1);
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_opened_while_every_daemon_is_down_is_answered_after_their_start() {
    let (mut net, _home) = start().await;
    let project = net.register(&example::addition()).await.unwrap();
    net.kill_all_daemons().await;
    let ticket = net.request(project, &json!({"a": 2, "b": 2})).await.unwrap();
    net.start_all_daemons().await.unwrap();
    assert_eq!(net.result(&ticket).await.unwrap().value(), json!(4));
    net.shutdown().await.unwrap();
}
