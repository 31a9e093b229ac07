//! `fetch` from code to a local server and back: policy, limits, secrets, order, record and replay.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::io::Write;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get};
use common::{abstention, config, job};
use gateway_engine::{Abstention, Engine, FetchConfig, Job, Limits, RunError, RunOptions, Secret};

/// A server on this machine and an engine that may reach it.
struct Bench {
    engine: Engine,
    base: String,
}

async fn bench() -> Bench {
    bench_with(10_000).await
}

async fn bench_with(per_host_per_minute: u32) -> Bench {
    let bomb = {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&vec![b'0'; 16 << 20]).unwrap();
        gzip.finish().unwrap()
    };
    let echo = |headers: HeaderMap, body: String| async move {
        let show = |name: &str| headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        format!("{}|{}|{}|{body}", show("x-key"), show("user-agent"), show("idempotency-key"))
    };
    let length = |uri: axum::http::Uri, headers: HeaderMap, body: String| async move {
        let key = headers.get("x-key").map(|v| v.to_str().unwrap().to_owned());
        let sent = key.or_else(|| uri.query().map(str::to_owned)).unwrap_or(body);
        format!("{}|{sent}", sent.len())
    };
    let app = Router::new()
        .route("/json", get(|| async { ([("set-cookie", "a=b"), ("x-other", "1")], axum::Json(41)) }))
        .route("/teapot", get(|| async { (StatusCode::IM_A_TEAPOT, "short and stout") }))
        .route("/echo", any(echo))
        .route("/length", any(length))
        .route(
            "/slow/{ms}",
            get(|axum::extract::Path(ms): axum::extract::Path<u64>| async move {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                ms.to_string()
            }),
        )
        .route("/bomb", get(|| async move { ([(header::CONTENT_ENCODING, "gzip")], bomb).into_response() }))
        .route("/big", get(|| async { "x".repeat(3 << 20) }))
        .route("/away", get(|| async { Redirect::temporary("https://example.com/") }))
        .route("/metadata", get(|| async { Redirect::temporary("http://169.254.169.254/latest/") }))
        .route("/carried", any(|| async { Redirect::temporary("https://rebind.example.com/") }))
        .route(
            "/bytes",
            any(|body: axum::body::Bytes| async move {
                format!("{}|{}", body.len(), String::from_utf8_lossy(&body))
            }),
        )
        .route(
            "/head",
            any(|headers: HeaderMap| async move {
                let show = |name: &str| {
                    headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
                };
                let authorization = show("authorization");
                format!("{}|{}|{authorization}", show("content-length"), authorization.len())
            }),
        )
        .route(
            "/links/{len}",
            get(|axum::extract::Path(len): axum::extract::Path<usize>| async move {
                [(header::LINK, "x".repeat(len))]
            }),
        )
        .route(
            "/headers/{count}",
            get(|axum::extract::Path(count): axum::extract::Path<u32>| async move {
                let name = |i| header::HeaderName::try_from(format!("x-{i}")).unwrap();
                (0..count).map(|i| (name(i), header::HeaderValue::from(i))).collect::<HeaderMap>()
            }),
        )
        .route("/loop", get(|| async { Redirect::temporary("/loop") }))
        .route("/moved", get(|| async { Redirect::permanent("/json") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut config = config();
    config.fetch = FetchConfig {
        allow_http_loopback: true,
        resolve: [
            ("localhost".to_owned(), vec!["127.0.0.1".parse().unwrap()]),
            ("rebind.example.com".to_owned(), vec!["127.0.0.1".parse().unwrap()]),
            ("private.example.com".to_owned(), vec!["10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap()]),
        ]
        .into(),
        secrets: vec![
            Secret::new(1, "KEY", "localhost", "hunter2"),
            Secret::new(1, "OTHER", "api.example.com", "hunter3"),
        ],
        per_host_per_minute,
        jitter_ms: 0,
    };
    Bench { engine: Engine::start(config).await.unwrap(), base }
}

const MANIFEST: &str =
    r#"/* gateway-manifest {"hosts": ["localhost", "*.example.com"], "methods": ["GET", "POST"]} */"#;

impl Bench {
    /// A job whose body is this expression, with `base` as the server's address.
    fn job(&self, expression: &str) -> Job {
        let code = format!("{MANIFEST} export default async (base) => {{ {expression} }}");
        job(&code, &format!("\"{}\"", self.base))
    }

    async fn outcome(&self, expression: &str) -> (String, String) {
        let run = self.engine.run(self.job(expression)).await.expect("an outcome");
        (run.class.as_str().to_owned(), run.body)
    }
}

#[tokio::test]
async fn a_long_message_may_be_signed() {
    let b = bench().await;
    // The server counts what it is sent: a signature of 64 characters, after a name where it stands in the query.
    for (place, sent) in [
        (
            "fetch(base + '/length', { headers: { 'X-Key': gateway.secret.hmac('KEY', 'm'.repeat(20_000)) } })",
            "64|",
        ),
        (
            "fetch(base + '/length?' + new URLSearchParams({ s: gateway.secret.hmac('KEY', 'm'.repeat(5_000)) }))",
            "66|",
        ),
        ("fetch(base + '/length?s=' + gateway.secret.hmac('KEY', 'm'.repeat(5_000)))", "66|"),
    ] {
        let (class, body) = b.outcome(&format!("return (await (await {place}).text()).slice(0, 3)")).await;
        assert_eq!((class.as_str(), body.as_str()), ("ok", format!("\"{sent}\"").as_str()), "{place}");
    }
    let (_, body) = b.outcome("return await fetch(base + '/length?s=' + 'm'.repeat(2_048))").await;
    assert!(body.contains("the limit is 2048"), "{body}");
    b.engine.shutdown().await;
}

#[tokio::test]
async fn code_reads_what_its_manifest_lists() {
    let b = bench().await;
    let cases = [
        ("return await (await fetch(base + '/json')).json() + 1", "42"),
        ("return [...(await fetch(base + '/json')).headers]", r#"[["content-type","application/json"]]"#),
        (
            "const r = await fetch(base + '/teapot'); return [r.status, r.ok, await r.text()]",
            r#"[418,false,"short and stout"]"#,
        ),
        ("return (await fetch(base + '/moved')).url.slice(base.length)", r#""/json""#),
        (
            "return await (await fetch(new Request(base + '/echo', { method: 'POST', body: 'é', headers: { 'X-Key': 'k' } }))).text()",
            r#""k|gateway-node|test/0|é""#,
        ),
        ("return await gateway.fetchJson(base + '/json')", "41"),
        // Answers come in the order of the requests, whatever the network does.
        (
            "const order = []; await Promise.all([150, 1, 40].map((ms) => fetch(base + '/slow/' + ms).then(() => order.push(ms)))); return order",
            "[150,1,40]",
        ),
        (
            "try { await fetch(base + '/json', { signal: AbortSignal.abort() }) } catch (e) { return e.name }",
            r#""AbortError""#,
        ),
    ];
    for (expression, expected) in cases {
        assert_eq!(b.outcome(expression).await, ("ok".to_owned(), expected.to_owned()), "{expression}");
    }
    let run = b
        .engine
        .run(b.job("await fetch(base + '/json'); await fetch(base + '/json'); return 1"))
        .await
        .unwrap();
    assert_eq!((run.usage.fetches, run.usage.fetch_bytes), (2, 4));
    let (class, body) = b.outcome("return gateway.fetchJson(base + '/teapot')").await;
    assert_eq!(class, "http_status");
    assert!(body.contains("status 418"), "{body}");
    b.engine.shutdown().await;
}

#[tokio::test]
async fn policy_is_the_same_everywhere_and_code_can_see_it() {
    let b = bench().await;
    let denied = [
        ("fetch('https://example.org/')", "the manifest does not list the host example.org"),
        (
            "fetch('https://example.com/')",
            "the manifest does not list the host example.com; *.example.com covers the names below it and not example.com itself",
        ),
        ("fetch('https://example.org./')", "the manifest does not list the host example.org"),
        (
            "fetch(base + '/json', { headers: { 'CF-Connecting-IP': 'x' } })",
            "the header cf-connecting-ip may not be set",
        ),
        (
            "fetch(base + '/json', { headers: { 'True-Client-IP': 'x' } })",
            "the header true-client-ip may not be set",
        ),
        (
            "fetch(base + '/json', { headers: { 'X-Client-IP': 'x' } })",
            "the header x-client-ip may not be set",
        ),
        (
            "fetch(base + '/json?k={{secrets.KEY}}')",
            "{{secrets.KEY}} is no placeholder: write {{secret:NAME}}, or let gateway.secret make it",
        ),
        ("fetch('http://api.example.com/')", "only https is allowed, not http"),
        ("fetch('https://10.0.0.1/')", "an IP address as host is not allowed"),
        ("fetch('https://[::ffff:10.0.0.1]/')", "an IP address as host is not allowed"),
        ("fetch('https://0x0a.1:443/')", "an IP address as host is not allowed"),
        ("fetch('https://u:p@api.example.com/')", "a URL with a user name or password is not allowed"),
        ("fetch('https://api.example.com:8443/')", "only port 443 is allowed"),
        ("fetch(base + '/json', { method: 'DELETE' })", "the manifest does not allow the method DELETE"),
        ("fetch(base + '/json', { headers: { Host: 'x' } })", "the header host may not be set"),
        (
            "fetch(base + '/json', { headers: { 'X-Forwarded-For': 'x' } })",
            "the header x-forwarded-for may not be set",
        ),
        (
            "fetch(base + '/away')",
            "the manifest does not list the host example.com; *.example.com covers the names below it and not example.com itself",
        ),
        ("fetch(base + '/metadata')", "only https is allowed, not http"),
        ("fetch(base + '/bomb')", "the response is larger than 2097152 bytes"),
        ("fetch(base + '/big')", "the response is larger than 2097152 bytes"),
    ];
    for (expression, expected) in denied {
        let (class, body) = b
            .outcome(&format!("try {{ await {expression} }} catch (e) {{ return [e.denied, e.message] }}"))
            .await;
        assert_eq!((class.as_str(), body), ("ok", format!("[true,\"{expected}\"]")), "{expression}");
    }
    // What an operator has configured is a fact about one node, and no code makes an outcome of it.
    for name in ["OTHER", "NONE"] {
        let header = format!("{{ headers: {{ 'X-Key': '{{{{secret:{name}}}}}' }} }}");
        let caught =
            format!("try {{ await fetch(base + '/echo', {header}) }} catch (e) {{ return e.message }}");
        let (reason, text) = abstention(&b.engine, b.job(&caught)).await;
        let expected = format!("the secret {name} for localhost is not set on this node");
        assert_eq!((reason, text), (Abstention::Secret, expected));
    }
    // Not caught, it is an outcome of its own.
    let (class, _) = b.outcome("await fetch('https://example.org/')").await;
    assert_eq!(class, "fetch_denied");
    let code = "export default async () => { await fetch('https://api.example.com/') }";
    let run = b.engine.run(job(code, "0")).await.unwrap();
    assert!(run.body.contains("no manifest"), "{}", run.body);
    b.engine.shutdown().await;
}

#[tokio::test]
async fn what_the_network_does_is_an_abstention_unless_code_handles_it() {
    let b = bench().await;
    for (expression, expected) in [
        ("fetch('https://private.example.com/')", "no public address"),
        ("fetch(base + '/loop')", "more than 3 redirects"),
        ("fetch('http://localhost:1/')", ""),
    ] {
        let (class, body) = b
            .outcome(&format!("try {{ await {expression} }} catch (e) {{ return [e.denied, e.message] }}"))
            .await;
        assert!(
            class == "ok" && body.starts_with("[false,") && body.contains(expected),
            "{expression}: {body}"
        );
        match b.engine.run(b.job(&format!("return await {expression}"))).await {
            Err(error @ RunError::Abstain { reason: Abstention::Network, .. }) => {
                assert!(error.is_retryable())
            }
            other => panic!("{expression}: {other:?}"),
        }
    }
    let limits = Limits { fetch_ms: 200, ..Limits::default() };
    let slow = Job { limits, ..b.job("return await (await fetch(base + '/slow/60000')).text()") };
    assert!(matches!(b.engine.run(slow).await, Err(RunError::Abstain { reason: Abstention::Network, .. })));
    let limits = Limits { wall_ms: 300, ..Limits::default() };
    let slow = Job { limits, ..b.job("return await (await fetch(base + '/slow/60000')).text()") };
    assert!(matches!(b.engine.run(slow).await, Err(RunError::Abstain { reason: Abstention::Wall, .. })));
    b.engine.shutdown().await;
}

#[tokio::test]
async fn a_name_that_turns_to_this_machine_is_not_followed() {
    let b = bench().await;
    let mut config = config();
    config.fetch = FetchConfig {
        resolve: [("rebind.example.com".to_owned(), vec!["127.0.0.1".parse().unwrap()])].into(),
        jitter_ms: 0,
        ..FetchConfig::default()
    };
    let engine = Engine::start(config).await.unwrap();
    let expression = "try { await fetch('https://rebind.example.com/') } catch (e) { return e.message }";
    let run = engine.run(b.job(expression)).await.unwrap();
    assert_eq!(run.body, r#""the host rebind.example.com has no public address""#);
    engine.shutdown().await;
    b.engine.shutdown().await;
}

#[tokio::test]
async fn a_body_that_dribbles_is_given_up_in_time() {
    let b = bench().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4_096];
        tokio::io::AsyncReadExt::read(&mut stream, &mut request).await.unwrap();
        let mut part = &b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"[..];
        // The head and then a byte at a time, until the other side has had enough.
        while tokio::io::AsyncWriteExt::write_all(&mut stream, part).await.is_ok() {
            part = b"x";
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let limits = Limits { fetch_ms: 300, ..Limits::default() };
    let code = format!("try {{ await fetch('{url}') }} catch (e) {{ return [e.denied, e.message] }}");
    let run = b.engine.run(Job { limits, ..b.job(&code) }).await.unwrap();
    assert_eq!(run.body, r#"[false,"no response within 300 ms"]"#);
    b.engine.shutdown().await;
}

#[tokio::test]
async fn one_host_gets_so_many_requests_a_minute_from_a_node_whoever_asks() {
    let b = bench_with(2).await;
    let once = "return await (await fetch(base + '/json')).json()";
    for project in [1, 2] {
        let run = b.engine.run(Job { project, ..b.job(once) }).await.unwrap();
        assert_eq!(run.body, "41");
    }
    let refused = b.engine.run(Job { project: 3, ..b.job(once) }).await.unwrap_err();
    assert!(matches!(refused, RunError::Abstain { reason: Abstention::Network, .. }), "{refused}");
    b.engine.shutdown().await;
}

#[tokio::test]
async fn secrets_reach_their_host_and_nothing_else() {
    let b = bench().await;
    // The server counts the bytes that it was sent: 7 of the value, and what it sends back of it is the placeholder.
    for (place, expected) in [
        ("fetch(base + '/length', { headers: { 'X-Key': gateway.secret('KEY') } })", "7|{{secret:KEY}}"),
        ("fetch(base + '/length?' + new URLSearchParams({ k: '{{secret:KEY}}' }))", "9|k={{secret:KEY}}"),
        (
            "fetch(base + '/length', { method: 'POST', body: JSON.stringify({ k: '{{secret:KEY}}' }) })",
            "15|{\"k\":\"{{secret:KEY}}\"}",
        ),
        (
            "fetch(base + '/length', { headers: { 'X-Key': gateway.secret.hmac('KEY', 'text') } })",
            "64|{{hmac:KEY:SHA-256:text:hex:dGV4dA}}",
        ),
        (
            "fetch(base + '/bytes', { method: 'POST', body: new Uint8Array([255, ...new TextEncoder().encode('k={{secret:KEY}}')]) })",
            "10|\u{fffd}k={{secret:KEY}}",
        ),
        (
            "fetch(base + '/head', { headers: { authorization: 'basic ' + btoa('u:' + gateway.secret('KEY')) } })",
            "|18|basic dTp7e3NlY3JldDpLRVl9fQ==",
        ),
        ("fetch(base + '/head', { method: 'POST' })", "0|0|"),
    ] {
        let run = b
            .engine
            .run_with(b.job(&format!("return await (await {place}).text()")), RunOptions::default())
            .await;
        let body: String = serde_json::from_str(&run.result.unwrap().body).unwrap();
        assert_eq!(body, expected, "{place}");
        assert!(!format!("{:?}", run.transcript).contains("hunter2"), "{place}");
    }
    let other = Job { project: 2, ..b.job("return await fetch(base + '/echo?k={{secret:KEY}}')") };
    let (reason, text) = abstention(&b.engine, other).await;
    let expected = "the secret KEY for localhost is not set on this node";
    assert_eq!((reason, text.as_str()), (Abstention::Secret, expected));
    b.engine.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_passed_on_is_an_error_and_is_not_left_out() {
    let b = bench().await;
    for (code, expected) in [
        (
            "fetch(base + '/carried', { method: 'POST', body: 'order' })",
            "a redirect with status 307 leads to another origin, which is not sent the request's body",
        ),
        ("fetch(base + '/links/16384').then((r) => r.headers.get('link').length)", "16384"),
        ("fetch(base + '/links/16385')", "the response header link has 16385 bytes; the limit is 16384"),
        ("fetch(base + '/headers/90').then((r) => r.status)", "200"),
        ("fetch(base + '/headers/150')", "the response has more than 100 headers"),
    ] {
        let code = format!("try {{ return await {code} }} catch (e) {{ return e.message }}");
        let (class, body) = b.outcome(&code).await;
        assert!(class == "ok" && body.contains(expected), "{code}: {body}");
    }
    b.engine.shutdown().await;
}

/// Starts a server that sends this response, byte for byte, to each request.
async fn raw_server(response: Vec<u8>) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&response).await;
        }
    });
    base
}

#[tokio::test]
async fn old_ways_of_http_are_read() {
    let b = bench().await;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(b"packed").unwrap();
    let gzip = gzip.finish().unwrap();
    let chunk = [format!("{:x}\r\n", gzip.len()).as_bytes(), &gzip, b"\r\n0\r\n\r\n"].concat();
    let packed = b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\nconnection: close\r\n\r\n";
    let folded = b"HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\ncontent-length: 6\r\nconnection: close\r\n\r\nfolded";
    for (response, expected) in [([packed, &chunk[..]].concat(), "packed"), (folded.to_vec(), "folded")] {
        let base = raw_server(response).await;
        let (class, body) = b.outcome(&format!("return await (await fetch('{base}/')).text()")).await;
        assert_eq!((class.as_str(), body), ("ok", format!("\"{expected}\"")));
    }
    b.engine.shutdown().await;
}

#[tokio::test]
async fn fetches_are_counted() {
    let b = bench().await;
    let (class, body) = b.outcome("for (let i = 0; i < 9; i++) await fetch(base + '/json')").await;
    assert_eq!(class, "js_throw");
    assert!(body.contains("RangeError: more than 8 fetches"), "{body}");
    let (_, body) = b.outcome("try { await fetch(base + '/echo', { method: 'POST', body: 'x'.repeat(40000) }) } catch (e) { return e.message }").await;
    assert_eq!(body, r#""the request body has 40000 bytes; the limit is 30720""#);
    b.engine.shutdown().await;
}

#[tokio::test]
async fn a_recording_replays_to_the_same_bytes_without_the_network() {
    let b = bench().await;
    let expression = "const out = []; for (const path of ['/json', '/teapot', '/json', '/loop']) { \
        try { out.push(await (await fetch(base + path)).text()) } catch (e) { out.push(e.message) } } return out";
    let first = b.engine.run_with(b.job(expression), RunOptions::default()).await;
    let body = first.result.unwrap().body;
    assert_eq!(body, r#"["41","short and stout","41","more than 3 redirects"]"#);
    assert_eq!(first.transcript.exchanges.len(), 4);
    let options = RunOptions { replay: Some(first.transcript.clone()), ..RunOptions::default() };
    let again = b.engine.run_with(b.job(expression), options).await;
    assert_eq!((again.result.unwrap().body, again.transcript), (body, first.transcript));
    // What was not recorded is not fetched.
    let options = RunOptions { replay: Some(gateway_engine::Transcript::default()), ..RunOptions::default() };
    let none = b.engine.run_with(b.job("return await (await fetch(base + '/json')).json()"), options).await;
    assert!(matches!(none.result, Err(RunError::Abstain { reason: Abstention::Network, .. })));
    // Failures on purpose come first.
    let options = RunOptions { fail: Some((429, 1)), time_out: 1, ..RunOptions::default() };
    let expression = "const out = []; for (let i = 0; i < 3; i++) { try { out.push((await fetch(base + '/json')).status) } catch { out.push(0) } } return out";
    assert_eq!(b.engine.run_with(b.job(expression), options).await.result.unwrap().body, "[429,0,200]");
    b.engine.shutdown().await;
}
