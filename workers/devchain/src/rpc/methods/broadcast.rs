//! Hands transactions to the mempool. The answer says whether it accepted them, not whether a block will include them.

use serde_json::json;

use crate::chain::Engine;
use crate::rpc::jsonrpc::{Answer, RpcError, answer};
use crate::rpc::params::Params;

pub(super) fn broadcast(engine: &Engine, params: &Params) -> Answer {
    let checked = engine.mempool.add(&params.bytes("tx")?).map_err(RpcError::internal)?;
    let (codespace, code, log) = match &checked.result {
        Ok(_) => ("", 0, String::new()),
        Err(error) => {
            let (codespace, code) = error.code();
            (codespace, code, error.to_string())
        }
    };
    answer(&json!({
        "code": code, "data": "", "log": log, "codespace": codespace, "hash": hex::encode_upper(checked.hash),
    }))
}

pub(super) fn num_unconfirmed_txs(engine: &Engine) -> Answer {
    let (count, bytes) = engine.mempool.size();
    let (count, bytes) = (count.to_string(), bytes.to_string());
    answer(&json!({ "n_txs": count, "total": count, "total_bytes": bytes, "txs": null }))
}
