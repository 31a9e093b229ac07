//! The fields that are used of a node's answers, and their conversion into this crate's types.
//!
//! Field names are those of CometBFT's RPC (0.34 to 0.38). Everything else is ignored: evidence, commits, validators and
//! parameters change between versions and must not stop a daemon.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};

use crate::error::{ChainError, Result};
use crate::types::{BlockEvents, RawEvent, Status, TxEvents, TxFound};

#[derive(Deserialize)]
pub(super) struct StatusAnswer {
    node_info: NodeInfo,
    sync_info: SyncInfo,
}

#[derive(Deserialize)]
struct NodeInfo {
    network: String,
}

#[derive(Deserialize)]
struct SyncInfo {
    #[serde(deserialize_with = "number")]
    latest_block_height: u64,
    latest_block_time: String,
    #[serde(default, deserialize_with = "number")]
    earliest_block_height: u64,
    #[serde(default)]
    earliest_block_hash: String,
    #[serde(default)]
    catching_up: bool,
}

#[derive(Deserialize)]
pub(super) struct BlockAnswer {
    block: Block,
}

#[derive(Deserialize)]
struct Block {
    header: Header,
    data: BlockData,
}

#[derive(Deserialize)]
struct Header {
    #[serde(deserialize_with = "number")]
    height: u64,
    time: String,
}

#[derive(Deserialize)]
struct BlockData {
    txs: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct ResultsAnswer {
    #[serde(deserialize_with = "number")]
    height: u64,
    txs_results: Option<Vec<TxResult>>,
    finalize_block_events: Option<Vec<Event>>,
    begin_block_events: Option<Vec<Event>>,
    end_block_events: Option<Vec<Event>>,
}

#[derive(Deserialize)]
struct TxResult {
    #[serde(default)]
    code: u32,
    data: Option<String>,
    #[serde(default)]
    log: String,
    #[serde(default)]
    codespace: String,
    #[serde(default, deserialize_with = "number")]
    gas_used: u64,
    #[serde(default, deserialize_with = "number")]
    gas_wanted: u64,
    events: Option<Vec<Event>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type", default)]
    kind: String,
    attributes: Option<Vec<Attribute>>,
}

#[derive(Deserialize)]
struct Attribute {
    key: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct TxAnswer {
    hash: String,
    #[serde(deserialize_with = "number")]
    height: u64,
    #[serde(default)]
    index: u32,
    tx_result: TxResult,
}

#[derive(Deserialize)]
pub(super) struct BroadcastAnswer {
    #[serde(default)]
    pub(super) code: u32,
    #[serde(default)]
    pub(super) codespace: String,
    #[serde(default)]
    pub(super) log: String,
}

#[derive(Deserialize)]
pub(super) struct QueryAnswer {
    pub(super) response: QueryResponse,
}

#[derive(Deserialize)]
pub(super) struct QueryResponse {
    #[serde(default)]
    pub(super) code: u32,
    #[serde(default)]
    pub(super) codespace: String,
    #[serde(default)]
    pub(super) log: String,
    value: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(super) height: u64,
}

/// Reads a 64-bit number: a decimal string in CometBFT's JSON, a number from some proxies. Negative ones count as 0.
pub(crate) fn number<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Raw {
        Text(String),
        Number(i64),
        Nothing(()),
    }
    match Raw::deserialize(from)? {
        Raw::Text(text) => match text.parse::<i64>() {
            Ok(number) => Ok(number.max(0).unsigned_abs()),
            Err(_) => text.parse().map_err(serde::de::Error::custom),
        },
        Raw::Number(number) => Ok(number.max(0).unsigned_abs()),
        Raw::Nothing(()) => Ok(0),
    }
}

fn bytes(what: &str, text: Option<&str>) -> Result<Vec<u8>> {
    STANDARD.decode(text.unwrap_or_default()).map_err(|e| ChainError::decode(what, e))
}

fn nanoseconds(text: &str) -> Result<u64> {
    let time = tendermint::Time::parse_from_rfc3339(text).map_err(|e| ChainError::decode("block time", e))?;
    u64::try_from(time.unix_timestamp_nanos()).map_err(|e| ChainError::decode("block time", e))
}

impl StatusAnswer {
    pub(super) fn read(self) -> Result<Status> {
        let sync = self.sync_info;
        Ok(Status {
            height: sync.latest_block_height,
            time_ns: nanoseconds(&sync.latest_block_time)?,
            chain_id: self.node_info.network,
            catching_up: sync.catching_up,
            earliest: sync.earliest_block_height,
            earliest_hash: sync.earliest_block_hash,
        })
    }
}

/// Combines a block and its results, index-aligned in two answers.
pub(super) fn block(height: u64, block: BlockAnswer, results: ResultsAnswer) -> Result<BlockEvents> {
    let Block { header, data } = block.block;
    let (included, executed) = (data.txs.unwrap_or_default(), results.txs_results.unwrap_or_default());
    if executed.len() != included.len() {
        let reason = format!("{} transactions but {} results", included.len(), executed.len());
        return Err(ChainError::decode(format!("block {height}"), reason));
    }
    for found in [header.height, results.height] {
        if found != height {
            let reason = format!("the node sent block {found}");
            return Err(ChainError::decode(format!("block {height}"), reason));
        }
    }
    let mut txs = Vec::with_capacity(executed.len());
    for ((index, text), result) in (0..).zip(&included).zip(executed) {
        let hash = crate::tx::hash(&bytes("transaction", Some(text))?);
        txs.push(result.read(hash, height, index).0);
    }
    // 0.38 has one list; older nodes have two, and then the first is missing.
    let lists = [results.finalize_block_events, results.begin_block_events, results.end_block_events];
    let block_events = lists.into_iter().flatten().flatten().map(Event::read).collect();
    Ok(BlockEvents { height, time_ns: nanoseconds(&header.time)?, txs, block_events })
}

impl TxAnswer {
    pub(super) fn read(self) -> Result<TxFound> {
        let data = bytes("transaction's data", self.tx_result.data.as_deref())?;
        let (tx, codespace, raw_log) = self.tx_result.read(self.hash.to_uppercase(), self.height, self.index);
        Ok(TxFound { tx, codespace, raw_log, data })
    }
}

impl QueryResponse {
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        bytes("query", self.value.as_deref())
    }
}

impl TxResult {
    fn read(self, hash: String, height: u64, index: u32) -> (TxEvents, String, String) {
        let tx = TxEvents {
            hash,
            code: self.code,
            gas_used: self.gas_used,
            gas_wanted: self.gas_wanted,
            height,
            index,
            events: self.events.into_iter().flatten().map(Event::read).collect(),
        };
        (tx, self.codespace, self.log)
    }
}

impl Event {
    fn read(self) -> RawEvent {
        let pair = |a: Attribute| (a.key.unwrap_or_default(), a.value.unwrap_or_default());
        RawEvent { ty: self.kind, attributes: self.attributes.into_iter().flatten().map(pair).collect() }
    }
}
