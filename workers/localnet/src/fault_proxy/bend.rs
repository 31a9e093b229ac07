//! Answers that a fault substitutes for the chain's.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Fault;

/// How long an old answer is repeated: several blocks of a local chain.
const STALE: Duration = Duration::from_secs(2);

/// Returns whether a fault can affect calls of a method.
pub(super) fn concerns(fault: Fault, method: &str) -> bool {
    match fault {
        Fault::Drop | Fault::LoseAnswer | Fault::Delay(_) | Fault::BadGateway => true,
        Fault::SendTwice => method == "broadcast_tx_sync",
        Fault::NoState => method == "abci_query",
        Fault::Stale => matches!(method, "status" | "abci_query"),
        Fault::CutWebsockets => false,
    }
}

/// Returns the answer of a node that has the block but not its state yet.
pub(super) fn no_state(request: &Value) -> Vec<u8> {
    let log = "failed to load state at height 7; version does not exist (latest height: 7): invalid request";
    let response = json!({
        "code": 18, "log": log, "info": "", "index": "0", "key": null, "value": null, "proofOps": null, "height": "0",
        "codespace": "sdk",
    });
    let id = request.get("id");
    json!({ "jsonrpc": "2.0", "id": id, "result": { "response": response } }).to_string().into_bytes()
}

/// Answers that are repeated for a while.
#[derive(Debug, Default)]
pub(super) struct Recorded(HashMap<String, (Instant, Vec<u8>)>);

impl Recorded {
    fn key(request: &Value) -> String {
        format!("{} {}", request["method"], request["params"])
    }

    /// Returns an earlier answer to the same call, if it is not too old.
    pub(super) fn older(&self, request: &Value) -> Option<Vec<u8>> {
        let (at, body) = self.0.get(&Self::key(request))?;
        (at.elapsed() < STALE).then(|| body.clone())
    }

    pub(super) fn keep(&mut self, request: &Value, body: &[u8]) {
        self.0.insert(Self::key(request), (Instant::now(), body.to_vec()));
    }
}
