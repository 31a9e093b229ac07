//! Sources out of reach that code meets in other ways than by `fetchJson`: none of them may become an outcome that nodes agree on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;
use common::{abstention, config, job};
use gateway_engine::{Abstention, Engine, FetchConfig, Job};

const PAGE: &str = "<!DOCTYPE html><title>Just a moment";

async fn bench() -> (Engine, String) {
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(8)).await;
        "\"slow\""
    };
    let app = Router::new()
        .route("/price", get(|| async { "{\"price\": 9007199254740993, \"usd\": 1.5}" }))
        .route("/slow", get(slow))
        .route("/wall", get(|| async { ([(header::CONTENT_TYPE, "text/html")], PAGE) }))
        .route("/missing", get(|| async { (StatusCode::NOT_FOUND, "{}") }))
        .route("/busy", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route("/code1020", get(|| async { (StatusCode::FORBIDDEN, "error code: 1020") }))
        .route("/silent403", get(|| async { StatusCode::FORBIDDEN }))
        .route("/forbidden", get(|| async { (StatusCode::FORBIDDEN, "{\"error\": \"no\"}") }))
        .route("/accepted", get(|| async { StatusCode::ACCEPTED }))
        .route("/nothing", get(|| async { StatusCode::NO_CONTENT }))
        .route("/moved", get(|| async { axum::response::Redirect::permanent("/price") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut config = config();
    config.fetch = FetchConfig { allow_http_loopback: true, jitter_ms: 0, ..FetchConfig::default() };
    (Engine::start(config).await.unwrap(), base)
}

const MANIFEST: &str = r#"/* gateway-manifest {"hosts": ["localhost"]} */"#;

fn job_of(base: &str, body: &str) -> Job {
    job(&format!("{MANIFEST} export default async (base) => {{ {body} }}"), &format!("\"{base}\""))
}

/// Runs each body, which must end without an outcome, for this reason and with this in its text.
async fn abstain(cases: &[(&str, Abstention, &str)]) {
    let (engine, base) = bench().await;
    for (body, reason, says) in cases {
        let (got, text) = abstention(&engine, job_of(&base, body)).await;
        assert_eq!(got, *reason, "{body}: {text}");
        assert!(text.contains(says), "{body}: {text}");
    }
    engine.shutdown().await;
}

/// Runs each body, which must end with this class and with this in its body.
async fn conclude(cases: &[(&str, &str, &str)]) {
    let (engine, base) = bench().await;
    for (body, class, says) in cases {
        let run = engine.run(job_of(&base, body)).await.unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(run.class.as_str(), *class, "{body}: {}", run.body);
        assert!(run.body.contains(says), "{body}: {}", run.body);
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn mirrors_that_are_all_out_of_reach_are_no_outcome() {
    let nested = "return Promise.any([Promise.any([gateway.fetchJson(base + '/wall')]), fetch('http://localhost:1/')])";
    abstain(&[
        (
            "return Promise.any(['/busy', '/wall'].map((at) => gateway.fetchJson(base + at)))",
            Abstention::Source,
            "http_status 503",
        ),
        (
            "return Promise.any([fetch('http://localhost:1/'), fetch('http://localhost:2/')])",
            Abstention::Network,
            "localhost:2",
        ),
        (nested, Abstention::Source, "is not JSON"),
    ])
    .await;
    // One of them has answered: the answer counts. An error of the code's own among them is the code's.
    conclude(&[
        ("return Promise.any([gateway.fetchJson(base + '/busy'), gateway.fetchJson(base + '/missing')])", "js_throw", "AggregateError"),
        ("const e = new AggregateError([]); e.errors = [e]; throw e", "js_throw", "AggregateError"),
        ("throw new AggregateError([])", "js_throw", "AggregateError"),
    ])
    .await;
}

#[tokio::test]
async fn an_uncaught_time_out_by_a_signal_is_the_networks() {
    abstain(&[
        ("await fetch(base + '/slow', { signal: AbortSignal.timeout(200) })", Abstention::Network, "/slow: no response before"),
        (
            "const c = new AbortController(); setTimeout(() => c.abort(), 200); await fetch(base + '/slow', { signal: c.signal })",
            Abstention::Network,
            "no response before",
        ),
        (
            "const c = new AbortController(); setTimeout(() => c.abort(new Error('own')), 200); \
             await fetch(base + '/slow', { signal: AbortSignal.any([c.signal]) })",
            Abstention::Network,
            "no response before",
        ),
    ])
    .await;
    conclude(&[
        // The code did not wait.
        (
            "const c = new AbortController(); const p = fetch(base + '/slow', { signal: c.signal }); c.abort(); await p",
            "js_throw",
            "AbortError",
        ),
        ("await fetch(base + '/price', { signal: AbortSignal.abort() })", "js_throw", "AbortError"),
        (
            "try { await fetch(base + '/slow', { signal: AbortSignal.timeout(200) }) } catch (e) { return e.name }",
            "ok",
            "TimeoutError",
        ),
    ])
    .await;
}

#[tokio::test]
async fn another_try_needs_a_fetch_that_is_left() {
    abstain(&[(
        "for (let i = 0; i < 7; i++) await fetch(base + '/price'); await fetch('http://localhost:1/', { retry: { times: 3, delay: 1 } })",
        Abstention::Network,
        "http://localhost:1/",
    )])
    .await;
    conclude(&[(
        "const { status } = await fetch(base + '/busy', { retry: { times: 20, delay: 1, factor: 1 } }); return status",
        "ok",
        "503",
    )])
    .await;
}
