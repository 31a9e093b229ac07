//! The messages to the contract that blocks hold, read from the chain's RPC.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cosmrs::proto::cosmos::tx::v1beta1::{TxBody, TxRaw};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use cosmrs::proto::prost::Message;
use gateway_localnet::Localnet;
use serde_json::Value;

/// The names of the messages in transactions that succeeded, up to a height.
pub(super) struct Included {
    height: u64,
    names: BTreeSet<String>,
}

impl Included {
    pub(super) fn new() -> Self {
        Self { height: 0, names: BTreeSet::new() }
    }

    /// Reads on to the newest block, and returns the names of all messages so far.
    pub(super) async fn read(&mut self, net: &Localnet) -> BTreeSet<String> {
        let newest = net.height().await.unwrap();
        while self.height < newest {
            self.height += 1;
            let block = ask(net, "block", self.height).await;
            let txs = block["block"]["data"]["txs"].as_array().cloned().unwrap_or_default();
            if txs.is_empty() {
                continue;
            }
            let results = ask(net, "block_results", self.height).await;
            for (tx, result) in txs.iter().zip(results["txs_results"].as_array().unwrap()) {
                if result["code"].as_u64().unwrap_or_default() == 0 {
                    let bytes = BASE64_STANDARD.decode(tx.as_str().unwrap()).unwrap();
                    self.names.extend(names(net.contract(), &bytes));
                }
            }
        }
        self.names.clone()
    }
}

/// The names of a transaction's messages to the contract.
fn names(contract: &str, tx: &[u8]) -> Vec<String> {
    let body = TxBody::decode(TxRaw::decode(tx).unwrap().body_bytes.as_slice()).unwrap();
    let executes = body.messages.iter().filter(|any| any.type_url.ends_with(".MsgExecuteContract"));
    let executes = executes.map(|any| MsgExecuteContract::decode(any.value.as_slice()).unwrap());
    executes
        .filter(|execute| execute.contract == contract)
        .map(|execute| {
            let message: Value = serde_json::from_slice(&execute.msg).unwrap();
            let (name, _) = message.as_object().unwrap().iter().next().unwrap();
            name.clone()
        })
        .collect()
}

/// Asks until the node has the answer: its status is ahead of its results.
async fn ask(net: &Localnet, method: &str, height: u64) -> Value {
    let url = format!("{}/{method}?height={height}", net.chain().rpc_url());
    let what = format!("{method} {height}");
    let answer = net.until(&what, || async {
        let answer: Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
        Ok(answer.get("result").cloned())
    });
    answer.await.unwrap()
}
