//! kill -9 of relay, global and nodes at moments that seeds name: so many calls to the chain after a request.

use super::work::Work;
use super::{audit, drawn, proxy, seeds, start};

/// Calls to the chain that one request causes, about.
const LIFE: u64 = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_killed_at_any_moment_loses_nothing_and_doubles_nothing() {
    let (mut net, home) = start().await;
    let mut work = Work::new(&net).await;
    for seed in seeds(7) {
        if seed % 2 == 0 {
            work.ask(&net).await;
        } else {
            work.ask_relay(&net).await;
        }
        proxy(&net).after(drawn(seed, 0, LIFE)).await;
        // Each in its turn, so that few seeds reach all of them.
        let daemon = match seed % 7 {
            0 => net.relay_mut(),
            1 => net.global_mut(),
            node => &mut net.nodes_mut()[node as usize - 2],
        };
        daemon.kill().await;
        daemon.start().unwrap();
    }
    work.done(&net).await;
    audit(home.path());
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_killed_at_once_goes_on_where_it_was() {
    let (mut net, home) = start().await;
    let mut work = Work::new(&net).await;
    for seed in seeds(2) {
        work.ask_relay(&net).await;
        work.ask(&net).await;
        proxy(&net).after(drawn(seed, 1, LIFE)).await;
        net.kill_all_daemons().await;
        net.start_all_daemons().await.unwrap();
    }
    work.done(&net).await;
    audit(home.path());
    net.shutdown().await.unwrap();
}
