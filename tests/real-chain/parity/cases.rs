//! The table: what is asked, by name.

use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::QueryAccountRequest;
use cosmrs::proto::cosmos::bank::v1beta1::{
    QueryAllBalancesRequest, QueryBalanceRequest, QuerySupplyOfRequest,
};
use cosmrs::proto::cosmos::tx::v1beta1::SimulateRequest;
use cosmrs::proto::cosmwasm::wasm::v1::{
    QueryCodeRequest, QueryContractInfoRequest, QueryRawContractStateRequest, QuerySmartContractStateRequest,
};
use serde_json::{Value, json};

use crate::account::{Account, Terms, message};
use crate::answers::Answers;
use crate::world::{World, base64};

const ACCOUNT: &str = "/cosmos.auth.v1beta1.Query/Account";
const SMART: &str = "/cosmwasm.wasm.v1.Query/SmartContractState";
const SIMULATE: &str = "/cosmos.tx.v1beta1.Service/Simulate";

/// An address that nobody has used.
fn nobody() -> String {
    Account::new(77).id.to_string()
}

/// What a websocket says to a subscriber.
pub(crate) async fn subscriptions(world: &World, answers: &mut Answers) {
    let [answer, event] = world.subscribe("tm.event='NewBlockHeader'").await;
    answers.note("subscribe to headers", answer);
    answers.note("subscribe to headers: the first event", event);
    let [answer] = world.subscribe("tm.event=").await;
    answers.note("subscribe to nonsense", answer);
}

/// The RPC's methods, asked rightly and wrongly.
pub(crate) async fn methods(world: &mut World, answers: &mut Answers) {
    // Behind the blocks that hold the contract's transactions.
    world.next_block().await;
    world.next_block().await;
    for method in ["health", "status", "block", "header", "commit", "validators", "num_unconfirmed_txs"] {
        answers.note(&format!("method {method}"), world.call(method, json!({})).await);
    }
    answers.note("method unknown", world.call("no_such_method", json!({})).await);
    for (case, height) in [("zero", "0"), ("far", "100000000"), ("negative", "-1"), ("no number", "x")] {
        for method in ["block", "block_results", "commit"] {
            answers.note(
                &format!("{method} at a height: {case}"),
                world.call(method, json!({ "height": height })).await,
            );
        }
    }
    let height = world.height().await.to_string();
    answers.note("block by a number", world.call("block", json!({ "height": height })).await);
    let hash = base64(&[7; 32]);
    answers.note("block_by_hash unknown", world.call("block_by_hash", json!({ "hash": hash })).await);
    answers.note("tx unknown", world.call("tx", json!({ "hash": hash })).await);
    answers.note("tx by hex in JSON", world.call("tx", json!({ "hash": "0x0707" })).await);
    answers.note(
        "tx_search none",
        world.call("tx_search", json!({ "query": "tx.height=1", "page": "1" })).await,
    );
    answers.note(
        "tx_search page 2",
        world.call("tx_search", json!({ "query": "tx.height=1", "page": "2" })).await,
    );
    answers.note("tx_search without a query", world.call("tx_search", json!({})).await);
    answers.note("tx_search wrong query", world.call("tx_search", json!({ "query": "tx.height" })).await);
    answers.note("URL health", world.get("health").await);
    answers.note("URL block", world.get("block?height=1").await);
    answers.note("URL quoted height", world.get("block?height=%221%22").await);
    answers.note("URL tx unknown", world.get(&format!("tx?hash=0x{}", "07".repeat(32))).await);
    answers.note("URL method unknown", world.get("no_such_method").await);
    answers.note("URL query", world.get("abci_query?path=%22/no.such.Query/Thing%22&data=0x0a").await);
    answers.note("body no JSON", world.post(b"{".to_vec()).await);
    answers.note("body too large", world.post(vec![b' '; 1_100_000]).await);
    let batch = json!([
        { "jsonrpc": "2.0", "id": 1, "method": "health" },
        { "jsonrpc": "2.0", "id": "two", "method": "health", "params": {} },
    ]);
    answers.note("body batch", world.post(batch.to_string().into_bytes()).await);
    let positions = json!({ "jsonrpc": "2.0", "id": 1, "method": "block", "params": ["1"] });
    answers.note("body parameters by position", world.post(positions.to_string().into_bytes()).await);
}

/// Transactions that are refused: before a block, or in one.
pub(crate) async fn refusals(world: &mut World, answers: &mut Answers) {
    let usual = Terms::default;
    let height = world.height().await;
    let cases = [
        ("sequence ahead", Terms { ahead: 5, ..usual() }),
        ("another chain", Terms { chain_id: "another-1", ..usual() }),
        ("too little gas for the checks", Terms { gas: 1_000, fee: 1_000, ..usual() }),
        ("more gas than a block", Terms { gas: 300_000_001, fee: 300_000_001, ..usual() }),
        ("fee below the least price", Terms { fee: 1_999_999, ..usual() }),
        ("fee of nothing", Terms { fee: 0, ..usual() }),
        ("fee beyond the balance", Terms { fee: 1_000_000_000_000_000_000, ..usual() }),
        ("memo too long", Terms { memo: "m".repeat(257), ..usual() }),
        ("timed out", Terms { timeout_height: u32::try_from(height - 1).unwrap(), ..usual() }),
    ];
    for (case, terms) in cases {
        let tx = world.alice.sign(vec![world.send(1)], &terms);
        answers.note(&format!("refused: {case}"), world.broadcast(&tx).await);
    }
    let stranger = Account::new(9);
    let send = world.send(1);
    let tx = stranger.sign(vec![send], &usual());
    answers.note("refused: signed by another", world.broadcast(&tx).await);
    let nothing = world.alice.sign(Vec::new(), &usual());
    answers.note("refused: no message", world.broadcast(&nothing).await);
    let unknown = Any { type_url: "/no.such.Msg".to_owned(), value: Vec::new() };
    let unknown = world.alice.sign(vec![unknown], &usual());
    answers.note("refused: unknown message", world.broadcast(&unknown).await);
    answers.note("refused: no transaction", world.broadcast(b"nonsense").await);
    answers.note("refused: tx without base64", world.call("broadcast_tx_sync", json!({ "tx": "%" })).await);
    answers.note("refused: tx missing", world.call("broadcast_tx_sync", json!({})).await);

    let contract = world.contract.clone();
    let cases = [
        ("more coins than there are", world.send(u128::MAX / 2), 2_000_000),
        ("contract says no", world.execute(&contract, r#"{"f":{}}"#), 2_000_000),
        ("contract runs for ever", world.execute(&contract, r#"{"l":{}}"#), 400_000),
        ("contract answers nonsense", world.execute(&contract, r#"{"nonsense":1}"#), 2_000_000),
        ("no such contract", world.execute(&nobody(), r#"{"a":{}}"#), 2_000_000),
        ("message that is not JSON", world.execute(&contract, "{"), 2_000_000),
    ];
    for (case, message, gas) in cases {
        let terms = Terms { gas, fee: u128::from(gas), ..usual() };
        let done = world.include_or_refusal(vec![message], &terms).await;
        answers.note(&format!("failed: {case}"), done);
    }
}

/// Queries of the application, estimates among them.
pub(crate) async fn queries(world: &mut World, answers: &mut Answers) {
    let bob = world.bob.id.to_string();
    answers.note("query account", world.query(ACCOUNT, &QueryAccountRequest { address: bob.clone() }).await);
    answers.note(
        "query account of nobody",
        world.query(ACCOUNT, &QueryAccountRequest { address: nobody() }).await,
    );
    answers.note(
        "query account no address",
        world.query(ACCOUNT, &QueryAccountRequest { address: "x".into() }).await,
    );
    let denom = "nothing".to_owned();
    let balance = QueryBalanceRequest { address: bob.clone(), denom: denom.clone() };
    answers
        .note("query balance of nothing", world.query("/cosmos.bank.v1beta1.Query/Balance", &balance).await);
    let all = QueryAllBalancesRequest { address: bob, ..Default::default() };
    answers.note("query all balances", world.query("/cosmos.bank.v1beta1.Query/AllBalances", &all).await);
    let supply = QuerySupplyOfRequest { denom };
    answers
        .note("query supply of nothing", world.query("/cosmos.bank.v1beta1.Query/SupplyOf", &supply).await);
    answers.note("query unknown", world.query_bytes("/no.such.Query/Thing", &[], "0").await);
    answers.note("query no path", world.query_bytes("", &[], "0").await);
    answers.note("query nonsense", world.query_bytes(ACCOUNT, &[0xff, 0xff], "0").await);
    let account = cosmrs::proto::prost::Message::encode_to_vec(&QueryAccountRequest { address: nobody() });
    answers.note("query in the future", world.query_bytes(ACCOUNT, &account, "100000000").await);
    answers.note(
        "query data no hex",
        world.call("abci_query", json!({ "path": ACCOUNT, "data": "0x0a" })).await,
    );

    let contract = world.contract.clone();
    let smart = |address: &str, msg: &str| QuerySmartContractStateRequest {
        address: address.to_owned(),
        query_data: msg.as_bytes().to_vec(),
    };
    answers.note("smart", world.query(SMART, &smart(&contract, r#"{"c":{}}"#)).await);
    answers.note("smart for ever", world.query(SMART, &smart(&contract, r#"{"l":{}}"#)).await);
    answers.note("smart no contract", world.query(SMART, &smart(&nobody(), "{}")).await);
    answers.note("smart no JSON", world.query(SMART, &smart(&contract, "{")).await);
    answers.note("smart no address", world.query(SMART, &smart("x", "{}")).await);
    let raw =
        |key: &[u8]| QueryRawContractStateRequest { address: contract.clone(), query_data: key.to_vec() };
    let path = "/cosmwasm.wasm.v1.Query/RawContractState";
    answers.note("raw", world.query(path, &raw(b"c")).await);
    answers.note("raw nothing", world.query(path, &raw(b"x")).await);
    let path = "/cosmwasm.wasm.v1.Query/ContractInfo";
    answers
        .note("info no contract", world.query(path, &QueryContractInfoRequest { address: nobody() }).await);
    answers.note(
        "code none",
        world.query("/cosmwasm.wasm.v1.Query/Code", &QueryCodeRequest { code_id: 99 }).await,
    );
    simulations(world, answers, &contract).await;
}

async fn simulations(world: &mut World, answers: &mut Answers, contract: &str) {
    let at = |height: u64| Terms { timeout_height: u32::try_from(height).unwrap(), ..Terms::default() };
    // Simulated at the height of the last block: a transaction that times out there is not late yet.
    let mut tries = 0;
    let at_the_tip = loop {
        let height = world.height().await;
        let answer = simulate(world, vec![world.send(1)], &at(height)).await;
        tries += 1;
        // A block may come between the two calls.
        if world.height().await == height || tries == 20 {
            break answer;
        }
    };
    answers.note("simulate: times out at the last block", outcome(&at_the_tip));
    let height = world.height().await;
    let late = simulate(world, vec![world.send(1)], &at(height - 1)).await;
    answers.note("simulate: timed out before the last block", late);
    let cases = [
        ("sequence ahead", world.send(1), Terms { ahead: 5, ..Terms::default() }),
        ("no fee", world.send(1), Terms { fee: 0, ..Terms::default() }),
        (
            "fee beyond the balance",
            world.send(1),
            Terms { fee: 1_000_000_000_000_000_000, ..Terms::default() },
        ),
        ("more coins than there are", world.send(u128::MAX / 2), Terms::default()),
        ("contract says no", world.execute(contract, r#"{"f":{}}"#), Terms::default()),
        ("no such contract", world.execute(&nobody(), r#"{"a":{}}"#), Terms::default()),
        ("gas of nothing", world.send(1), Terms { gas: 0, fee: 0, ..Terms::default() }),
        ("too little gas", world.send(1), Terms { gas: 1_000, fee: 1_000, ..Terms::default() }),
    ];
    for (case, message, terms) in cases {
        let answer = simulate(world, vec![message], &terms).await;
        answers.note(&format!("simulate: {case}"), outcome(&answer));
    }
    answers.note("simulate: nothing", world.query(SIMULATE, &SimulateRequest::default()).await);
}

async fn simulate(world: &World, messages: Vec<Any>, terms: &Terms) -> Value {
    #[allow(deprecated)] // the field that clients may still use
    let request = SimulateRequest { tx: None, tx_bytes: world.alice.sign(messages, terms) };
    world.query(SIMULATE, &request).await
}

/// Code and text of an answer; of a success only that it is one.
fn outcome(answer: &Value) -> Value {
    let response = &answer["result"]["response"];
    json!({ "code": response["code"], "codespace": response["codespace"], "log": response["log"] })
}

/// Blocks with and without transactions, and a transaction's status at each moment.
pub(crate) async fn blocks(world: &mut World, answers: &mut Answers) {
    let done = world.include(vec![world.send(1)], &Terms::default()).await;
    answers.note("tx of coins", done.clone());
    let height = done["height"].as_str().unwrap().to_owned();
    answers.note("block with a transaction", world.call("block", json!({ "height": height })).await);
    answers.note(
        "block_results with a transaction",
        world.call("block_results", json!({ "height": height })).await,
    );
    let query = format!("tx.height={height}");
    answers.note(
        "tx_search by height",
        world.call("tx_search", json!({ "query": query, "per_page": "1" })).await,
    );
    // A block's results may come a moment after the block.
    let empty = world.next_block().await.to_string();
    world.next_block().await;
    answers.note("block without transactions", world.call("block", json!({ "height": empty })).await);
    answers.note(
        "block_results without transactions",
        world.call("block_results", json!({ "height": empty })).await,
    );
    answers.note(
        "block_results of the first block",
        world.call("block_results", json!({ "height": "1" })).await,
    );

    let contract = world.contract.clone();
    let added = world.execute(&contract, r#"{"a":{}}"#);
    answers.note("tx of a contract", world.include(vec![added], &Terms::default()).await);
    let two = vec![world.send(1), world.execute(&contract, r#"{"a":{}}"#)];
    answers.note("tx of two messages", world.include(two, &Terms::default()).await);

    let tx = world.alice.sign(vec![world.send(2)], &Terms::default());
    let sent = world.broadcast(&tx).await;
    world.alice.sequence += 1;
    answers.note("accepted", sent.clone());
    answers.note("sent again", world.broadcast(&tx).await);
    world.next_block().await;
    world.next_block().await;
    answers.note("sent again after its block", world.broadcast(&tx).await);
    let waiting = world.alice.sign(vec![world.send(3)], &Terms::default());
    let hash = hex::decode(world.broadcast(&waiting).await["result"]["hash"].as_str().unwrap()).unwrap();
    world.alice.sequence += 1;
    answers.note("tx before its block", world.call("tx", json!({ "hash": base64(&hash) })).await);
    let nonce = message("/cosmos.bank.v1beta1.MsgSend", &QueryAccountRequest::default());
    let odd = world.alice.sign(vec![nonce], &Terms::default());
    answers.note("refused: message without fields", world.broadcast(&odd).await);
}
