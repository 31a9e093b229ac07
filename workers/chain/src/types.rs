//! The chain's answers as plain values: blocks, events, accounts, transaction results.
//!
//! Nothing here depends on a wire format; conversions live with the client of that format.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tx::GasPrice;

/// An amount of one denomination, in its smallest unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coin {
    /// The denomination, for example `aarch`.
    pub denom: String,
    /// The amount in the smallest unit; written as a decimal string in JSON.
    #[serde(with = "amount")]
    pub amount: u128,
}

impl Coin {
    /// Creates a coin of `amount` smallest units of `denom`.
    pub fn new(amount: u128, denom: impl Into<String>) -> Self {
        Self { denom: denom.into(), amount }
    }
}

impl fmt::Display for Coin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

mod amount {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(amount: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(amount)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// The chain's current state as one node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Height of the newest block the node has.
    pub height: u64,
    /// Time of that block, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// Chain id the node reports.
    pub chain_id: String,
    /// The node is still replaying history, so its height means little.
    pub catching_up: bool,
    /// Lowest height whose block the node still has.
    pub earliest: u64,
    /// Hash of that block, hex; empty if the node does not report it.
    pub earliest_hash: String,
}

/// An answer of the application with the height of the state it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// Height of the state.
    pub height: u64,
    /// The answer.
    pub value: T,
}

impl<T> Answer<T> {
    /// Returns the same height with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { height: self.height, value: change(self.value) }
    }
}

/// The minimum that a chain demands of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinimumPrice {
    /// Price of a unit of gas.
    pub price: GasPrice,
    /// Fee of each message to the contract, on top of the gas.
    pub flat: Vec<Coin>,
}

/// One event as emitted: a type and its attributes in order (keys may repeat).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawEvent {
    /// The event's type, for example `wasm-gateway_request`.
    pub ty: String,
    /// Attributes in the order emitted.
    pub attributes: Vec<(String, String)>,
}

impl RawEvent {
    /// Returns the first value under `key`.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// Returns the attributes as borrowed pairs, the form that decoders take.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.attributes.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect()
    }
}

/// What one transaction of a block did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxEvents {
    /// SHA-256 of the transaction's bytes, upper-case hex.
    pub hash: String,
    /// 0 is success; a failed transaction carries only the events of its fee.
    pub code: u32,
    /// Gas consumed.
    pub gas_used: u64,
    /// Gas limit it requested.
    pub gas_wanted: u64,
    /// Height of the block that holds it.
    pub height: u64,
    /// Position in the block, from 0.
    pub index: u32,
    /// Events in order.
    pub events: Vec<RawEvent>,
}

/// Everything one block emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockEvents {
    /// The block's height.
    pub height: u64,
    /// The block's time, nanoseconds since the Unix epoch.
    pub time_ns: u64,
    /// Its transactions in order.
    pub txs: Vec<TxEvents>,
    /// Events of the block itself (chain modules, callbacks at the end of the block).
    pub block_events: Vec<RawEvent>,
}

impl BlockEvents {
    /// Returns every event of a successful execution, in order, with the hash of the transaction that emitted it (`None`: the
    /// block itself). Events of failed transactions are left out: what they report was rolled back.
    pub fn events(&self) -> impl Iterator<Item = (Option<&str>, &RawEvent)> {
        self.txs
            .iter()
            .filter(|tx| tx.code == 0)
            .flat_map(|tx| tx.events.iter().map(move |e| (Some(tx.hash.as_str()), e)))
            .chain(self.block_events.iter().map(|e| (None, e)))
    }
}

/// An account's number and next sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Account number, never changes.
    pub number: u64,
    /// Sequence the next transaction must carry.
    pub sequence: u64,
}

/// A node's answer to a broadcast: accepted into its pool, or not. Code 0 does not mean inclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroadcastResult {
    /// Upper-case hex hash of the bytes sent.
    pub hash: String,
    /// 0 when accepted, else the code of the refusal.
    pub code: u32,
    /// Codespace of the refusal, for example `sdk`.
    pub codespace: String,
    /// The refusal's text.
    pub log: String,
}

/// A transaction found in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxFound {
    /// Its effects.
    pub tx: TxEvents,
    /// Codespace of a failure.
    pub codespace: String,
    /// The chain's log: the reason when the code is not 0.
    pub raw_log: String,
    /// Response data (protobuf `TxMsgData`).
    pub data: Vec<u8>,
}

impl TxFound {
    /// Returns the first value of `key` in the first event of type `ty` that has it.
    pub fn attribute(&self, ty: &str, key: &str) -> Option<&str> {
        self.tx.events.iter().filter(|e| e.ty == ty).find_map(|e| e.attribute(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coins_are_strings_in_json_and_refuse_anything_else() {
        let coin = Coin::new(u128::MAX, "aarch");
        let json = serde_json::to_string(&coin).expect("JSON");
        assert_eq!(json, r#"{"denom":"aarch","amount":"340282366920938463463374607431768211455"}"#);
        assert_eq!(serde_json::from_str::<Coin>(&json).expect("coin"), coin);
        for bad in [r#"{"denom":"a","amount":1}"#, r#"{"denom":"a","amount":"-1"}"#, r#"{"denom":"a"}"#] {
            assert!(serde_json::from_str::<Coin>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn failed_transactions_emit_nothing_that_counts() {
        let event = |ty: &str| RawEvent { ty: ty.into(), attributes: vec![("k".into(), "v".into())] };
        let tx = |hash: &str, code, ty| TxEvents {
            hash: hash.into(),
            code,
            gas_used: 1,
            gas_wanted: 1,
            height: 3,
            index: 0,
            events: vec![event(ty)],
        };
        let block = BlockEvents {
            height: 3,
            time_ns: 0,
            txs: vec![tx("A", 0, "one"), tx("B", 5, "two")],
            block_events: vec![event("three")],
        };
        let seen: Vec<_> = block.events().map(|(hash, event)| (hash, event.ty.as_str())).collect();
        assert_eq!(seen, [(Some("A"), "one"), (None, "three")]);
        assert_eq!(block.block_events[0].attribute("k"), Some("v"));
        assert_eq!(block.block_events[0].attribute("x"), None);
    }
}
