//! A chain in memory with one contract that records its messages, and faults on command.
//!
//! It checks sequence, time-out height and order as a real chain does. It checks no signatures and keeps no
//! money: the development chain does that.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cosmrs::proto::cosmos::tx::v1beta1::{AuthInfo, TxBody, TxRaw};
use cosmrs::proto::cosmwasm::wasm::v1::MsgExecuteContract;
use cosmrs::proto::traits::Message;

use super::yield_once;
use crate::error::{ChainError, Result};
use crate::reader::{Broadcaster, ChainReader};
use crate::types::{
    Account, Answer, BlockEvents, BroadcastResult, MinimumPrice, RawEvent, Status, TxEvents, TxFound,
};

/// What goes wrong with the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Fine,
    /// The call does not reach the node.
    Away,
    /// The call has its effect, but its answer is lost.
    LostReply,
    /// A broadcast is accepted and then forgotten.
    Forgotten,
    /// A broadcast is refused with code 32 whatever its sequence.
    WrongSequence,
    /// A broadcast is refused with code 13, while another node behind the same address takes it.
    RefusedYetTaken,
    /// A simulation fails as a node's does that cannot load its newest state.
    NoState,
}

/// The chain. A message whose JSON has the key `poison` fails in simulation and in its block; one with the key
/// `trap` only in its block; one with the key `riddle` can never be simulated; others succeed and are recorded.
#[derive(Debug)]
pub struct FakeChain {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    height: u64,
    earliest: u64,
    sequence: u64,
    /// Sequence the pool expects next.
    pool_sequence: u64,
    pool: Vec<PoolTx>,
    blocks: BTreeMap<u64, BlockEvents>,
    txs: HashMap<String, TxFound>,
    index_lag: u64,
    faults: VecDeque<Fault>,
    executed: Vec<Vec<u8>>,
    balance: u128,
    min_fee_per_gas: u128,
    has_index: bool,
    behind: u64,
    largest: usize,
    calls: u64,
}

#[derive(Clone, Debug)]
struct PoolTx {
    hash: String,
    gas_limit: u64,
    fee: u128,
    sequence: u64,
    timeout_height: u64,
    msgs: Vec<Vec<u8>>,
}

const GAS_PER_MESSAGE: u64 = 100_000;

impl Default for FakeChain {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeChain {
    /// The chain id it reports.
    pub const CHAIN_ID: &str = "fake-1";

    /// A chain at height 1.
    pub fn new() -> Self {
        let mut state = State {
            height: 0,
            earliest: 1,
            sequence: 0,
            pool_sequence: 0,
            pool: Vec::new(),
            blocks: BTreeMap::new(),
            txs: HashMap::new(),
            index_lag: 0,
            faults: VecDeque::new(),
            executed: Vec::new(),
            balance: u128::MAX,
            min_fee_per_gas: 0,
            has_index: true,
            behind: 0,
            largest: usize::MAX,
            calls: 0,
        };
        state.commit();
        Self { state: Mutex::new(state) }
    }

    /// Makes a block of what is in the pool and returns its height.
    pub fn commit(&self) -> u64 {
        self.state().commit()
    }

    /// Adds faults for the calls to come, one each.
    pub fn fault(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// Forgets the faults not used yet.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Transactions are found by hash only this many blocks after their own.
    pub fn set_index_lag(&self, blocks: u64) {
        self.state().index_lag = blocks;
    }

    /// Sets what every account owns.
    pub fn set_balance(&self, balance: u128) {
        self.state().balance = balance;
    }

    /// Sets the least fee for a unit of gas.
    pub fn set_min_price(&self, price: u128) {
        self.state().min_fee_per_gas = price;
    }

    /// Answers that transactions are not indexed, or answers again.
    pub fn set_index(&self, has_index: bool) {
        self.state().has_index = has_index;
    }

    /// Forgets every transaction that the index knows, as a node does that came to its state by a snapshot.
    pub fn forget_index(&self) {
        self.state().txs.clear();
    }

    /// Answers application queries from a state so many blocks old.
    pub fn set_behind(&self, blocks: u64) {
        self.state().behind = blocks;
    }

    /// Sets the largest transaction that the pool takes.
    pub fn set_largest(&self, bytes: usize) {
        self.state().largest = bytes;
    }

    /// Uses a sequence, as another program with the same key does.
    pub fn use_sequence(&self) {
        let mut state = self.state();
        state.sequence += 1;
        state.pool_sequence = state.pool_sequence.max(state.sequence);
    }

    /// Forgets the blocks below `height`.
    pub fn prune_below(&self, height: u64) {
        let mut state = self.state();
        state.earliest = height;
        state.blocks = state.blocks.split_off(&height);
    }

    /// Every message executed, in order.
    pub fn executed(&self) -> Vec<Vec<u8>> {
        self.state().executed.clone()
    }

    /// How many calls were made.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call: a pause before, the next fault, the effect, and a pause after it.
    async fn call<T>(
        &self,
        what: &str,
        run: impl FnOnce(&mut State, Fault) -> Result<T> + Send,
    ) -> Result<T> {
        yield_once().await;
        let away = || ChainError::Transport { what: what.to_owned(), reason: "fault".into() };
        let (fault, result) = {
            let mut state = self.state();
            state.calls += 1;
            let fault = state.faults.pop_front().unwrap_or(Fault::Fine);
            if fault == Fault::Away {
                return Err(away());
            }
            (fault, run(&mut state, fault))
        };
        yield_once().await;
        if fault == Fault::LostReply { Err(away()) } else { result }
    }
}

impl State {
    fn commit(&mut self) -> u64 {
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

    fn answer<T>(&self, what: &str, value: T, least: u64) -> Result<Answer<T>> {
        let height = self.height.saturating_sub(self.behind);
        if height < least {
            return Err(ChainError::NodeBehind { what: what.into(), have: height, need: least });
        }
        Ok(Answer { height, value })
    }

    fn check(&self, tx: &PoolTx) -> std::result::Result<(), (u32, String)> {
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

fn refused_message(index: usize, why: &str) -> String {
    format!("failed to execute message; message index: {index}: {why}: execute wasm contract failed")
}

fn wrong_sequence(expected: u64, got: u64) -> String {
    format!("account sequence mismatch, expected {expected}, got {got}: incorrect account sequence")
}

fn has_key(msg: &[u8], key: &str) -> bool {
    serde_json::from_slice::<serde_json::Value>(msg).is_ok_and(|json| json.get(key).is_some())
}

fn parse(bytes: &[u8]) -> Result<PoolTx> {
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

#[async_trait]
impl ChainReader for FakeChain {
    async fn status(&self) -> Result<Status> {
        self.call("status", |state, _| {
            Ok(Status {
                height: state.height,
                time_ns: state.height * 1_000_000_000,
                chain_id: Self::CHAIN_ID.into(),
                catching_up: false,
                earliest: state.earliest,
            })
        })
        .await
    }

    async fn block(&self, height: u64) -> Result<BlockEvents> {
        self.call("block", |state, _| match state.blocks.get(&height) {
            Some(block) => Ok(block.clone()),
            None if height > state.height => Err(ChainError::NotYet { height }),
            None => Err(ChainError::Pruned { height, earliest: state.earliest }),
        })
        .await
    }

    async fn smart_query(&self, _contract: &str, msg: Vec<u8>, least: u64) -> Result<Answer<Vec<u8>>> {
        self.call("smart_query", |state, _| state.answer("smart_query", msg, least)).await
    }

    async fn account(&self, _address: &str, least: u64) -> Result<Answer<Account>> {
        self.call("account", |state, _| {
            let account = Account { number: 1, sequence: state.sequence };
            state.answer("account", account, least)
        })
        .await
    }

    async fn balance(&self, _address: &str, _denom: &str) -> Result<u128> {
        self.call("balance", |state, _| Ok(state.balance)).await
    }

    async fn minimum_price(&self, _denom: &str, _contract: &str) -> Result<Option<MinimumPrice>> {
        self.call("minimum_price", |_, _| Ok(None)).await
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>> {
        self.call("tx", |state, _| {
            if !state.has_index {
                return Err(ChainError::NoIndex);
            }
            let seen = |found: &&TxFound| found.tx.height + state.index_lag <= state.height;
            Ok(state.txs.get(hash).filter(seen).cloned())
        })
        .await
    }
}

#[async_trait]
impl Broadcaster for FakeChain {
    async fn simulate(&self, tx: &[u8]) -> Result<u64> {
        let tx = parse(tx)?;
        self.call("simulate", |state, fault| {
            let path = "/cosmos.tx.v1beta1.Service/Simulate";
            let refuse = |code, log: String| ChainError::Query {
                path: path.into(),
                code,
                codespace: "sdk".into(),
                log,
            };
            if fault == Fault::NoState || tx.msgs.iter().any(|msg| has_key(msg, "riddle")) {
                return Err(ChainError::NodeUnwell {
                    what: path.into(),
                    code: 18,
                    codespace: "sdk".into(),
                    log: "failed to load state at height 7; version does not exist (latest height: 7)".into(),
                });
            }
            if tx.sequence != state.pool_sequence {
                return Err(refuse(6, wrong_sequence(state.pool_sequence, tx.sequence)));
            }
            if let Some(index) = tx.msgs.iter().position(|msg| has_key(msg, "poison")) {
                return Err(refuse(6, refused_message(index, "poison")));
            }
            Ok(GAS_PER_MESSAGE * tx.msgs.len() as u64)
        })
        .await
    }

    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult> {
        let len = tx.len();
        let tx = parse(tx)?;
        self.call("broadcast", |state, fault| {
            let answer = |code: u32, log: String| BroadcastResult {
                hash: tx.hash.clone(),
                code,
                codespace: if code == 0 { String::new() } else { "sdk".into() },
                log,
            };
            if fault == Fault::WrongSequence {
                return Ok(answer(32, wrong_sequence(99, tx.sequence)));
            }
            if len > state.largest {
                return Ok(answer(21, "larger than the node takes".into()));
            }
            let too_low = "insufficient fees; got: 1aarch required: 2aarch: insufficient fee";
            let pooled = state.pool.iter().any(|other| other.hash == tx.hash);
            if pooled {
                let yet = fault == Fault::RefusedYetTaken;
                return Ok(if yet {
                    answer(13, too_low.into())
                } else {
                    answer(19, "tx already in mempool".into())
                });
            }
            if let Err((code, log)) = state.check(&tx) {
                return Ok(answer(code, log));
            }
            state.pool_sequence += 1;
            let done = answer(0, String::new());
            let refused = answer(13, too_low.into());
            if fault != Fault::Forgotten {
                state.pool.push(tx);
            }
            Ok(if fault == Fault::RefusedYetTaken { refused } else { done })
        })
        .await
    }
}
