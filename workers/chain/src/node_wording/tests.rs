//! Real answers of nodes, and how each is classified.

use super::*;

const WASM_REFUSAL: &str = "rpc error: code = Unknown desc = failed to execute message; message index: 1: \
    Request is closed: execute wasm contract failed [CosmWasm/wasmd@v0.53.0/x/wasm/keeper/keeper.go:436] with gas used: \
    '152342': unknown request";
const FUNDS: &str = "rpc error: code = Unknown desc = failed to execute message; message index: 0: spendable balance \
    0aarch is smaller than 5aarch: insufficient funds with gas used: '61374': unknown request";
const SEQUENCE: &str = "rpc error: code = Unknown desc = account sequence mismatch, expected 5, got 3: incorrect account sequence: unknown request";
const LOAD_STATE: &str =
    "failed to load state at height 7; version does not exist (latest height: 7): invalid request";
const PANIC: &str =
    "recovered: runtime error: invalid memory address or nil pointer dereference\nstack:\ngoroutine 1: panic";
const FIRST_BLOCK: &str = "application is not ready; please wait for first block: invalid height";
const SIMULATION_GAS: &str = "rpc error: code = Unknown desc = out of gas in location: wasm contract; gasWanted: 3000000, \
    gasUsed: 3000412: out of gas: unknown request";

#[test]
fn only_texts_of_the_application_refuse_a_query() {
    let refusals = [
        (
            6,
            "sdk",
            "rpc error: code = Unknown desc = no such request: query wasm contract failed: unknown request",
        ),
        (9, "wasm", "closed"),
        (22, "sdk", "rpc error: code = NotFound desc = account archway1x not found: key not found"),
        (6, "sdk", "unknown query path: unknown request"),
        (6, "sdk", "rpc error: code = NotFound desc = no such contract: address archway1x: unknown request"),
    ];
    for (code, codespace, log) in refusals {
        assert_eq!(query(code, codespace, log), QueryMeaning::Refused, "{log}");
    }
    let gas = "out of gas in location: wasm contract; gasWanted: 3000000, gasUsed: 3000412: out of gas";
    assert_eq!(query(11, "sdk", gas), QueryMeaning::OutOfGas);
    assert_eq!(query(6, "sdk", SIMULATION_GAS), QueryMeaning::OutOfGas);
    for (code, codespace, log) in [
        (18, "sdk", LOAD_STATE),
        (111_222, "undefined", PANIC),
        (26, "sdk", FIRST_BLOCK),
        (1, "undefined", "internal"),
        (6, "sdk", "rpc error: code = Unavailable desc = transport is closing: unknown request"),
        (
            38,
            "sdk",
            "cannot query with proof when height <= 1; please provide a valid height: invalid height",
        ),
    ] {
        assert_eq!(query(code, codespace, log), QueryMeaning::NodeUnwell, "{log}");
    }
}

#[test]
fn a_simulation_blames_a_message_only_where_one_was_executed() {
    use SimulationMeaning as M;
    for (code, codespace, log, meaning) in [
        (6, "sdk", WASM_REFUSAL, M::Message(1)),
        (6, "sdk", FUNDS, M::Funds(Some(0))),
        (6, "sdk", SEQUENCE, M::Sequence),
        (32, "sdk", "x", M::Sequence),
        (6, "sdk", SIMULATION_GAS, M::OutOfGas),
        (5, "sdk", "spendable balance 1aarch is smaller than 2aarch: insufficient funds", M::Funds(None)),
        (18, "sdk", LOAD_STATE, M::NodeUnwell),
        (111_222, "undefined", PANIC, M::NodeUnwell),
        (6, "sdk", PANIC, M::NodeUnwell),
        (26, "sdk", FIRST_BLOCK, M::NodeUnwell),
        // Code 5 of the wasm module is "execute wasm contract failed", not the SDK's lack of funds; without an index it blames
        // no message.
        (5, "wasm", "closed", M::NodeUnwell),
    ] {
        assert_eq!(simulation(code, codespace, log), meaning, "{log}");
    }
    // As it appears in a block's result.
    let in_block = "failed to execute message; message index: 12: dispatch: submessages: closed: execute wasm contract failed";
    assert_eq!(message_index(in_block), Some(12));
    assert_eq!(
        message_index("out of gas in location: Loading CosmWasm module: execute; gasWanted: 1, gasUsed: 2"),
        None
    );
}

#[test]
fn pool_codes_count_only_in_the_sdks_codespace() {
    use PoolMeaning as M;
    for (code, codespace, meaning) in [
        (0, "", M::Taken),
        (19, "sdk", M::Taken),
        (20, "sdk", M::Full),
        (21, "sdk", M::TooLarge),
        (30, "sdk", M::TimedOut),
        (32, "sdk", M::Sequence),
        (13, "sdk", M::FeeTooLow),
        (5, "sdk", M::Funds),
        (4, "sdk", M::Other),
        (32, "wasm", M::Other),
    ] {
        assert_eq!(pool(code, codespace), meaning, "{code} of {codespace}");
    }
}

#[test]
fn texts_of_the_rpc_have_meanings() {
    use RpcMeaning as M;
    for (message, meaning) in [
        ("Internal error: transaction indexing is disabled", M::NoIndex),
        ("Internal error: node is not persisting finalize block responses", M::NoResults),
        ("Internal error: tx (0A1B) not found, err: <nil>", M::NoTransaction),
        ("Internal error: tx already exists in cache", M::InPool),
        (
            "Internal error: mempool is full: number of txs 5000 (max: 5000), total txs bytes 1 (max: 2)",
            M::PoolFull,
        ),
        ("Internal error: Tx too large. Max size is 1048576, but got 1048577", M::TooLarge),
        ("Invalid Request: error reading request body: http: request body too large", M::TooLarge),
        ("Internal error: could not find results for height #5", M::Other),
        ("Internal error: height 9 must be less than or equal to the current blockchain height 8", M::Other),
    ] {
        assert_eq!(rpc(message), meaning, "{message}");
    }
    assert!(http_too_large(413, "") && http_too_large(400, "http: request body too large"));
    assert!(!http_too_large(400, "bad request"));
}

#[test]
fn a_refusal_for_the_fee_names_the_fee() {
    let archway = "tx fee 28000aarch is less than min fee: 126000000000aarch: insufficient fee";
    assert_eq!(required_fee(archway, "aarch"), Some(Coin::new(126_000_000_000, "aarch")));
    let sdk =
        "insufficient fees; got: 140000000000aarch required: 5stake,900000000000aarch: insufficient fee";
    assert_eq!(required_fee(sdk, "aarch"), Some(Coin::new(900_000_000_000, "aarch")));
    assert_eq!(required_fee(sdk, "uarch"), None);
    assert_eq!(required_fee("insufficient fee", "aarch"), None);
}
