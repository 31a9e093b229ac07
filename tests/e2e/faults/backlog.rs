//! More open requests than nodes take up at once, each as large as the contract allows: they pile up while no node runs.

use super::work::Work;
use super::{asked, audit, start_with};

/// Requests of each run of the tests; `BACKLOG_REQUESTS` asks for more.
const FEW: u64 = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_of_requests_of_the_greatest_size_is_worked_off_and_each_ends_once() {
    let (mut net, home) = start_with(|config| config.ttl_blocks = 10_000).await;
    let mut work = Work::new(&net).await.with_the_largest_input();
    for node in net.nodes_mut() {
        node.kill().await;
    }
    for _ in 0..asked("BACKLOG_REQUESTS", FEW) {
        work.ask_relay(&net).await;
    }
    work.all_opened(&net).await;
    for node in net.nodes_mut() {
        node.start().unwrap();
    }
    work.done(&net).await;
    audit(home.path());
    net.shutdown().await.unwrap();
}
