//! Transactions by hash and by their events.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tendermint::abci;

use super::blocks::is_hidden;
use crate::chain::Engine;
use crate::chain::search::{Attributes, Op, Query, collect};
use crate::rpc::jsonrpc::{Answer, RpcError, answer};
use crate::rpc::params::Params;
use crate::state::history::TxPosition;
use crate::tx::decode::tx_hash;

const DEFAULT_PAGE: u64 = 30;
const MAX_PAGE: u64 = 100;

/// A transaction in a block, with its result.
struct Found {
    hash: String,
    position: TxPosition,
    bytes: Vec<u8>,
    result: Value,
}

impl Found {
    fn load(engine: &Engine, (height, index): TxPosition) -> Result<Self, RpcError> {
        let lost = || RpcError::internal(format!("transaction {index} of block {height} is missing"));
        let block = engine.store.block_json(height)?.ok_or_else(lost)?;
        let results = engine.store.results_json(height)?.ok_or_else(lost)?;
        let block: Value = serde_json::from_slice(&block).map_err(RpcError::internal)?;
        let mut results: Value = serde_json::from_slice(&results).map_err(RpcError::internal)?;
        let at = index as usize;
        let bytes = block["block"]["data"]["txs"][at].as_str().ok_or_else(lost)?;
        let bytes = STANDARD.decode(bytes).map_err(RpcError::internal)?;
        let result = results["txs_results"].get_mut(at).map(Value::take).ok_or_else(lost)?;
        Ok(Self { hash: hex::encode_upper(tx_hash(&bytes)), position: (height, index), bytes, result })
    }

    fn attributes(&self) -> Result<Attributes, RpcError> {
        let mut attributes = Attributes::new();
        attributes.insert("tm.event".to_owned(), vec!["Tx".to_owned()]);
        attributes.insert("tx.hash".to_owned(), vec![self.hash.clone()]);
        attributes.insert("tx.height".to_owned(), vec![self.position.0.to_string()]);
        let events: Vec<abci::Event> =
            serde_json::from_value(self.result["events"].clone()).map_err(RpcError::internal)?;
        collect(&events, &mut attributes);
        Ok(attributes)
    }

    fn json(&self) -> Value {
        json!({
            "hash": self.hash,
            "height": self.position.0.to_string(),
            "index": self.position.1,
            "tx_result": self.result,
            "tx": STANDARD.encode(&self.bytes),
        })
    }
}

pub(super) fn tx(engine: &Engine, params: &Params) -> Answer {
    let hash = params.bytes("hash")?;
    require_index(engine)?;
    match engine.store.find_tx(&hash)? {
        Some(position) if !is_unindexed(engine, position.0) => answer(&Found::load(engine, position)?.json()),
        _ => Err(RpcError::internal(format!("tx ({}) not found", hex::encode_upper(hash)))),
    }
}

/// Refuses if the transaction index is switched off.
fn require_index(engine: &Engine) -> Result<(), RpcError> {
    if engine.faults.index_is_off() {
        return Err(RpcError::internal("transaction indexing is disabled"));
    }
    Ok(())
}

/// Returns whether the index has not reached a block yet, or its results are hidden.
fn is_unindexed(engine: &Engine, height: u64) -> bool {
    let indexed = engine.latest().tip.height.saturating_sub(engine.faults.unindexed_blocks());
    height > indexed || is_hidden(engine, height)
}

pub(super) fn tx_search(engine: &Engine, params: &Params) -> Answer {
    require_index(engine)?;
    let query = Query::parse(&params.text("query")?.unwrap_or_default()).map_err(RpcError::internal)?;
    let mut found = Vec::new();
    for position in candidates(engine, &query)? {
        if is_unindexed(engine, position.0) {
            continue;
        }
        let tx = Found::load(engine, position)?;
        if query.matches(&tx.attributes()?) {
            found.push(tx);
        }
    }
    found.sort_by_key(|tx| tx.position);
    match params.text("order_by")?.as_deref() {
        None | Some("asc") => {}
        Some("desc") => found.reverse(),
        Some(_) => {
            return Err(RpcError::internal("expected order_by to be either `asc` or `desc` or empty"));
        }
    }
    let per_page = match params.number("per_page")?.unwrap_or(DEFAULT_PAGE) {
        0 => DEFAULT_PAGE,
        asked => asked.min(MAX_PAGE),
    };
    let pages = (found.len() as u64).div_ceil(per_page).max(1);
    let page = params.number("page")?.unwrap_or(1);
    if page == 0 || page > pages {
        return Err(RpcError::internal(format!("page should be within [1, {pages}] range, given {page}")));
    }
    let skip = usize::try_from((page - 1) * per_page).unwrap_or(usize::MAX);
    let take = usize::try_from(per_page).unwrap_or(usize::MAX);
    let txs: Vec<Value> = found.iter().skip(skip).take(take).map(Found::json).collect();
    answer(&json!({ "txs": txs, "total_count": found.len().to_string() }))
}

/// Returns every transaction that could match, found through the narrowest index that the query offers.
fn candidates(engine: &Engine, query: &Query) -> Result<Vec<TxPosition>, RpcError> {
    let equal = |key: &str| query.conditions.iter().find(|c| c.key == key && c.op == Op::Eq);
    if let Some(hash) = equal("tx.hash") {
        let hash = hex::decode(&hash.value).map_err(RpcError::internal)?;
        return Ok(engine.store.find_tx(&hash)?.into_iter().collect());
    }
    let indexed = query.conditions.iter().find(|c| {
        c.op == Op::Eq && c.key != "tx.height" && c.key != "tm.event" && c.value.parse::<i128>().is_err()
    });
    if let Some(condition) = indexed {
        return Ok(engine.store.txs_with(&condition.key, &condition.value)?);
    }
    let latest = engine.latest().tip.height;
    let (mut from, mut to) = (1, latest);
    for condition in query.conditions.iter().filter(|c| c.key == "tx.height") {
        let Ok(height) = condition.value.parse::<u64>() else { continue };
        match condition.op {
            Op::Eq => (from, to) = (from.max(height), to.min(height)),
            Op::Gt | Op::Gte => from = from.max(height),
            Op::Lt | Op::Lte => to = to.min(height),
            Op::Contains | Op::Exists => {}
        }
    }
    let mut positions = Vec::new();
    for height in from..=to {
        let Some(results) = engine.store.results_json(height)? else { continue };
        let results: Value = serde_json::from_slice(&results).map_err(RpcError::internal)?;
        let count = results["txs_results"].as_array().map_or(0, Vec::len);
        positions.extend((0u32..).take(count).map(|index| (height, index)));
    }
    Ok(positions)
}
