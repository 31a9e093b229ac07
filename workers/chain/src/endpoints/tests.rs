//! Which of several nodes is asked.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::post};
use serde_json::{Value, json};

use super::*;

/// A node that answers `status`, at a height, for a chain, or with an error.
struct Fake {
    chain_id: &'static str,
    height: AtomicU64,
    broken: AtomicBool,
    asked: AtomicU64,
}

async fn answer(Shared(fake): Shared<Arc<Fake>>, Json(request): Json<Value>) -> Response {
    fake.asked.fetch_add(1, Ordering::SeqCst);
    if fake.broken.load(Ordering::SeqCst) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let height = fake.height.load(Ordering::SeqCst).to_string();
    Json(json!({ "jsonrpc": "2.0", "id": request["id"], "result": {
        "node_info": { "network": fake.chain_id },
        "sync_info": { "latest_block_height": height, "latest_block_time": "2026-01-01T00:00:00Z", "catching_up": false },
    } }))
    .into_response()
}

async fn node(chain_id: &'static str, height: u64) -> (Arc<Fake>, String) {
    let (height, broken, asked) = (height.into(), false.into(), 0.into());
    let fake = Arc::new(Fake { chain_id, height, broken, asked });
    let app = Router::new().route("/", post(answer)).with_state(fake.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (fake, url)
}

fn config(urls: &[&str]) -> ChainConfig {
    let rpc = serde_json::from_value(json!(urls)).expect("urls");
    ChainConfig { rpc, ..ChainConfig::new("http://unused", "dev-1", "") }
}

#[tokio::test]
async fn the_first_is_asked_while_it_is_well_and_the_next_where_it_is_not() {
    let ((a, a_url), (b, b_url)) = (node("dev-1", 10).await, node("dev-1", 10).await);
    let chain = Endpoints::connect(&config(&[&a_url, &b_url])).await.expect("connected");
    let before = b.asked.load(Ordering::SeqCst);
    assert_eq!(chain.status().await.expect("status").height, 10);
    assert_eq!(b.asked.load(Ordering::SeqCst), before);
    a.broken.store(true, Ordering::SeqCst);
    assert_eq!(chain.status().await.expect("the other one's status").height, 10);
    let asked = a.asked.load(Ordering::SeqCst);
    assert_eq!(chain.status().await.expect("status").height, 10);
    assert_eq!(a.asked.load(Ordering::SeqCst), asked, "set aside for a while");
    b.broken.store(true, Ordering::SeqCst);
    let error = chain.status().await.expect_err("none is well");
    assert!(error.is_retryable(), "{error}");
}

#[tokio::test]
async fn one_that_stands_still_is_left_for_one_that_does_not() {
    let ((a, a_url), (b, b_url)) = (node("dev-1", 10).await, node("dev-1", 10).await);
    let chain = Endpoints::connect(&config(&[&a_url, &b_url])).await.expect("connected");
    b.height.store(14, Ordering::SeqCst);
    chain.survey().await.expect("surveyed");
    assert_eq!(chain.status().await.expect("status").height, 14);
    a.height.store(15, Ordering::SeqCst);
    chain.survey().await.expect("surveyed");
    assert_eq!(chain.status().await.expect("status").height, 15, "the first one is back");
}

#[tokio::test]
async fn a_node_of_another_chain_is_never_used_and_is_an_error_when_alone() {
    let ((other, other_url), (_b, b_url)) = (node("dev-2", 99).await, node("dev-1", 10).await);
    let chain = Endpoints::connect(&config(&[&other_url, &b_url])).await.expect("connected");
    let asked = other.asked.load(Ordering::SeqCst);
    assert_eq!(chain.status().await.expect("status").chain_id, "dev-1");
    assert_eq!(other.asked.load(Ordering::SeqCst), asked);
    let wrong = Endpoints::connect(&config(&[&other_url])).await.expect_err("another chain");
    assert!(matches!(wrong, ChainError::WrongChain { .. }), "{wrong}");
}
