//! The subscriptions of one websocket and the messages that each receives for a block. Knows no socket.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tendermint::abci::response::FinalizeBlock;

use super::jsonrpc::RpcError;
use crate::chain::search::{Attributes, Query, collect};
use crate::chain::{NewBlock, wire};
use crate::error::DevchainError;
use crate::tx::decode::tx_hash;

/// Most subscriptions per client.
const MAX: usize = 5;
const MAX_QUERY: usize = 512;

struct Subscription {
    id: Value,
    text: String,
    query: Query,
}

/// One client's subscriptions.
#[derive(Default)]
pub(super) struct Subscriptions(Vec<Subscription>);

impl Subscriptions {
    /// Adds a subscription. Its events carry the id of the call that made it.
    pub(super) fn add(&mut self, id: Value, text: String) -> Result<(), RpcError> {
        if self.0.len() >= MAX {
            return Err(RpcError::internal(format!("max_subscriptions_per_client {MAX} reached")));
        }
        if text.len() > MAX_QUERY {
            return Err(RpcError::internal(format!("maximum query length exceeded: {MAX_QUERY}")));
        }
        if self.0.iter().any(|subscription| subscription.text == text) {
            return Err(RpcError::internal("already subscribed"));
        }
        let query = Query::parse(&text).map_err(RpcError::internal)?;
        self.0.push(Subscription { id, text, query });
        Ok(())
    }

    /// Removes the subscription with this query.
    pub(super) fn remove(&mut self, text: &str) -> Result<(), RpcError> {
        let before = self.0.len();
        self.0.retain(|subscription| subscription.text != text);
        if self.0.len() < before { Ok(()) } else { Err(RpcError::internal("subscription not found")) }
    }

    /// Removes all subscriptions.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the ids of all, for a final message to each.
    pub(super) fn ids(&self) -> Vec<Value> {
        self.0.iter().map(|subscription| subscription.id.clone()).collect()
    }

    /// Returns the messages that a block triggers for this client, in the order of events.
    pub(super) fn messages(&self, news: &NewBlock) -> Result<Vec<String>, DevchainError> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let mut messages = Vec::new();
        let mut attributes = of_event("NewBlock");
        collect(&news.events, &mut attributes);
        self.notify(&attributes, || block_data(news), &mut messages)?;
        self.notify(&of_event("NewBlockHeader"), || header_data(news), &mut messages)?;
        let height = news.block.header.height.to_string();
        for (index, (tx, result)) in news.block.data.iter().zip(&news.results).enumerate() {
            let mut attributes = of_event("Tx");
            attributes.insert("tx.hash".to_owned(), vec![hex::encode_upper(tx_hash(tx))]);
            attributes.insert("tx.height".to_owned(), vec![height.clone()]);
            collect(&result.events, &mut attributes);
            let data = || {
                let tx_result = json!({ "height": height, "index": index, "tx": STANDARD.encode(tx), "result": wire::tx_result(result)? });
                Ok(json!({ "type": "tendermint/event/Tx", "value": { "TxResult": tx_result } }))
            };
            self.notify(&attributes, data, &mut messages)?;
        }
        Ok(messages)
    }

    /// Adds a message for each subscription that an event matches. Its data are made where there is one.
    fn notify(
        &self,
        attributes: &Attributes,
        data: impl Fn() -> Result<Value, DevchainError>,
        messages: &mut Vec<String>,
    ) -> Result<(), DevchainError> {
        for subscription in self.0.iter().filter(|s| s.query.matches(attributes)) {
            let result = json!({ "query": subscription.text, "data": data()?, "events": attributes });
            messages.push(json!({ "jsonrpc": "2.0", "id": subscription.id, "result": result }).to_string());
        }
        Ok(())
    }
}

fn of_event(name: &str) -> Attributes {
    Attributes::from([("tm.event".to_owned(), vec![name.to_owned()])])
}

fn header_data(news: &NewBlock) -> Result<Value, DevchainError> {
    let mut value = wire::block(&json!({ "block": { "header": news.block.header } }))?;
    Ok(json!({ "type": "tendermint/event/NewBlockHeader", "value": value["block"].take() }))
}

fn block_data(news: &NewBlock) -> Result<Value, DevchainError> {
    let finalized = FinalizeBlock {
        events: news.events.clone(),
        tx_results: news.results.clone(),
        validator_updates: Vec::new(),
        consensus_param_updates: None,
        app_hash: news.app_hash.clone(),
    };
    let mut value = wire::block(&json!({ "block": news.block, "block_id": news.block_id }))?;
    let mut finalized = serde_json::to_value(&finalized).map_err(DevchainError::block)?;
    if !news.results.is_empty() {
        finalized["tx_results"] = wire::tx_results(&news.results)?;
    }
    value["result_finalize_block"] = finalized;
    Ok(json!({ "type": "tendermint/event/NewBlock", "value": value }))
}
