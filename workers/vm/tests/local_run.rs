//! Trying code out as several nodes would run it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use common::{config, job};
use gateway_engine::local_run::{LocalRun, NodeRun, local_run};
use gateway_engine::{Engine, FetchConfig, OutcomeClass, RunOptions};

#[tokio::test]
async fn each_node_sees_the_web_at_its_own_moment_and_a_recording_alike() {
    let visits = Arc::new(AtomicU64::new(0));
    let app = Router::new().route(
        "/price",
        get(move || {
            let visit = visits.fetch_add(1, Ordering::Relaxed);
            async move { format!("{{\"usd\": {}, \"name\": \"tea\"}}", 100 + visit) }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut config = config();
    config.fetch = FetchConfig { allow_http_loopback: true, jitter_ms: 0, ..FetchConfig::default() };
    config.fetch.resolve.insert("localhost".to_owned(), vec!["127.0.0.1".parse().unwrap()]);
    let engine = Engine::start(config).await.unwrap();
    let code = "/* gateway-manifest {\"hosts\": [\"localhost\"]} */ export default async (base) => \
                ({ data: await gateway.fetchJson(base + '/price') })";
    let run = LocalRun {
        job: job(code, &format!("\"{base}\"")),
        nodes: 3,
        skew: Duration::ZERO,
        options: RunOptions::default(),
    };
    let bodies = |nodes: &[NodeRun]| -> Vec<String> {
        nodes.iter().filter_map(|node| Some(node.recorded.result.as_ref().ok()?.body.clone())).collect()
    };
    let nodes = local_run(&engine, run.clone()).await;
    let mut seen = bodies(&nodes);
    seen.sort();
    let price = |usd: u32| format!("{{\"data\":{{\"name\":\"tea\",\"usd\":{usd}}}}}");
    assert_eq!(seen, [price(100), price(101), price(102)]);

    // On one recording they agree.
    let replay = Some(nodes[0].recorded.transcript.clone());
    let again = LocalRun { options: RunOptions { replay, ..RunOptions::default() }, ..run.clone() };
    assert_eq!(bodies(&local_run(&engine, again).await), vec![bodies(&nodes)[0].clone(); 3]);

    // A bad status of the other side is an outcome that all share; no answer is an abstention of all.
    let options = RunOptions { fail: Some((404, 1)), ..RunOptions::default() };
    let nodes = local_run(&engine, LocalRun { options, ..run.clone() }).await;
    assert!(nodes.iter().all(|n| n.recorded.result.as_ref().unwrap().class == OutcomeClass::HttpStatus));
    let options = RunOptions { time_out: 1, ..RunOptions::default() };
    assert!(bodies(&local_run(&engine, LocalRun { options, ..run }).await).is_empty());
    engine.shutdown().await;
}
