//! What waits for a relay goes in lists, each outcome of an item reaches its caller.

use std::sync::Mutex;
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use futures::future::join_all;
use gateway_testkit::{TestNode, sample_request};
use serde_json::json;
use tokio::sync::watch;

use super::*;
use crate::outlet::Outlet;

const PATIENCE: Duration = Duration::from_secs(20);

/// A relay that answers no call until it is released, and then as it was set to.
struct Gate {
    /// The requests of each call.
    calls: watch::Sender<Vec<Vec<u64>>>,
    open: watch::Sender<bool>,
    answers: Mutex<fn(u64) -> Value>,
}

impl Gate {
    async fn start() -> (Arc<Self>, Outlet) {
        let gate = Arc::new(Self {
            calls: watch::Sender::default(),
            open: watch::Sender::default(),
            answers: Mutex::new(|request| json!({ "request": request })),
        });
        let router = Router::new().route(PATH, post(Self::take)).with_state(gate.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (gate, Outlet::new(&url, reqwest::Client::new()))
    }

    async fn take(State(gate): State<Arc<Self>>, Json(list): Json<Vec<SignedOutcome>>) -> Json<Vec<Value>> {
        let requests: Vec<_> = list.iter().map(|signed| signed.request.get()).collect();
        gate.calls.send_modify(|calls| calls.push(requests.clone()));
        gate.open.subscribe().wait_for(|open| *open).await.unwrap();
        let answer = *gate.answers.lock().unwrap();
        Json(requests.into_iter().map(answer).filter(|answer| !answer.is_null()).collect())
    }

    fn open(&self) {
        self.open.send_replace(true);
    }

    /// Waits until there were `count` calls and returns the requests of each.
    async fn calls(&self, count: usize) -> Vec<Vec<u64>> {
        let mut calls = self.calls.subscribe();
        let waited = tokio::time::timeout(PATIENCE, calls.wait_for(|calls| calls.len() >= count)).await;
        waited.expect("the relay was called in time").unwrap().clone()
    }
}

fn attestation(request: u64, body: &str) -> SignedOutcome {
    TestNode::new(1, 1).sign(&sample_request(request), body)
}

#[tokio::test]
async fn what_waits_while_two_calls_are_under_way_goes_in_one() {
    let (gate, outlet) = Gate::start().await;
    let messages: Vec<_> = (0..100).map(|request| attestation(request, "1")).collect();
    let sent = join_all(messages.iter().map(|message| outlet.attest(message)));
    let release = async {
        let first = gate.calls(2).await;
        assert!(first.iter().map(Vec::len).sum::<usize>() < 100, "a call does not wait for more: {first:?}");
        gate.open();
    };
    let (sent, ()) = tokio::join!(sent, release);
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let calls = gate.calls(2).await;
    assert!(calls.len() <= 4, "{calls:?}");
    assert!(calls.iter().all(|call| call.len() <= LIST), "{calls:?}");
    assert_eq!(calls.concat(), (0..100).collect::<Vec<_>>(), "each once, in order");
}

#[tokio::test]
async fn each_attestation_has_the_verdict_of_its_place() {
    let (gate, outlet) = Gate::start().await;
    *gate.answers.lock().unwrap() = |request| match request {
        1 => json!({ "type": "/problems/closed", "title": "Closed\u{0}", "status": 409 }),
        request => json!({ "request": request }),
    };
    gate.open();
    let messages: Vec<_> = (0..4).map(|request| attestation(request, "1")).collect();
    let verdicts = join_all(messages.iter().map(|message| outlet.attest(message))).await;
    let texts: Vec<_> =
        verdicts.iter().map(|verdict| verdict.as_ref().err().map(ToString::to_string)).collect();
    let [None, Some(refused), None, None] = &texts[..] else { panic!("{texts:?}") };
    assert!(refused.starts_with("409 ") && refused.contains("closed"), "{refused}");
    assert!(!refused.contains('\0'), "no NUL byte reaches a database: {refused:?}");
}

#[tokio::test]
async fn an_answer_that_lacks_an_attestation_leaves_it_unsent() {
    let (gate, outlet) = Gate::start().await;
    *gate.answers.lock().unwrap() = |_| Value::Null;
    gate.open();
    let message = attestation(1, "1");
    assert!(matches!(outlet.attest(&message).await, Err(DeliveryError::Unanswered)));
}

#[tokio::test]
async fn a_call_is_bounded_in_bytes() {
    let (gate, outlet) = Gate::start().await;
    let large = "x".repeat(LIST_BYTES / 2);
    let messages: Vec<_> = (0..6).map(|request| attestation(request, &large)).collect();
    gate.open();
    assert!(join_all(messages.iter().map(|message| outlet.attest(message))).await.iter().all(Result::is_ok));
    let calls = gate.calls(3).await;
    assert!(calls.iter().all(|call| call.len() <= 2), "{calls:?}");
}
