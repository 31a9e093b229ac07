//! The code's `transform`: what counts is what it makes of a response, for the code and for the recording alike.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::http::header;
use axum::routing::get;
use common::{config, job};
use gateway_engine::{Abstention, Engine, FetchConfig, Job, RunError, RunOptions};

/// An engine, and a server that never gives the same bytes twice.
struct Bench {
    engine: Engine,
    base: String,
}

async fn bench() -> Bench {
    let visits = Arc::new(AtomicU64::new(0));
    let app = Router::new()
        .route(
            "/price",
            get(move || {
                let visit = visits.fetch_add(1, Ordering::Relaxed);
                async move {
                    let body = format!("{{\"usd\": 7, \"at\": {visit}}}");
                    ([(header::LAST_MODIFIED, format!("moment {visit}"))], body)
                }
            }),
        )
        .route("/teapot", get(|| async { (axum::http::StatusCode::IM_A_TEAPOT, "short") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut config = config();
    config.fetch = FetchConfig { allow_http_loopback: true, jitter_ms: 0, ..FetchConfig::default() };
    config.fetch.resolve.insert("localhost".to_owned(), vec!["127.0.0.1".parse().unwrap()]);
    Bench { engine: Engine::start(config).await.unwrap(), base }
}

const MANIFEST: &str = r#"/* gateway-manifest {"hosts": ["localhost"], "limits": {"fetch_bytes": 5000}} */"#;

impl Bench {
    /// A module with this transform whose default export has this body, `base` being the server's address.
    fn job(&self, transform: &str, body: &str) -> Job {
        let code = format!("{MANIFEST}\n{transform}\nexport default async (base) => {{ {body} }}");
        job(&code, &format!("\"{}\"", self.base))
    }

    async fn outcome(&self, transform: &str, body: &str) -> (String, String) {
        let run = self.engine.run(self.job(transform, body)).await.expect("an outcome");
        (run.class.to_string(), run.body)
    }
}

const STRIP: &str = "export function transform(r) { return { headers: {}, body: { usd: r.json().usd } }; }";
const WHOLE: &str =
    "const r = await fetch(base + '/price'); return [r.status, [...r.headers], await r.text()];";

#[tokio::test]
async fn what_differs_between_nodes_is_stripped_before_it_counts() {
    let b = bench().await;
    let expected = ("ok".to_owned(), r#"[200,[],"{\"usd\":7}"]"#.to_owned());
    let first = b.engine.run_with(b.job(STRIP, WHOLE), RunOptions::default()).await;
    let second = b.engine.run_with(b.job(STRIP, WHOLE), RunOptions::default()).await;
    let run = first.result.unwrap();
    assert_eq!((run.class.to_string(), run.body), expected);
    assert_eq!(second.result.unwrap().body, expected.1);
    assert_eq!(first.transcript, second.transcript, "the recordings agree too");
    assert!(first.transcript.exchanges[0].transformed && first.transcript.exchanges[0].headers.is_empty());
    let (_, a) = b.outcome("", WHOLE).await;
    let (_, c) = b.outcome("", WHOLE).await;
    assert_ne!(a, c, "without it they would not");
    assert_eq!(run.usage.fetch_bytes, 19, "what came over the network is what is counted");
    b.engine.shutdown().await;
}

#[tokio::test]
async fn a_transform_gets_and_gives_responses() {
    let b = bench().await;
    let cases = [
        // All that there is to see.
        (
            "export const transform = (r) => ({ body: [r.status, r.url.slice(-6), Object.keys(r.headers), r.text().length, r.body.length] })",
            WHOLE,
            r#"[200,[["content-type","text/plain; charset=utf-8"],["last-modified","moment 0"]],"[200,\"/price\",[\"content-type\",\"last-modified\"],19,19]"]"#,
        ),
        // Its own argument, changed; asynchronous.
        (
            "export async function transform(r) { await 0; r.body = 'x'; r.headers = { 'X-A': '1' }; return r }",
            WHOLE,
            r#"[200,[["x-a","1"]],"x"]"#,
        ),
        (
            "export const transform = (r) => ({ headers: {}, status: 404 })",
            "return (await fetch(base + '/price')).status",
            "404",
        ),
        (
            "export const transform = (r) => ({ body: new Uint8Array([104, 105]) })",
            "return (await fetch(base + '/price')).text()",
            "\"hi\"",
        ),
        (
            "export const transform = (r) => Response.json({ of: r.json === undefined }, { status: 201, headers: [['x-a', '1']] })",
            WHOLE,
            r#"[201,[["content-type","application/json"],["x-a","1"]],"{\"of\":false}"]"#,
        ),
        (
            "export const transform = (r) => ({ headers: new Headers({ 'X-A': '1' }), body: new Uint16Array([0x6968]) })",
            WHOLE,
            r#"[200,[["x-a","1"]],"hi"]"#,
        ),
        (
            "export const transform = (r) => ({ headers: [['X-A', '1']], body: new Blob(['b']) })",
            WHOLE,
            r#"[200,[["x-a","1"]],"b"]"#,
        ),
        // It sees every status, and the status it gives is the one that counts.
        (
            "export const transform = (r) => ({ status: 200, body: { was: r.status } })",
            "return gateway.fetchJson(base + '/teapot')",
            r#"{"was":418}"#,
        ),
    ];
    for (transform, body, expected) in cases {
        let (class, got) = b.outcome(transform, body).await;
        assert_eq!((class.as_str(), got.as_str()), ("ok", expected), "{transform}");
    }
    let script = format!(
        "{MANIFEST} function transform() {{ throw 1 }} mainFunction = async (base) => (await fetch(base + '/teapot')).status"
    );
    let run = b.engine.run(job(&script, &format!("\"{}\"", b.base))).await.unwrap();
    assert_eq!(run.body, "418", "a script has no exports: its function of that name is its own affair");
    b.engine.shutdown().await;
}

#[tokio::test]
async fn a_transform_that_fails_is_the_outcome_whatever_the_code_catches() {
    let b = bench().await;
    let caught = "try { await fetch(base + '/price') } catch { return 'caught' } return 'fetched'";
    let cases = [
        (
            "export function transform() {\n  throw new Error('no')\n}",
            "js_throw",
            r#"{"column":9,"line":3,"message":"Error: no"}"#,
        ),
        ("export const transform = async () => { throw 'plain' }", "js_throw", r#"{"message":"plain"}"#),
        (
            "export const transform = 5",
            "no_function",
            r#"{"message":"the export transform is not a function"}"#,
        ),
        ("export const transform = () => null", "js_throw", "transform returned null"),
        ("export const transform = () => 'text'", "js_throw", "transform returned string"),
        ("export const transform = () => [1]", "js_throw", "transform returned an object of another kind"),
        (
            "export const transform = () => new Map([['status', 1]])",
            "js_throw",
            "transform returned an object of another kind",
        ),
        (
            "export const transform = () => ({ body: new FormData() })",
            "js_throw",
            "transform: a body is bytes, a text",
        ),
        (
            "export const transform = () => Response.error()",
            "js_throw",
            "RangeError: transform: a status is 100 to 999",
        ),
        (
            "export const transform = () => ({ price: 1 })",
            "js_throw",
            "transform: 'price' is not a part of a response",
        ),
        (
            "export const transform = () => ({ status: 99 })",
            "js_throw",
            "RangeError: transform: a status is 100 to 999",
        ),
        ("export const transform = () => ({ body: undefined })", "js_throw", "the body has no JSON form"),
        (
            "export const transform = () => ({ body: 'x'.repeat(5001) })",
            "js_throw",
            "the transform made 5001 bytes of a response; the limit is 5000",
        ),
        (
            "export const transform = async (r) => { await fetch(r.url); return r }",
            "js_throw",
            "TypeError: the transform has no network",
        ),
        (
            "export const transform = (r) => { setTimeout(() => {}, 1); return r }",
            "js_throw",
            "TypeError: the transform has no timers",
        ),
        (
            "export const transform = () => new Promise(() => {})",
            "never_settled",
            "the transform never settles",
        ),
        ("export const transform = (r) => { r.body = JSON.parse('{'); return r }", "js_throw", "SyntaxError"),
    ];
    for (transform, class, says) in cases {
        let (got, body) = b.outcome(transform, caught).await;
        assert_eq!(got, class, "{transform}: {body}");
        assert!(body.contains(says), "{transform}: {body}");
    }
    let endless = "export function transform() {\n  for (;;) {}\n}";
    let mut job = b.job(endless, caught);
    job.limits.cpu_ms = 300;
    match b.engine.run(job).await {
        Err(RunError::Abstain { reason: Abstention::Cpu, site: Some(site), .. }) => {
            assert_eq!((site.function.as_str(), site.line), ("transform", 3));
        }
        other => panic!("{other:?}"),
    }
    b.engine.shutdown().await;
}

#[tokio::test]
async fn a_replay_spares_the_transform_and_goes_the_same_way() {
    let b = bench().await;
    // It counts, it draws numbers, it leaves marks: none of it reaches the run.
    let busy = "let calls = 0; export function transform(r) { calls++; globalThis.mark = 1; Math.random(); \
                return { headers: {}, body: { draw: Math.random(), calls } }; }";
    let body = "const before = Math.random(); \
                const [x, y] = [await gateway.fetchJson(base + '/price'), await gateway.fetchJson(base + '/price')]; \
                return [before, x, y, Math.random(), crypto.randomUUID(), calls, typeof mark]";
    let first = b.engine.run_with(b.job(busy, body), RunOptions::default()).await;
    let run = first.result.unwrap();
    assert!(run.body.ends_with(",0,\"undefined\"]") && run.body.contains("\"calls\":2"), "{}", run.body);
    let replay = RunOptions { replay: Some(first.transcript.clone()), ..RunOptions::default() };
    let again = b.engine.run_with(b.job(busy, body), replay).await;
    assert_eq!(again.result.unwrap().body, run.body);
    assert_eq!(again.transcript, first.transcript);

    // A transform that fails is not in the recording, so that it fails in the replay too.
    let failing = "export const transform = () => { throw 1 }";
    let first = b.engine.run_with(b.job(failing, WHOLE), RunOptions::default()).await;
    assert!(!first.transcript.exchanges[0].transformed);
    let replay = RunOptions { replay: Some(first.transcript), ..RunOptions::default() };
    let again = b.engine.run_with(b.job(failing, WHOLE), replay).await;
    assert_eq!(again.result.unwrap().body, first.result.unwrap().body);
    b.engine.shutdown().await;
}

#[tokio::test]
async fn the_example_keeps_the_price_and_drops_the_rest() {
    let b = bench().await;
    let code = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/spot-price.js"));
    let job = job(&code.unwrap(), r#"{"pair":"ATOM-USD"}"#);
    // The service is not asked: a recording made of a failure is given the answer the service gives.
    let failing = RunOptions { fail: Some((503, 1)), ..RunOptions::default() };
    let mut recorded = b.engine.run_with(job.clone(), failing).await;
    assert!(matches!(recorded.result, Err(RunError::Abstain { reason: Abstention::Source, .. })));
    let exchange = &mut recorded.transcript.exchanges[0];
    assert_eq!(exchange.url, "https://api.coinbase.com/v2/prices/ATOM-USD/spot");
    let body = r#"{"data":{"amount":"4.7150","base":"ATOM","currency":"USD"},"at":12}"#;
    exchange.body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, body);
    (exchange.status, exchange.transformed) = (Some(200), false);
    let replay = RunOptions { replay: Some(recorded.transcript), ..RunOptions::default() };
    let again = b.engine.run_with(job, replay).await;
    assert_eq!(again.result.unwrap().body, "\"4.715\"");
    assert_eq!(again.transcript.exchanges[0].body, "eyJhbW91bnQiOiI0LjcxNTAifQ==", "only the amount is kept");
    b.engine.shutdown().await;
}

#[tokio::test]
async fn what_a_transform_leaves_behind_runs_while_it_is_sealed() {
    let bench = bench().await;
    for transform in [
        "export function transform(r) { Promise.resolve().then(() => Math.random()); return { headers: {}, body: 'x' }; }",
        "export function transform(r) { queueMicrotask(() => crypto.randomUUID()); return { headers: {}, body: 'x' }; }",
        "export function transform(r) { return { headers: {}, get body() { Promise.resolve().then(() => Math.random()); return 'x'; } }; }",
        "export function transform(r) { return { headers: {}, body: { toJSON() { (async () => { await 0; Math.random() })(); return 'x'; } } }; }",
        "Promise.resolve().then(() => Math.random()); export async function transform(r) { Promise.resolve().then(() => {}).then(() => Math.random()); return { headers: {}, body: 'x' }; }",
        "export function transform(r) { Promise.resolve().then(() => fetch('https://example.com/')).catch(() => Math.random()); return { headers: {}, body: 'x' }; }",
    ] {
        let body = "await fetch(base + '/price'); return Math.random()";
        let recorded = bench.engine.run_with(bench.job(transform, body), RunOptions::default()).await;
        let run = recorded.result.expect("an outcome");
        assert_eq!(run.class.as_str(), "ok", "{transform}: {}", run.body);
        // The recording holds the response as it was made; nothing of the transform runs now.
        let options = RunOptions { replay: Some(recorded.transcript), ..RunOptions::default() };
        let again = bench.engine.run_with(bench.job(transform, body), options).await.result.unwrap();
        assert_eq!(again.body, run.body, "{transform}");
    }
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn large_answers_and_large_transformed_ones_cross_without_either_side_waiting() {
    let bench = bench().await;
    let code = "/* gateway-manifest {\"hosts\": [\"localhost\"]} */
        export const transform = (r) => ({ headers: {} });
        export default async () => {
          const all = await Promise.all([1, 2, 3, 4].map((i) => fetch('https://localhost/' + i)));
          return (await Promise.all(all.map((r) => r.text()))).map((t) => t.length);
        }";
    let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "x".repeat(1 << 20));
    let probe =
        bench.engine.run_with(job(code, "0"), RunOptions { time_out: 4, ..RunOptions::default() }).await;
    let mut transcript = probe.transcript;
    assert_eq!(transcript.exchanges.len(), 4);
    for exchange in &mut transcript.exchanges {
        exchange.status = Some(200);
        exchange.failure = None;
        exchange.body.clone_from(&body);
    }
    let options = RunOptions { replay: Some(transcript), ..RunOptions::default() };
    let run = bench.engine.run_with(job(code, "0"), options).await.result.expect("an outcome");
    assert_eq!(run.body, "[1048576,1048576,1048576,1048576]");
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn a_transform_that_makes_too_many_headers_is_an_outcome() {
    let bench = bench().await;
    let transform = "export const transform = () => ({ headers: Object.fromEntries(Array.from({ length: 40 }, (_, i) => ['h' + i, 'x'])) });";
    let (class, body) = bench.outcome(transform, "await fetch(base + '/price'); return 1").await;
    assert_eq!(
        (class.as_str(), body.as_str()),
        ("js_throw", r#"{"message":"RangeError: the transform made 40 headers; the limit is 32"}"#)
    );
    bench.engine.shutdown().await;
}
