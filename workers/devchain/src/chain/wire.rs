//! Blocks and results in CometBFT's JSON where the client library's differs: what is empty there is null here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use tendermint::abci::types::ExecTxResult;

use crate::error::DevchainError;

/// Returns a block with its id.
///
/// # Errors
/// [`DevchainError::Block`] if it cannot be written as JSON.
pub(crate) fn block(response: &impl Serialize) -> Result<Value, DevchainError> {
    let mut value = serde_json::to_value(response).map_err(DevchainError::block)?;
    let none = json!({ "hash": "", "parts": { "total": 0, "hash": "" } });
    let commit = json!({ "height": "0", "round": 0, "block_id": none, "signatures": [] });
    let empty = [
        ("/block/data/txs", json!([])),
        ("/block/evidence/evidence", json!([])),
        ("/block/header/last_block_id", none),
        ("/block/last_commit", commit),
        ("/block/last_commit/signatures", json!([])),
    ];
    for (pointer, instead) in empty {
        if let Some(found) = value.pointer_mut(pointer)
            && found.is_null()
        {
            *found = instead;
        }
    }
    // An application version of 0 is left out.
    if let Some(version) = value.pointer_mut("/block/header/version").and_then(Value::as_object_mut) {
        version.remove("app");
    }
    Ok(value)
}

/// Returns the result of a transaction; its data is base64.
///
/// # Errors
/// [`DevchainError::Block`] if it cannot be written as JSON.
pub(crate) fn tx_result(result: &ExecTxResult) -> Result<Value, DevchainError> {
    let mut value = serde_json::to_value(result).map_err(DevchainError::block)?;
    let data = (!result.data.is_empty()).then(|| STANDARD.encode(&result.data));
    value["data"] = data.into();
    Ok(value)
}

/// Returns the results of a block's transactions; null if there are none.
///
/// # Errors
/// [`DevchainError::Block`] if one cannot be written as JSON.
pub(crate) fn tx_results(results: &[ExecTxResult]) -> Result<Value, DevchainError> {
    if results.is_empty() {
        return Ok(Value::Null);
    }
    results.iter().map(tx_result).collect()
}
