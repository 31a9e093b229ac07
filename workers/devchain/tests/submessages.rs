//! Messages that contracts send: replies, limits, rollback. The test contract answers `{"ok":…}` with itself, so each test
//! writes the response that it wants carried out.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::{World, coin, lines};

fn call(contract: &str, msg: &str) -> Value {
    json!({ "wasm": { "execute": { "contract_addr": contract, "msg": STANDARD.encode(msg), "funds": [] } } })
}

fn sub(msg: &Value, reply_on: &str, gas_limit: Option<u64>) -> Value {
    json!({ "id": 1, "msg": msg, "gas_limit": gas_limit, "reply_on": reply_on })
}

fn response(messages: &[Value]) -> String {
    json!({ "ok": { "messages": messages, "attributes": [], "events": [], "data": null } }).to_string()
}

/// Runs a response of one contract and returns the code and log, and both counters.
async fn outcome(messages: impl Fn(&str, &str) -> Vec<Value>) -> (u32, String, String, String, Vec<String>) {
    let mut world = World::start().await;
    let (parent, child) = (world.deploy().await, world.deploy().await);
    let msg = response(&messages(&parent, &child));
    let tx = world.run(vec![world.execute(&parent, msg, vec![coin(10)])]).await;
    let counts = (world.count(&parent).await, world.count(&child).await);
    let events = lines(&tx.tx_result.events)
        .into_iter()
        .map(|line| line.replace(&parent, "parent").replace(&child, "child"))
        .filter(|line| line.contains("_contract_address"))
        .collect();
    (tx.tx_result.code.value(), tx.tx_result.log, counts.0, counts.1, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_reaches_the_other_contract_and_the_reply() {
    let (code, log, parent, child, events) =
        outcome(|_, child| vec![sub(&call(child, r#"{"a":{}}"#), "always", None)]).await;
    assert_eq!((code, log.as_str()), (0, ""));
    assert_eq!((parent.as_str(), child.as_str()), ("1", "1"));
    assert_eq!(
        events,
        [
            "execute{_contract_address=parent,msg_index=0}",
            "execute{_contract_address=child,msg_index=0}",
            "wasm{_contract_address=child,action=add,msg_index=0}",
            "wasm-added{_contract_address=child,by=1,msg_index=0}",
            "reply{_contract_address=parent,msg_index=0}",
            "wasm{_contract_address=parent,action=add,msg_index=0}",
            "wasm-added{_contract_address=parent,by=1,msg_index=0}",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_undone_and_replied_to() {
    let (code, log, parent, child, events) =
        outcome(|_, child| vec![sub(&call(child, r#"{"f":{}}"#), "error", None)]).await;
    assert_eq!((code, log.as_str()), (0, ""));
    assert_eq!((parent.as_str(), child.as_str()), ("1", "0"));
    assert!(events.iter().all(|line| !line.contains("child")), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_without_a_reply_fails_everything() {
    let (code, log, parent, child, _) = outcome(|_, child| {
        vec![
            sub(&call(child, r#"{"a":{}}"#), "never", None),
            sub(&call(child, r#"{"f":{}}"#), "success", None),
        ]
    })
    .await;
    assert_eq!(code, 5);
    assert_eq!(
        log,
        "failed to execute message; message index: 0: dispatch: submessages: refused: execute wasm contract failed"
    );
    assert_eq!((parent.as_str(), child.as_str()), ("0", "0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_contains_a_contract_that_never_ends() {
    let (code, log, parent, child, _) =
        outcome(|_, child| vec![sub(&call(child, r#"{"l":{}}"#), "error", Some(150_000))]).await;
    assert_eq!((code, log.as_str()), (0, ""));
    assert_eq!((parent.as_str(), child.as_str()), ("1", "0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_limit_it_takes_the_whole_transaction() {
    let (code, _, parent, _, _) =
        outcome(|_, child| vec![sub(&call(child, r#"{"l":{}}"#), "error", None)]).await;
    assert_eq!((code, parent.as_str()), (11, "0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn money_moves_with_messages_and_unknown_ones_are_clean_errors() {
    let mut world = World::start().await;
    let parent = world.deploy().await;
    let bob = world.bob.id.to_string();
    let before = world.balance(&bob).await;
    let send = json!({ "bank": { "send": {
        "to_address": bob, "amount": [{ "denom": "aarch", "amount": "4" }],
    }}});
    let tx =
        world.run(vec![world.execute(&parent, response(&[sub(&send, "never", None)]), vec![coin(10)])]).await;
    assert!(tx.tx_result.code.is_ok(), "{}", tx.tx_result.log);
    assert_eq!((world.balance(&bob).await, world.balance(&parent).await), (before + 4, 6));

    let unknown = json!({ "stargate": { "type_url": "/nobody.knows.Msg", "value": "" } });
    let tx = world.run(vec![world.execute(&parent, response(&[sub(&unknown, "error", None)]), vec![])]).await;
    assert!(tx.tx_result.code.is_ok(), "the contract may handle it: {}", tx.tx_result.log);
    let tx = world.run(vec![world.execute(&parent, response(&[sub(&unknown, "never", None)]), vec![])]).await;
    assert_eq!(tx.tx_result.code.value(), 2);
    assert!(tx.tx_result.log.contains("/nobody.knows.Msg"), "{}", tx.tx_result.log);
}
