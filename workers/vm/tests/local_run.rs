//! Trying code out as several nodes would run it: agreement, and where results differ.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use common::{config, job};
use gateway_engine::local_run::{LocalRun, local_run};
use gateway_engine::{Engine, FetchConfig, RunOptions};

#[tokio::test]
async fn nodes_agree_or_the_difference_is_shown() {
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
    let report = local_run(&engine, run.clone()).await;
    assert!(report.agreed().is_none());
    assert_eq!((report.groups.len(), report.abstained.len()), (3, 0));
    assert_eq!(report.differences.len(), 1);
    assert_eq!(report.differences[0].path, "data.usd");

    // On one recording they agree.
    let replay = Some(report.nodes[0].recorded.transcript.clone());
    let again = LocalRun { options: RunOptions { replay, ..RunOptions::default() }, ..run.clone() };
    let report = local_run(&engine, again).await;
    assert_eq!(report.agreed().unwrap().nodes, [0, 1, 2]);

    // A bad status of the other side is an outcome that all share; no answer is an abstention of all.
    let options = RunOptions { fail: Some((429, 1)), ..RunOptions::default() };
    let report = local_run(&engine, LocalRun { options, ..run.clone() }).await;
    assert_eq!(report.agreed().unwrap().class, "http_status");
    let options = RunOptions { time_out: 1, ..RunOptions::default() };
    let report = local_run(&engine, LocalRun { options, ..run }).await;
    assert_eq!(report.abstained, [0, 1, 2]);
    engine.shutdown().await;
}
