//! The RPC's methods, by name. Those that run contracts get a thread with enough stack; the others read the store.

mod blocks;
mod broadcast;
mod status;
mod txs;

use super::jsonrpc::{Answer, RpcError, answer};
use super::params::Params;
use super::{Rpc, app};

/// The methods available as plain URLs.
const NAMES: [&str; 17] = [
    "abci_query",
    "health",
    "status",
    "abci_info",
    "net_info",
    "validators",
    "genesis",
    "block",
    "block_by_hash",
    "block_results",
    "header",
    "commit",
    "tx",
    "tx_search",
    "broadcast_tx_sync",
    "broadcast_tx_async",
    "num_unconfirmed_txs",
];

/// Returns whether a method has a URL.
pub(super) fn exists(method: &str) -> bool {
    NAMES.contains(&method)
}

/// Answers one call.
pub(super) async fn call(rpc: &Rpc, method: &str, params: Params) -> Answer {
    let engine = std::sync::Arc::clone(&rpc.engine);
    if method == "abci_query" {
        return engine.query(move |engine| app::abci_query(engine, &params)).await?;
    }
    let (method, address) = (method.to_owned(), rpc.address);
    let answered = tokio::task::spawn_blocking(move || match method.as_str() {
        "health" => answer(&serde_json::json!({})),
        "status" => status::status(&engine, address),
        "abci_info" => status::abci_info(&engine),
        "net_info" => status::net_info(address),
        "validators" => status::validators(&engine, &params),
        "genesis" => status::genesis(&engine),
        "block" => blocks::block(&engine, &params),
        "block_by_hash" => blocks::block_by_hash(&engine, &params),
        "block_results" => blocks::block_results(&engine, &params),
        "header" => blocks::header(&engine, &params),
        "commit" => blocks::commit(&engine, &params),
        "tx" => txs::tx(&engine, &params),
        "tx_search" => txs::tx_search(&engine, &params),
        "broadcast_tx_sync" | "broadcast_tx_async" => broadcast::broadcast(&engine, &params),
        "num_unconfirmed_txs" => broadcast::num_unconfirmed_txs(&engine),
        _ => Err(RpcError::method_not_found()),
    });
    answered.await.map_err(RpcError::internal)?
}
