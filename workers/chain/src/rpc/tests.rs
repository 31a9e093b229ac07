//! The client against a scripted node: how each of its answers is mapped.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::{Json, Router, routing::post};
use serde_json::{Value, json};

use super::*;

/// Answers by method; each method's last answer repeats.
type Script = Arc<Mutex<Vec<(&'static str, VecDeque<Value>)>>>;

async fn answer(State(script): State<Script>, Json(request): Json<Value>) -> Json<Value> {
    let method = request["method"].as_str().unwrap_or_default().to_owned();
    let mut script = script.lock().expect("lock");
    let queue = &mut script.iter_mut().find(|(m, _)| *m == method).expect("scripted method").1;
    let next = if queue.len() > 1 { queue.pop_front() } else { queue.front().cloned() };
    let mut answer = json!({ "jsonrpc": "2.0", "id": request["id"] });
    for (key, value) in next.expect("an answer").as_object().expect("object") {
        answer[key] = value.clone();
    }
    Json(answer)
}

async fn node(script: Vec<(&'static str, Vec<Value>)>) -> RpcChain {
    let script: Script =
        Arc::new(Mutex::new(script.into_iter().map(|(m, answers)| (m, answers.into())).collect()));
    let app = Router::new().route("/", post(answer)).with_state(script);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let mut config = ChainConfig::new(url.as_str(), "dev-1", "");
    config.timeout = Duration::from_secs(5);
    config.max_response = 64 << 10;
    let url = SecretUrl::parse(url).expect("url");
    RpcChain::new(&url, &config).expect("client")
}

fn error(data: &str) -> Value {
    json!({ "error": { "code": -32603, "message": "Internal error", "data": data } })
}

fn query(code: u32, log: &str, value: &[u8]) -> Value {
    use base64::Engine;
    let value = base64::engine::general_purpose::STANDARD.encode(value);
    json!({ "result": { "response": {
        "code": code, "log": log, "info": "", "index": "0", "key": null, "value": value,
        "proofOps": null, "height": "5", "codespace": if code == 0 { "" } else { "sdk" },
    } } })
}

fn status(earliest: u64, latest: u64) -> Value {
    let hash = "00".repeat(32);
    json!({ "result": {
        "node_info": {
            "protocol_version": { "p2p": "8", "block": "11", "app": "0" },
            "id": "0000000000000000000000000000000000000000", "listen_addr": "tcp://0.0.0.0:26656",
            "network": "dev-1", "version": "0.38.0", "channels": "40", "moniker": "m",
            "other": { "tx_index": "on", "rpc_address": "tcp://127.0.0.1:26657" },
        },
        "sync_info": {
            "latest_block_hash": hash, "latest_app_hash": hash, "latest_block_height": latest.to_string(),
            "latest_block_time": "2026-01-01T00:00:00.000000007Z",
            "earliest_block_hash": hash, "earliest_app_hash": hash,
            "earliest_block_height": earliest.to_string(), "earliest_block_time": "2026-01-01T00:00:00Z",
            "catching_up": false,
        },
        "validator_info": {
            "address": "0000000000000000000000000000000000000000",
            "pub_key": { "type": "tendermint/PubKeyEd25519", "value": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
            "voting_power": "1",
        },
    } })
}

#[tokio::test]
async fn status_and_wrong_chain() {
    let chain = node(vec![("status", vec![status(3, 9)])]).await;
    let status = chain.status().await.expect("status");
    assert_eq!((status.height, status.earliest, status.catching_up), (9, 3, false));
    assert_eq!(status.time_ns, 1_767_225_600_000_000_007);
    assert_eq!(status.chain_id, "dev-1");
}

#[tokio::test]
async fn missing_blocks_are_distinguished_by_the_nodes_height() {
    let refuse = || vec![error("height is not available")];
    let chain =
        node(vec![("status", vec![status(3, 9)]), ("block", refuse()), ("block_results", refuse())]).await;
    assert_eq!(chain.block(2).await, Err(ChainError::Pruned { height: 2, earliest: 3 }));
    assert_eq!(chain.block(10).await, Err(ChainError::NotYet { height: 10 }));
    let between = chain.block(5).await.expect_err("results not saved yet");
    assert!(between.is_retryable(), "{between}");
}

#[tokio::test]
async fn queries_carry_answers_and_the_contracts_errors() {
    let answer = QuerySmartContractStateResponse { data: b"{\"x\":1}".to_vec() }.encode_to_vec();
    let answers = vec![query(0, "", &answer), query(18, "no such request: query wasm contract failed", b"")];
    let chain = node(vec![("abci_query", answers)]).await;
    let answered = Answer { height: 5, value: b"{\"x\":1}".to_vec() };
    assert_eq!(chain.smart_query("archway1x", b"{}".to_vec(), 5).await, Ok(answered));
    let refused = chain.smart_query("archway1x", b"{}".to_vec(), 0).await.expect_err("refused");
    assert!(!refused.is_retryable() && refused.to_string().contains("no such request"), "{refused}");
}

#[tokio::test]
async fn an_unknown_account_has_an_error_of_its_own() {
    let base = BaseAccount { address: "a".into(), pub_key: None, account_number: 4, sequence: 11 };
    let any =
        cosmrs::Any { type_url: "/cosmos.auth.v1beta1.BaseAccount".into(), value: base.encode_to_vec() };
    let good = QueryAccountResponse { account: Some(any) }.encode_to_vec();
    let answers = vec![query(0, "", &good), query(22, "account a not found", b"")];
    let chain = node(vec![("abci_query", answers)]).await;
    let known = Account { number: 4, sequence: 11 };
    assert_eq!(chain.account("a", 0).await, Ok(Answer { height: 5, value: known }));
    assert_eq!(chain.account("a", 0).await, Err(ChainError::NoAccount { address: "a".into() }));
}

#[tokio::test]
async fn texts_of_the_mempool_become_codes() {
    let hash = crate::tx::hash(b"tx");
    let taken = json!({ "result": { "code": 0, "data": "", "log": "", "codespace": "", "hash": hash } });
    let answers = vec![
        taken,
        error("tx already exists in cache"),
        error("mempool is full: number of txs 5000 (max: 5000)"),
        error("Tx too large. Max size is 1048576, but got 1048577"),
        error("something else"),
    ];
    let chain = node(vec![("broadcast_tx_sync", answers)]).await;
    for code in [0, 19, 20, 21] {
        let result = chain.broadcast(b"tx").await.expect("an answer");
        assert_eq!((result.code, &result.hash), (code, &hash));
    }
    assert!(chain.broadcast(b"tx").await.expect_err("unknown text").is_retryable());
}

#[tokio::test]
async fn an_unknown_transaction_is_none_and_a_known_one_has_its_events() {
    let hash = crate::tx::hash(b"tx");
    let found = json!({ "result": {
        "hash": hash, "height": "7", "index": 1, "tx": "dHg=",
        "tx_result": { "code": 5, "data": null, "log": "no", "info": "", "gas_wanted": "20", "gas_used": "10",
            "codespace": "wasm", "events": [
                { "type": "wasm", "attributes": [{ "key": "k", "value": "v", "index": true }] } ] },
    } });
    let chain = node(vec![("tx", vec![error(&format!("tx ({hash}) not found")), found])]).await;
    assert_eq!(chain.tx(&hash).await, Ok(None));
    let found = chain.tx(&hash).await.expect("an answer").expect("found");
    assert_eq!((found.tx.height, found.tx.index, found.tx.code, found.tx.gas_used), (7, 1, 5, 10));
    assert_eq!((found.attribute("wasm", "k"), found.raw_log.as_str()), (Some("v"), "no"));
    assert_eq!(found.tx.hash, hash);
}

#[tokio::test]
async fn oversized_malformed_and_missing_answers_are_errors() {
    let huge = query(0, "", &vec![0; 100_000]);
    let chain = node(vec![("abci_query", vec![huge, json!({ "result": 3 })])]).await;
    let large = chain.smart_query("a", Vec::new(), 0).await.expect_err("too large");
    assert!(matches!(large, ChainError::TooLarge { .. }) && !large.is_retryable(), "{large}");
    let garbage = chain.smart_query("a", Vec::new(), 0).await.expect_err("garbage");
    assert!(matches!(garbage, ChainError::Decode { .. }), "{garbage}");
    let url = SecretUrl::parse("http://127.0.0.1:1").expect("url");
    let nobody = RpcChain::new(&url, &ChainConfig::new("http://127.0.0.1:1", "dev-1", "")).expect("client");
    let error = nobody.status().await.expect_err("nobody");
    assert!(matches!(error, ChainError::Transport { .. }) && error.is_retryable(), "{error}");
}

#[tokio::test]
async fn an_older_state_is_an_error_where_the_caller_needs_a_newer_one() {
    let answer = QuerySmartContractStateResponse { data: b"1".to_vec() }.encode_to_vec();
    let chain = node(vec![("abci_query", vec![query(0, "", &answer)])]).await;
    let behind = chain.smart_query("archway1x", b"{}".to_vec(), 6).await.expect_err("older");
    assert!(matches!(behind, ChainError::NodeBehind { have: 5, need: 6, .. }) && behind.is_retryable());
}

#[tokio::test]
async fn failures_of_the_node_are_not_refusals() {
    let answers = vec![
        query(
            18,
            "failed to load state at height 7; version does not exist (latest height: 7): invalid request",
            b"",
        ),
        query(111_222, "recovered: runtime error: nil pointer\nstack: panic", b""),
        query(
            11,
            "out of gas in location: wasm contract; gasWanted: 3000000, gasUsed: 3000412: out of gas",
            b"",
        ),
    ];
    let chain = node(vec![("abci_query", answers)]).await;
    for _ in 0..2 {
        let unwell = chain.smart_query("a", Vec::new(), 0).await.expect_err("unwell");
        assert!(matches!(unwell, ChainError::NodeUnwell { .. }) && unwell.is_retryable(), "{unwell}");
    }
    let gas = chain.smart_query("a", Vec::new(), 0).await.expect_err("gas");
    assert!(matches!(gas, ChainError::QueryOutOfGas { .. }) && !gas.is_retryable(), "{gas}");
}

#[tokio::test]
async fn a_node_without_an_index_or_results_says_so_by_type() {
    let chain = node(vec![
        ("tx", vec![error("transaction indexing is disabled")]),
        ("block", vec![error("x")]),
        ("block_results", vec![error("node is not persisting finalize block responses")]),
        ("status", vec![status(1, 9)]),
    ])
    .await;
    assert_eq!(chain.tx(&crate::tx::hash(b"tx")).await, Err(ChainError::NoIndex));
    let error = chain.block(5).await.expect_err("no results");
    assert!(error.is_retryable(), "{error}");
}

#[tokio::test]
async fn a_block_with_evidence_in_any_form_is_read() {
    let header = json!({ "height": "7", "time": "2026-01-01T00:00:00.000000007Z", "chain_id": "dev-1" });
    // Field names before and since CometBFT 0.38.11, and an unknown kind of evidence.
    let evidence = json!({ "evidence": [
        { "type": "tendermint/DuplicateVoteEvidence", "value": { "TotalVotingPower": 10, "vote_a": null } },
        { "type": "tendermint/LightClientAttackEvidence", "value": { "conflicting_block": {}, "total_voting_power": "10" } },
        { "type": "new/Evidence", "value": [] },
    ] });
    let block = json!({ "result": { "block_id": {}, "block": {
        "header": header, "data": { "txs": ["dHg="] }, "evidence": evidence, "last_commit": { "signatures": [{ "x": 1 }] } } } });
    let event = json!({ "type": "wasm", "attributes": [{ "key": "k", "value": "v", "index": true }, { "key": "n", "value": null }] });
    let results = json!({ "result": {
        "height": "7", "finalize_block_events": [event], "validator_updates": [{ "pub_key": { "Sum": {} } }],
        "consensus_param_updates": { "block": null, "abci": {} }, "app_hash": "",
        "txs_results": [{ "code": 0, "data": null, "log": "", "info": "", "gas_wanted": "9", "gas_used": "8",
            "events": null, "codespace": "" }] } });
    let chain = node(vec![("block", vec![block]), ("block_results", vec![results])]).await;
    let read = chain.block(7).await.expect("read");
    assert_eq!((read.height, read.time_ns), (7, 1_767_225_600_000_000_007));
    assert_eq!((read.txs[0].gas_used, &read.txs[0].hash), (8, &crate::tx::hash(b"tx")));
    assert_eq!(read.block_events[0].attribute("k"), Some("v"));
}

#[tokio::test]
async fn the_chains_price_is_asked_of_archway_or_of_the_node() {
    // gas_unit_price 140000000000 aarch with 18 decimals; the estimate holds a flat fee of 7 aarch.
    let dec = |denom: &str, amount: &str| {
        cosmrs::proto::cosmos::base::v1beta1::DecCoin { denom: denom.into(), amount: amount.into() }
            .encode_to_vec()
    };
    let field = |tag: u8, value: &[u8]| [&[tag, value.len() as u8], value].concat();
    let unit = field(0x0a, &dec("aarch", "140000000000000000000000000000"));
    let estimate = field(0x12, &dec("aarch", "140000000000000007"));
    let chain = node(vec![("abci_query", vec![query(0, "", &[unit, estimate].concat())])]).await;
    let asked = chain.minimum_price("aarch", "archway1x").await.expect("asked").expect("a price");
    assert_eq!(asked.price, crate::tx::GasPrice::from_integer(140_000_000_000));
    assert_eq!(asked.flat, [crate::types::Coin::new(7, "aarch")]);

    let unknown = || query(6, "unknown query path: unknown request", b"");
    let config = field(0x0a, b"1stake,0.025aarch");
    let chain = node(vec![("abci_query", vec![unknown(), query(0, "", &config)])]).await;
    let asked = chain.minimum_price("aarch", "archway1x").await.expect("asked").expect("a price");
    assert_eq!(asked.price.to_string(), "0.025");
    let chain = node(vec![("abci_query", vec![unknown()])]).await;
    assert_eq!(chain.minimum_price("aarch", "archway1x").await, Ok(None));
}
