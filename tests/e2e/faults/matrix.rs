//! Each fault of a chain's RPC, with several seeds: requests come in meanwhile, the fault ends, and everything is as it should be.

use std::time::Duration;

use gateway_localnet::Fault;

use super::work::Work;
use super::{audit, proxy, seeds, start};

/// The faults, and how many of a hundred calls each strikes.
const FAULTS: [(Fault, u64); 8] = [
    (Fault::Drop, 40),
    (Fault::LoseAnswer, 40),
    (Fault::Delay(Duration::from_millis(700)), 50),
    (Fault::SendTwice, 100),
    (Fault::BadGateway, 40),
    (Fault::NoState, 50),
    (Fault::Stale, 50),
    (Fault::CutWebsockets, 100),
];

/// Lets the faults strike, one after the other, while users and the relay's clients ask.
async fn suffer(faults: &[(Fault, u64)]) {
    let (net, home) = start().await;
    let mut work = Work::new(&net).await;
    for (fault, share) in faults {
        for seed in seeds(1) {
            let struck = proxy(&net).struck();
            proxy(&net).set(*fault, *share, seed);
            work.ask_relay(&net).await;
            work.ask(&net).await;
            work.ask_relay(&net).await;
            net.until(&format!("{fault:?} to strike"), || async {
                Ok((proxy(&net).struck() >= struck + 3).then_some(()))
            })
            .await
            .unwrap();
            proxy(&net).clear();
        }
        net.check().unwrap();
        work.done(&net).await;
    }
    audit(home.path());
    net.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_break_or_are_late_cost_no_request_and_double_none() {
    suffer(&FAULTS[..4]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_unwell_or_lies_about_its_height_costs_no_request_and_doubles_none() {
    suffer(&FAULTS[4..]).await;
}
