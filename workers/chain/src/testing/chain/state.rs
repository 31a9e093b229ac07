//! The fake chain's state: blocks, pool and index, what goes into a block and what a pool refuses.

use std::collections::{BTreeMap, HashMap, VecDeque};

use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, TxBody, TxRaw};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use cosmrs::proto::traits::Message;

use super::Fault;
use crate::error::{ChainError, Result};
use crate::types::{Answer, BlockEvents, RawEvent, TxEvents, TxFound};

#[derive(Debug)]
pub(super) struct State {
    pub(super) height: u64,
    pub(super) earliest: u64,
    pub(super) sequence: u64,
    /// Sequence the pool expects next.
    pub(super) pool_sequence: u64,
    pub(super) pool: Vec<PoolTx>,
    pub(super) blocks: BTreeMap<u64, BlockEvents>,
    pub(super) txs: HashMap<String, TxFound>,
    pub(super) index_lag: u64,
    pub(super) faults: VecDeque<Fault>,
    pub(super) executed: Vec<Vec<u8>>,
    pub(super) balance: u128,
    pub(super) min_fee_per_gas: u128,
    pub(super) has_index: bool,
    pub(super) behind: u64,
    pub(super) largest: usize,
    pub(super) calls: u64,
    /// How often the chain was reset.
    pub(super) generation: u64,
}

#[derive(Clone, Debug)]
pub(super) struct PoolTx {
    pub(super) hash: String,
    pub(super) gas_limit: u64,
    pub(super) fee: u128,
    pub(super) sequence: u64,
    pub(super) timeout_height: u64,
    pub(super) msgs: Vec<Vec<u8>>,
}

pub(super) const GAS_PER_MESSAGE: u64 = 100_000;

impl State {
    /// Makes a block of what is in the pool.
    pub(super) fn commit(&mut self) -> u64 {
        self.height += 1;
        let height = self.height;
        let mut txs = Vec::new();
        for tx in std::mem::take(&mut self.pool) {
            if tx.sequence != self.sequence || (tx.timeout_height > 0 && height > tx.timeout_height) {
                continue;
            }
            self.sequence += 1;
            let culprit = tx.msgs.iter().position(|msg| has_key(msg, "poison") || has_key(msg, "trap"));
            let bad = culprit.is_some();
            let gas_used = GAS_PER_MESSAGE * tx.msgs.len() as u64;
            let mut events = Vec::new();
            if !bad {
                for msg in &tx.msgs {
                    let text = String::from_utf8_lossy(msg).into_owned();
                    events.push(RawEvent { ty: "wasm".into(), attributes: vec![("msg".into(), text)] });
                }
                self.executed.extend(tx.msgs);
            }
            let index = txs.len() as u32;
            let code = if bad { 5 } else { 0 };
            let (hash, gas_wanted) = (tx.hash.clone(), tx.gas_limit);
            let done = TxEvents { hash, code, gas_used, gas_wanted, height, index, events };
            txs.push(done.clone());
            let codespace = if bad { "wasm" } else { "" };
            let raw_log = culprit.map(|index| refused_message(index, "sprung")).unwrap_or_default();
            let found = TxFound { tx: done, codespace: codespace.into(), raw_log, data: Vec::new() };
            self.txs.insert(tx.hash, found);
        }
        let block = BlockEvents { height, time_ns: height * 1_000_000_000, txs, block_events: Vec::new() };
        self.blocks.insert(height, block);
        self.pool_sequence = self.sequence;
        height
    }

    /// Answers an application query, where the state is new enough.
    pub(super) fn answer<T>(&self, what: &str, value: T, least: u64) -> Result<Answer<T>> {
        let height = self.height.saturating_sub(self.behind);
        if height < least {
            return Err(ChainError::NodeBehind { what: what.into(), have: height, need: least });
        }
        Ok(Answer { height, value })
    }

    /// Refuses a transaction with the code and text of a real chain.
    pub(super) fn check(&self, tx: &PoolTx) -> std::result::Result<(), (u32, String)> {
        let least = self.min_fee_per_gas.saturating_mul(u128::from(tx.gas_limit));
        if tx.fee < least {
            let fee = tx.fee;
            return Err((
                13,
                format!("tx fee {fee}aarch is less than min fee: {least}aarch: insufficient fee"),
            ));
        }
        if self.balance < tx.fee {
            return Err((5, "spendable balance 0aarch is smaller than 1aarch: insufficient funds".into()));
        }
        if tx.timeout_height > 0 && self.height >= tx.timeout_height {
            return Err((30, "tx timeout height".into()));
        }
        if tx.sequence != self.pool_sequence {
            return Err((32, wrong_sequence(self.pool_sequence, tx.sequence)));
        }
        Ok(())
    }
}

pub(super) fn refused_message(index: usize, why: &str) -> String {
    format!("failed to execute message; message index: {index}: {why}: execute wasm contract failed")
}

pub(super) fn wrong_sequence(expected: u64, got: u64) -> String {
    format!("account sequence mismatch, expected {expected}, got {got}: incorrect account sequence")
}

pub(super) fn has_key(msg: &[u8], key: &str) -> bool {
    serde_json::from_slice::<serde_json::Value>(msg).is_ok_and(|json| json.get(key).is_some())
}

pub(super) fn parse(bytes: &[u8]) -> Result<PoolTx> {
    let bad = |e: cosmrs::proto::prost::DecodeError| ChainError::decode("transaction", e);
    let raw = TxRaw::decode(bytes).map_err(bad)?;
    let body = TxBody::decode(raw.body_bytes.as_slice()).map_err(bad)?;
    let auth = AuthInfo::decode(raw.auth_info_bytes.as_slice()).map_err(bad)?;
    let msgs = body
        .messages
        .iter()
        .map(|any| MsgExecuteContract::decode(any.value.as_slice()).map(|m| m.msg).map_err(bad))
        .collect::<Result<_>>()?;
    let fee = auth.fee.unwrap_or_default();
    Ok(PoolTx {
        hash: crate::tx::hash(bytes),
        gas_limit: fee.gas_limit,
        fee: fee.amount.first().and_then(|coin| coin.amount.parse().ok()).unwrap_or_default(),
        sequence: auth.signer_infos.first().map_or(0, |info| info.sequence),
        timeout_height: body.timeout_height,
        msgs,
    })
}
