//! The node's identity and state.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tendermint::AppHash;

use crate::chain::{Engine, validator};
use crate::rpc::jsonrpc::{Answer, RpcError, answer};
use crate::rpc::params::Params;

/// The CometBFT version whose wire format is used.
const DIALECT: &str = "0.38.17";
const NODE_ID: &str = "6465766368616964657663686169646576636861";
const CHANNELS: &str = "40202122233038606100";

pub(super) fn status(engine: &Engine, address: SocketAddr) -> Answer {
    let latest = engine.latest();
    let tip = &latest.tip;
    let lowest = engine.faults.lowest_block();
    let first =
        engine.store.block_json(lowest)?.ok_or_else(|| RpcError::internal("there is no block yet"))?;
    let first: Value = serde_json::from_slice(&first).map_err(RpcError::internal)?;
    let index = if engine.faults.index_is_off() { "off" } else { "on" };
    answer(&json!({
        "node_info": node_info(&tip.chain_id, address, index),
        "sync_info": {
            "earliest_block_hash": first["block_id"]["hash"],
            "earliest_app_hash": first["block"]["header"]["app_hash"],
            "earliest_block_height": lowest.to_string(),
            "earliest_block_time": first["block"]["header"]["time"],
            "latest_block_hash": tip.block_id.hash.to_string(),
            "latest_app_hash": hex::encode_upper(tip.app_hash),
            "latest_block_height": tip.height.to_string(),
            "latest_block_time": tip.time,
            "catching_up": false,
        },
        "validator_info": validator::json()?,
    }))
}

fn node_info(chain_id: &str, address: SocketAddr, index: &str) -> Value {
    json!({
        "protocol_version": { "p2p": "8", "block": "11", "app": "0" },
        "id": NODE_ID,
        "listen_addr": format!("tcp://{address}"),
        "network": chain_id,
        "version": DIALECT,
        "channels": CHANNELS,
        "moniker": "devchain",
        "other": { "tx_index": index, "rpc_address": format!("tcp://{address}") },
    })
}

pub(super) fn abci_info(engine: &Engine) -> Answer {
    let latest = engine.latest();
    let info = tendermint::abci::response::Info {
        data: "devchain".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        app_version: 0,
        last_block_height: crate::chain::block::height_of(latest.tip.height)?,
        last_block_app_hash: AppHash::try_from(latest.tip.app_hash.to_vec()).map_err(RpcError::internal)?,
    };
    answer(&json!({ "response": info }))
}

pub(super) fn net_info(address: SocketAddr) -> Answer {
    answer(&json!({
        "listening": true, "listeners": [format!("Listener({address})")], "n_peers": "0", "peers": [],
    }))
}

pub(super) fn validators(engine: &Engine, params: &Params) -> Answer {
    let height = params.number("height")?.unwrap_or_else(|| engine.latest().tip.height);
    let mut only = validator::json()?;
    only["proposer_priority"] = "0".into();
    answer(&json!({
        "block_height": height.to_string(), "validators": [only], "count": "1", "total": "1",
    }))
}

pub(super) fn genesis(engine: &Engine) -> Answer {
    let config = &engine.chain.config;
    let first = engine.store.block_json(1)?.ok_or_else(|| RpcError::internal("there is no block yet"))?;
    let first: Value = serde_json::from_slice(&first).map_err(RpcError::internal)?;
    answer(&json!({ "genesis": {
        "genesis_time": first["block"]["header"]["time"],
        "chain_id": config.chain_id,
        "initial_height": "1",
        "consensus_params": {
            "block": {
                "max_bytes": "22020096", "max_gas": config.max_block_gas.to_string(), "time_iota_ms": "1",
            },
            "evidence": {
                "max_age_num_blocks": "100000", "max_age_duration": "172800000000000", "max_bytes": "1048576",
            },
            "validator": { "pub_key_types": ["ed25519"] },
            "version": {},
            "abci": {},
        },
        "validators": [validator::info()?],
        "app_hash": "",
        "app_state": {},
    }}))
}
