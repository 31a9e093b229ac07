//! Blocks, their headers and their results, by height or hash.

use serde_json::{Value, json};

use crate::chain::Engine;
use crate::rpc::jsonrpc::{Answer, RpcError, answer, stored};
use crate::rpc::params::Params;

/// Returns the requested height, or the latest; refused unless it is a committed block's.
fn height(engine: &Engine, params: &Params) -> Result<u64, RpcError> {
    let latest = engine.latest().tip.height;
    let Some(asked) = params.height("height")? else { return Ok(latest) };
    let lowest = engine.faults.lowest_block();
    match u64::try_from(asked) {
        Err(_) | Ok(0) => Err(RpcError::internal(format!("height must be greater than 0, but got {asked}"))),
        Ok(height) if height > latest => Err(RpcError::internal(format!(
            "height {height} must be less than or equal to the current blockchain height {latest}"
        ))),
        Ok(height) if height < lowest => {
            Err(RpcError::internal(format!("height {height} is not available, lowest height is {lowest}")))
        }
        Ok(height) => Ok(height),
    }
}

fn load(engine: &Engine, height: u64) -> Result<Vec<u8>, RpcError> {
    engine
        .store
        .block_json(height)?
        .ok_or_else(|| RpcError::internal(format!("could not find block #{height}")))
}

pub(super) fn block(engine: &Engine, params: &Params) -> Answer {
    stored(load(engine, height(engine, params)?)?)
}

pub(super) fn block_by_hash(engine: &Engine, params: &Params) -> Answer {
    match engine.store.height_of_block(&params.bytes("hash")?)? {
        Some(height) => stored(load(engine, height)?),
        None => {
            let none = json!({ "hash": "", "parts": { "total": 0, "hash": "" } });
            answer(&json!({ "block_id": none, "block": null }))
        }
    }
}

pub(super) fn block_results(engine: &Engine, params: &Params) -> Answer {
    let height = height(engine, params)?;
    if engine.faults.results_are_discarded() {
        return Err(RpcError::internal("node is not persisting finalize block responses"));
    }
    let missing = || RpcError::internal(format!("could not find results for height #{height}"));
    if is_hidden(engine, height) {
        return Err(missing());
    }
    stored(engine.store.results_json(height)?.ok_or_else(missing)?)
}

pub(super) fn header(engine: &Engine, params: &Params) -> Answer {
    let block = parsed(engine, height(engine, params)?)?;
    answer(&json!({ "header": block["block"]["header"] }))
}

pub(super) fn commit(engine: &Engine, params: &Params) -> Answer {
    let height = height(engine, params)?;
    let block = parsed(engine, height)?;
    answer(&json!({
        "signed_header": {
            "header": block["block"]["header"],
            "commit": {
                "height": height.to_string(), "round": 0, "block_id": block["block_id"], "signatures": [],
            },
        },
        // The commit of the last block is not in a block yet.
        "canonical": height < engine.latest().tip.height,
    }))
}

fn parsed(engine: &Engine, height: u64) -> Result<Value, RpcError> {
    serde_json::from_slice(&load(engine, height)?).map_err(RpcError::internal)
}

/// Returns whether the results of a block cannot be found yet, as with a late indexer.
pub(super) fn is_hidden(engine: &Engine, height: u64) -> bool {
    let newest = engine.latest().tip.height.saturating_sub(engine.faults.hidden_results());
    height > newest
}
