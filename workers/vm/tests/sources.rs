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
        (
            "return Promise.any([gateway.fetchJson(base + '/busy'), gateway.fetchJson(base + '/missing')])",
            "js_throw",
            "AggregateError",
        ),
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
async fn a_response_says_where_it_came_from() {
    conclude(&[
        (
            "const [a, b] = [await fetch(base + '/moved#x'), await fetch(base + '/price#x')]; return [a.redirected, a.clone().redirected, a.url === base + '/price', b.redirected, b.url === base + '/price']",
            "ok",
            "[true,true,true,false,true]",
        ),
        ("return fetch(base + '/moved', { redirect: 'manual' })", "js_throw", "TypeError: the redirect mode 'manual' is not available"),
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

#[tokio::test]
async fn a_page_that_code_parses_itself_is_the_sources() {
    let reviver = "(key, value, { source }) => Number.isInteger(value) && !Number.isSafeInteger(value) ? source : value";
    let exact = format!("return (await gateway.fetchJson(base + '/price', {{ reviver: {reviver} }})).price");
    let json = format!("return (await (await fetch(base + '/price')).json({reviver})).price");
    abstain(&[
        (
            "return JSON.parse(await (await fetch(base + '/wall')).text())",
            Abstention::Source,
            "/wall is not JSON",
        ),
        (
            "return JSON.parse((await (await fetch(base + '/wall')).text()).trim(), (k, v) => v)",
            Abstention::Source,
            "/wall is not JSON",
        ),
        (
            "return gateway.xml.parse(await (await fetch(base + '/wall')).text()).name",
            Abstention::Source,
            "/wall is not XML",
        ),
        (
            "return gateway.fetchJson(base + '/wall', { reviver: (k, v) => v })",
            Abstention::Source,
            "/wall is not JSON",
        ),
    ])
    .await;
    conclude(&[
        (&exact, "ok", "\"9007199254740993\""),
        (&json, "ok", "\"9007199254740993\""),
        ("return JSON.parse('<p>')", "js_throw", "SyntaxError"),
        ("return gateway.xml.parse('no')", "js_throw", "TypeError: xml"),
        // What the reviver throws is the code's.
        ("return JSON.parse(await (await fetch(base + '/price')).text(), () => { throw new Error('own') })", "js_throw", "own"),
        ("return gateway.fetchJson(base + '/price', { reviver() { throw new SyntaxError('own') } })", "js_throw", "own"),
        (
            "try { JSON.parse(await (await fetch(base + '/wall')).text()) } catch (e) { return [e instanceof SyntaxError, e.name] }",
            "ok",
            "[true,\"SyntaxError\"]",
        ),
        (
            "return [`${JSON.parse}`, JSON.parse.name, JSON.parse.length, Object.keys(JSON)]",
            "ok",
            "native code",
        ),
    ])
    .await;
}

#[tokio::test]
async fn statuses_without_data_are_the_sources() {
    let unavailable = |at: &'static str| format!("return gateway.fetchJson(base + '/{at}')");
    let [code, silent, accepted] = ["code1020", "silent403", "accepted"].map(unavailable);
    abstain(&[
        (&code, Abstention::Source, "http_status 403"),
        (&silent, Abstention::Source, "http_status 403"),
        (&accepted, Abstention::Source, "http_status 202"),
    ])
    .await;
    conclude(&[
        ("return gateway.fetchJson(base + '/forbidden')", "http_status", "status 403"),
        ("return gateway.fetchJson(base + '/nothing')", "http_status", "status 204"),
        ("return (await fetch(base + '/nothing')).json()", "http_status", "status 204"),
    ])
    .await;
}

#[tokio::test]
async fn code_that_replaces_built_ins_still_ends_in_an_outcome() {
    let replaced = "Map.prototype.get = Map.prototype.has = Map.prototype.delete = () => 1; Array.prototype.push = () => 0; \
        Array.prototype[Symbol.iterator] = () => { throw new Error('gone') }; ";
    let code = format!(
        "{replaced} try {{ return (await fetch(base + '/price')).status }} catch (e) {{ return e.message }}"
    );
    conclude(&[
        (&code, "ok", "gone"),
        ("Map.prototype.get = () => 1; return (await fetch(base + '/price')).status", "ok", "200"),
    ])
    .await;
}

/// Runs the body of Chainlink code against the server.
fn shim_of(base: &str, body: &str) -> Job {
    let manifest = r#"/* gateway-manifest {"hosts": ["localhost"], "compat": "chainlink-functions"} */"#;
    job(&format!("{manifest}\nconst base = args[0];\n{body}"), &format!("[\"{base}\"]"))
}

#[tokio::test]
async fn chainlink_code_whose_source_is_out_of_reach_abstains() {
    let (engine, base) = bench().await;
    let body = |url: &str, check: &str| {
        format!(
            "const r = await Functions.makeHttpRequest({{ url: {url} }});\n{check}\nreturn Functions.encodeUint256(Math.round(r.data.usd * 100));"
        )
    };
    let check = "if (r.error) throw Error('Request failed');";
    for (url, check, says) in [
        ("base + '/busy'", check, "http_status 503"),
        ("'http://localhost:1/'", check, "localhost:1"),
        ("base + '/wall'", check, "/wall is a page"),
        ("base + '/wall'", "r.data.usd.amount;", "/wall is a page"),
    ] {
        let (reason, text) = abstention(&engine, shim_of(&base, &body(url, check))).await;
        assert_eq!(reason, Abstention::Source, "{url}: {text}");
        assert!(text.contains(says), "{url}: {text}");
    }
    for (url, class, says) in [
        ("base + '/price'", "ok", "0x"),
        ("base + '/missing'", "js_throw", "Request failed"),
        ("'https://example.org/'", "js_throw", "Request failed"),
    ] {
        let run = engine.run(shim_of(&base, &body(url, check))).await.unwrap();
        assert_eq!(run.class.as_str(), class, "{url}: {}", run.body);
        assert!(run.body.contains(says), "{url}: {}", run.body);
    }
    engine.shutdown().await;
}
