//! The fake chain's state: blocks, pool and index, what enters a block and what the pool refuses.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, TxBody, TxRaw};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use cosmrs::proto::traits::Message;

use super::{Contract, Execution, Fault, RefusedMessage};
use crate::error::{ChainError, Result};
use crate::types::{Answer, BlockEvents, Coin, RawEvent, TxEvents, TxFound};

#[derive(Debug)]
pub(super) struct State {
    /// Executes transactions; without one their messages are only recorded.
    pub(super) contract: Option<Arc<dyn Contract>>,
    /// Transactions of others for the next block, and events of the block itself.
    pub(super) included: Vec<Execution>,
    pub(super) emitted: Vec<RawEvent>,
    /// The earliest time of the next block.
    pub(super) next_time_ns: u64,
    pub(super) height: u64,
    pub(super) earliest: u64,
    pub(super) sequence: u64,
    /// The sequence that the pool expects next.
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
    pub(super) msgs: Vec<Execution>,
}

pub(super) const GAS_PER_MESSAGE: u64 = 100_000;

impl State {
    /// Returns the time of the newest block.
    pub(super) fn time_ns(&self) -> u64 {
        self.blocks.get(&self.height).map_or(self.height * 1_000_000_000, |block| block.time_ns)
    }

    /// Makes a block of the pool's transactions.
    pub(super) fn commit(&mut self) -> u64 {
        self.height += 1;
        let height = self.height;
        let time_ns = (height * 1_000_000_000).max(std::mem::take(&mut self.next_time_ns));
        if let Some(contract) = &self.contract {
            contract.begin_block(height, time_ns);
        }
        let mut txs = Vec::new();
        for (at, message) in std::mem::take(&mut self.included).into_iter().enumerate() {
            let hash = crate::tx::hash(format!("{height}/{at}").as_bytes());
            let done = self.run(&[message]);
            self.put(&mut txs, hash, GAS_PER_MESSAGE, 1, done);
        }
        for tx in std::mem::take(&mut self.pool) {
            if tx.sequence != self.sequence || (tx.timeout_height > 0 && height > tx.timeout_height) {
                continue;
            }
            self.sequence += 1;
            let done = self.run(&tx.msgs);
            let succeeded = done.is_ok();
            self.put(&mut txs, tx.hash, tx.gas_limit, tx.msgs.len(), done);
            if succeeded {
                self.executed.extend(tx.msgs.into_iter().map(|message| message.msg));
            }
        }
        let block_events = std::mem::take(&mut self.emitted);
        self.blocks.insert(height, BlockEvents { height, time_ns, txs, block_events });
        self.pool_sequence = self.sequence;
        height
    }

    /// Executes the messages of a transaction.
    fn run(&self, messages: &[Execution]) -> std::result::Result<Vec<RawEvent>, RefusedMessage> {
        let bad = |message: &Execution| has_key(&message.msg, "poison") || has_key(&message.msg, "trap");
        if let Some(index) = messages.iter().position(bad) {
            return Err(RefusedMessage { index, reason: "sprung".into() });
        }
        let Some(contract) = &self.contract else {
            let text = |message: &Execution| String::from_utf8_lossy(&message.msg).into_owned();
            let event =
                |message| RawEvent { ty: "wasm".into(), attributes: vec![("msg".into(), text(message))] };
            return Ok(messages.iter().map(event).collect());
        };
        contract.execute(messages)
    }

    /// Adds an executed transaction to its block and to the index.
    fn put(
        &mut self,
        txs: &mut Vec<TxEvents>,
        hash: String,
        gas_wanted: u64,
        messages: usize,
        done: std::result::Result<Vec<RawEvent>, RefusedMessage>,
    ) {
        let code = if done.is_ok() { 0 } else { 5 };
        let codespace = if done.is_ok() { "" } else { "wasm" };
        let refused = done.as_ref().err();
        let raw_log = refused.map(|refused| refused_message(refused.index, &refused.reason));
        let tx = TxEvents {
            hash: hash.clone(),
            code,
            gas_used: GAS_PER_MESSAGE * messages as u64,
            gas_wanted,
            height: self.height,
            index: txs.len() as u32,
            events: done.unwrap_or_default(),
        };
        txs.push(tx.clone());
        let raw_log = raw_log.unwrap_or_default();
        self.txs.insert(hash, TxFound { tx, codespace: codespace.into(), raw_log, data: Vec::new() });
    }

    /// Answers an application query, if the state is new enough.
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
    let amount =
        |text: &str| text.parse().map_err(|e: std::num::ParseIntError| ChainError::decode("coin", e));
    let messages = body.messages.iter().map(|any| {
        let MsgExecuteContract { sender, msg, funds, .. } =
            MsgExecuteContract::decode(any.value.as_slice()).map_err(bad)?;
        let funds = funds.into_iter().map(|coin| Ok(Coin::new(amount(&coin.amount)?, coin.denom)));
        Ok(Execution { sender, msg, funds: funds.collect::<Result<_>>()? })
    });
    let msgs = messages.collect::<Result<_>>()?;
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
