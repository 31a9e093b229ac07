//! A node that fails once, in each way nodes fail, behind the only configured address.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::config::ChainConfig;
use crate::endpoints::Endpoints;
use crate::reader::{Broadcaster, ChainReader};

/// What the node does with a call.
#[derive(Clone)]
enum Reply {
    /// Closes the connection without an answer.
    Broken,
    /// An HTTP status without a body.
    Status(u16),
    /// A JSON-RPC result.
    Result(Value),
    /// No answer at all, for longer than any caller waits.
    Silence,
}

/// Longer than any test takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A node that follows a script, repeating its last reply, and counts its calls.
struct Node {
    asked: Arc<AtomicUsize>,
    config: ChainConfig,
    chain: Endpoints,
}

async fn node(script: &[Reply]) -> Node {
    node_that_may_take(PATIENCE, script).await
}

async fn node_that_may_take(timeout: Duration, script: &[Reply]) -> Node {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let (asked, script) = (
        Arc::new(AtomicUsize::new(0)),
        Arc::new(Mutex::new(script.iter().cloned().collect::<VecDeque<_>>())),
    );
    let counted = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, script.clone(), counted.clone()));
        }
    });
    let config = ChainConfig { timeout, ..ChainConfig::new(url, "dev-1", "") };
    Node { asked, chain: Endpoints::new(&config).expect("client"), config }
}

/// Reads one whole call and answers it as the script says.
async fn serve(mut stream: TcpStream, script: Arc<Mutex<VecDeque<Reply>>>, asked: Arc<AtomicUsize>) {
    let mut call = Vec::new();
    while !is_whole(&call) {
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(read) if read > 0 => call.extend_from_slice(&more[..read]),
            _ => return,
        }
    }
    asked.fetch_add(1, Ordering::SeqCst);
    let reply = {
        let mut script = script.lock().expect("script");
        if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
    };
    let (status, body) = match reply.expect("a reply") {
        Reply::Broken => return,
        Reply::Silence => return std::future::pending().await,
        Reply::Status(status) => (status, String::new()),
        Reply::Result(result) => (200, json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string()),
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await;
}

fn is_whole(call: &[u8]) -> bool {
    let text = String::from_utf8_lossy(call);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

fn status() -> Reply {
    Reply::Result(json!({
        "node_info": { "network": "dev-1" },
        "sync_info": { "latest_block_height": "9", "latest_block_time": "2026-01-01T00:00:00Z", "catching_up": false },
    }))
}

fn query(code: u32, log: &str) -> Reply {
    let codespace = if code == 0 { "" } else { "sdk" };
    Reply::Result(
        json!({ "response": { "code": code, "log": log, "value": "", "height": "9", "codespace": codespace } }),
    )
}

#[tokio::test]
async fn a_read_survives_one_hiccup_of_the_only_node() {
    for hiccup in [Reply::Broken, Reply::Status(500), Reply::Status(502), Reply::Status(429)] {
        let node = node(&[hiccup, status()]).await;
        assert_eq!(node.chain.status().await.expect("the second answer").height, 9);
        assert_eq!(node.asked.load(Ordering::SeqCst), 2);
    }
    let unwell =
        "failed to load state at height 9; version does not exist (latest height: 9): invalid request";
    let node = node(&[query(18, unwell), query(0, "")]).await;
    assert_eq!(node.chain.balance("archway1x", "aarch").await.expect("the second answer"), 0);
}

#[tokio::test]
async fn the_first_contact_survives_one_hiccup() {
    let node = node(&[Reply::Status(503), status()]).await;
    Endpoints::connect(&node.config).await.expect("connected");
    assert_eq!(node.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_read_survives_the_restart_of_the_only_node() {
    // As measured: nobody listens, then contract queries panic, then it works.
    let node = node(&[Reply::Broken, query(6, "panic: unknown request"), query(0, "")]).await;
    assert_eq!(node.chain.balance("archway1x", "aarch").await.expect("the third answer"), 0);
    assert_eq!(node.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_third_failure_is_the_callers() {
    let node = node(&[Reply::Status(500), Reply::Status(503), Reply::Status(502)]).await;
    let error = node.chain.status().await.expect_err("all failed");
    assert_eq!(error, ChainError::HttpStatus { what: "status".into(), status: 502 });
    assert_eq!(node.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn refusals_time_outs_and_broadcasts_are_not_repeated() {
    let refused = node(&[Reply::Status(404), status()]).await;
    refused.chain.status().await.expect_err("refused");
    assert_eq!(refused.asked.load(Ordering::SeqCst), 1);
    let sent = node(&[Reply::Status(500), Reply::Result(json!({ "code": 0 }))]).await;
    sent.chain.broadcast(b"tx").await.expect_err("not known whether it was taken");
    assert_eq!(sent.asked.load(Ordering::SeqCst), 1);
    let silent = node_that_may_take(Duration::from_millis(500), &[Reply::Silence]).await;
    assert!(matches!(silent.chain.status().await, Err(ChainError::Timeout { .. })));
    assert_eq!(silent.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn the_second_attempt_gets_the_rest_of_the_time_and_no_more() {
    let broken = || ChainError::HttpStatus { what: "status".into(), status: 502 };
    let (began, attempts) = (Instant::now(), AtomicUsize::new(0));
    let read = || async {
        if attempts.fetch_add(1, Ordering::SeqCst) > 0 {
            std::future::pending::<()>().await;
        }
        Err::<(), _>(broken())
    };
    assert_eq!(with_retries(Duration::from_secs(2), read).await, Err(broken()));
    assert_eq!(attempts.load(Ordering::SeqCst), 2);
    assert_eq!(began.elapsed(), Duration::from_secs(2));
}
