//! Time-outs, back-off and sources out of reach: what code makes of them, and that a recording replays to the same bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use common::{abstention, config, job};
use gateway_engine::{Abstention, Engine, FetchConfig, Job, RunOptions};

async fn bench() -> (Engine, String) {
    let asked = Arc::new(AtomicU32::new(0));
    let started = Instant::now();
    let app = Router::new()
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_secs(8)).await;
                "\"slow\""
            }),
        )
        .route(
            "/after/{ms}",
            get(|axum::extract::Path(ms): axum::extract::Path<u64>| async move {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                ms.to_string()
            }),
        )
        .route("/backup", get(|| async { "\"backup\"" }))
        .route(
            "/limited",
            get(move || async move {
                let waited = started.elapsed() > Duration::from_millis(700);
                if waited {
                    "\"price\"".into_response()
                } else {
                    StatusCode::TOO_MANY_REQUESTS.into_response()
                }
            }),
        )
        .route(
            "/twice",
            get(move || async move {
                match asked.fetch_add(1, Ordering::Relaxed) {
                    0 | 1 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                    _ => "\"third\"".into_response(),
                }
            }),
        )
        .route(
            "/wall",
            get(|| async { ([(header::CONTENT_TYPE, "text/html")], "<!DOCTYPE html><title>Just a moment") }),
        )
        .route("/busy", get(|| async { StatusCode::TOO_MANY_REQUESTS }))
        .route("/wall403", get(|| async { (StatusCode::FORBIDDEN, "<!DOCTYPE html>") }))
        .route("/gone", get(|| async { (StatusCode::NOT_FOUND, "<!DOCTYPE html>") }))
        .route("/odd", get(|| async { (StatusCode::from_u16(799).unwrap(), "odd") }))
        .route("/empty", get(|| async { "" }))
        .route("/nowhere", get(|| async { StatusCode::FOUND }))
        .route(
            "/links",
            get(|| async {
                let links = [(header::LINK, "</1>; rel=self"), (header::LINK, "</2>; rel=next")];
                axum::response::AppendHeaders(links)
            }),
        );
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

/// A fallback after a slow first source, in every spelling that people use.
const FALLBACKS: &[&str] = &[
    "try { return await (await fetch(base + '/slow', { signal: AbortSignal.timeout(300) })).json() } catch (e) { return [e.name, await (await fetch(base + '/backup')).json(), Date.now() % 100000] }",
    "const c = new AbortController(); setTimeout(() => c.abort(), 300); \
     try { return await (await fetch(base + '/slow', { signal: c.signal })).json() } catch (e) { return [e.name, await (await fetch(base + '/backup')).json()] }",
    "const late = new Promise((_, no) => setTimeout(() => no(new Error('late')), 300)); \
     try { return await (await Promise.race([fetch(base + '/slow'), late])).json() } catch (e) { return [e.message, await (await fetch(base + '/backup')).json()] }",
    "try { return await (await fetch(base + '/slow', { timeout: 300 })).json() } catch (e) { return [e.message, await (await fetch(base + '/backup')).json()] }",
];

#[tokio::test]
async fn a_fallback_gets_its_turn_and_the_recording_replays_to_it() {
    let (engine, base) = bench().await;
    for (code, expected) in FALLBACKS.iter().zip([
        r#"["TimeoutError","backup",423]"#,
        r#"["AbortError","backup"]"#,
        r#"["late","backup"]"#,
        r#"["no response within 300 ms","backup"]"#,
    ]) {
        let first = engine.run_with(job_of(&base, code), RunOptions::default()).await;
        let run = first.result.unwrap();
        assert!(run.usage.wall_us < 5_000_000, "{code}: the slow source was waited for");
        if expected.contains("423") {
            assert!(run.body.starts_with(r#"["TimeoutError","backup","#), "{}", run.body);
        } else {
            assert_eq!(run.body, expected, "{code}");
        }
        let replay = RunOptions { replay: Some(first.transcript.clone()), ..RunOptions::default() };
        let again = engine.run_with(job_of(&base, code), replay).await;
        assert_eq!(again.result.unwrap().body, run.body, "{code}");
        assert_eq!(again.transcript, first.transcript, "{code}");
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn a_slow_source_keeps_no_faster_one_from_the_code() {
    let (engine, base) = bench().await;
    let code = "const sleep = (ms) => new Promise((r) => setTimeout(r, ms, 'late')); \
                return Promise.all([3000, 50, 1200, 100].map((ms) => \
                Promise.race([fetch(`${base}/after/${ms}`).then((r) => r.text()), sleep(700)])))";
    let first = engine.run_with(job_of(&base, code), RunOptions::default()).await;
    let run = first.result.unwrap();
    assert_eq!(run.body, r#"["late","50","late","100"]"#);
    assert!(run.usage.wall_us < 2_500_000, "the slow source was waited for");
    let replay = RunOptions { replay: Some(first.transcript.clone()), ..RunOptions::default() };
    let again = engine.run_with(job_of(&base, code), replay).await;
    assert_eq!(again.result.unwrap().body, run.body);
    assert_eq!(again.transcript, first.transcript);
    engine.shutdown().await;
}

#[tokio::test]
async fn requests_wait_for_the_pauses_before_them_and_are_tried_again() {
    let (engine, base) = bench().await;
    let pause = "for (let i = 0; i < 4; i++) { const r = await fetch(base + '/limited'); if (r.ok) return r.json(); \
                 await new Promise((r) => setTimeout(r, 400 * 2 ** i)) } return 'never'";
    assert_eq!(engine.run(job_of(&base, pause)).await.unwrap().body, "\"price\"");
    let retry = "return gateway.fetchJson(base + '/twice', { retry: { times: 2, delay: 10 } })";
    let run = engine.run(job_of(&base, retry)).await.unwrap();
    assert_eq!((run.body.as_str(), run.usage.fetches), ("\"third\"", 3));
    let long =
        "await new Promise((r) => setTimeout(r, 3600000)); return (await fetch(base + '/backup')).status";
    let run = engine.run(job_of(&base, long)).await.unwrap();
    assert!(run.body.contains("the code pauses 3600000 ms before this request"), "{}", run.body);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_source_out_of_reach_is_no_outcome_of_the_code() {
    let (engine, base) = bench().await;
    for (body, text) in [
        ("return gateway.fetchJson(base + '/wall')", "is not JSON"),
        ("return (await fetch(base + '/wall')).json()", "is not JSON"),
        ("return gateway.fetchJson(base + '/wall403')", "http_status 403 from"),
        ("return gateway.fetchJson(base + '/busy')", "http_status 429 from"),
        ("return gateway.fetchJson(base + '/gone', { unavailable: [404] })", "http_status 404 from"),
        ("throw new gateway.SourceError('stale')", "stale"),
    ] {
        let (reason, said) = abstention(&engine, job_of(&base, body)).await;
        assert!(reason == Abstention::Source && said.contains(text), "{body}: {said}");
        assert!(reason.is_retryable());
    }
    let transform = format!(
        "{MANIFEST} export const transform = (r) => ({{ body: r.json() }}); export default async (base) => (await fetch(base + '/wall')).status"
    );
    assert_eq!(abstention(&engine, job(&transform, &format!("\"{base}\""))).await.0, Abstention::Source);
    for (body, class, text) in [
        ("return gateway.fetchJson(base + '/gone')", "http_status", "status 404 from"),
        ("return gateway.fetchJson(base + '/odd')", "http_status", "status 799 from"),
        ("return gateway.fetchJson(base + '/empty')", "http_status", "with an empty body"),
        (
            "return gateway.fetchJson(base + '/wall403', { outcomes: [403] })",
            "http_status",
            "status 403 from",
        ),
        ("return (await fetch(base + '/odd')).status", "ok", "799"),
        ("return (await fetch(base + '/links')).headers.get('link')", "ok", "</1>; rel=self, </2>; rel=next"),
        (
            "try { return await gateway.fetchJson(base + '/wall') } catch (e) { return e.name }",
            "ok",
            "SyntaxError",
        ),
    ] {
        let run = engine.run(job_of(&base, body)).await.unwrap();
        assert_eq!(run.class.as_str(), class, "{body}: {}", run.body);
        assert!(run.body.contains(text), "{body}: {}", run.body);
    }
    let (reason, text) =
        abstention(&engine, job_of(&base, "return (await fetch(base + '/nowhere')).status")).await;
    assert_eq!(reason, Abstention::Network);
    let expected = format!(
        "a fetch failed and the code did not handle it: GET {base}/nowhere: a redirect with status 302 to nowhere"
    );
    assert_eq!(text, expected);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_timer_that_is_due_at_once_goes_before_an_answer_and_leaves_the_order() {
    let (engine, base) = bench().await;
    let body = "const order = []; setTimeout(() => order.push('timer'), 0); \
                await Promise.all(['a', 'b'].map((name) => fetch(base + '/backup').then(() => order.push(name)))); return order";
    for _ in 0..3 {
        assert_eq!(engine.run(job_of(&base, body)).await.unwrap().body, r#"["timer","a","b"]"#);
    }
    engine.shutdown().await;
}
