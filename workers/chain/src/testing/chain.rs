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
use crate::reader::ChainReader;
use crate::types::{Account, BlockEvents, BroadcastResult, RawEvent, Status, TxEvents, TxFound};

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
}

/// The chain. A message whose JSON has the key `poison` fails in simulation and in its block; one with the key
/// `trap` only in its block; others succeed and are recorded.
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
    calls: u64,
}

#[derive(Clone, Debug)]
struct PoolTx {
    hash: String,
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
            let bad = tx.msgs.iter().any(|msg| has_key(msg, "poison") || has_key(msg, "trap"));
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
            let done =
                TxEvents { hash: tx.hash.clone(), code, gas_used: 1, gas_wanted: 1, height, index, events };
            txs.push(done.clone());
            let (codespace, raw_log) = if bad { ("wasm", "sprung") } else { ("", "") };
            let found =
                TxFound { tx: done, codespace: codespace.into(), raw_log: raw_log.into(), data: Vec::new() };
            self.txs.insert(tx.hash, found);
        }
        let block = BlockEvents { height, time_ns: height * 1_000_000_000, txs, block_events: Vec::new() };
        self.blocks.insert(height, block);
        self.pool_sequence = self.sequence;
        height
    }

    fn check(&self, tx: &PoolTx) -> std::result::Result<(), (u32, String)> {
        if tx.timeout_height > 0 && self.height >= tx.timeout_height {
            return Err((30, "tx timeout height".into()));
        }
        if tx.sequence != self.pool_sequence {
            return Err((32, wrong_sequence(self.pool_sequence, tx.sequence)));
        }
        Ok(())
    }
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
    Ok(PoolTx {
        hash: crate::tx::hash(bytes),
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

    async fn smart_query(&self, _contract: &str, msg: Vec<u8>) -> Result<Vec<u8>> {
        self.call("smart_query", |_, _| Ok(msg)).await
    }

    async fn account(&self, _address: &str) -> Result<Account> {
        self.call("account", |state, _| Ok(Account { number: 1, sequence: state.sequence })).await
    }

    async fn balance(&self, _address: &str, _denom: &str) -> Result<u128> {
        self.call("balance", |state, _| Ok(state.balance)).await
    }

    async fn simulate(&self, tx: &[u8]) -> Result<u64> {
        let tx = parse(tx)?;
        self.call("simulate", |state, _| {
            let refuse = |code, codespace: &str, log: String| ChainError::Query {
                path: "/cosmos.tx.v1beta1.Service/Simulate".into(),
                code,
                codespace: codespace.into(),
                log,
            };
            if state.balance == 0 {
                return Err(refuse(5, "sdk", "insufficient funds".into()));
            }
            if tx.sequence != state.pool_sequence {
                return Err(refuse(18, "sdk", wrong_sequence(state.pool_sequence, tx.sequence)));
            }
            if tx.msgs.iter().any(|msg| has_key(msg, "poison")) {
                return Err(refuse(18, "sdk", "execute wasm contract failed: poison".into()));
            }
            Ok(GAS_PER_MESSAGE * tx.msgs.len() as u64)
        })
        .await
    }

    async fn broadcast(&self, tx: &[u8]) -> Result<BroadcastResult> {
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
            if state.pool.iter().any(|other| other.hash == tx.hash) {
                return Ok(answer(19, "tx already in mempool".into()));
            }
            if let Err((code, log)) = state.check(&tx) {
                return Ok(answer(code, log));
            }
            state.pool_sequence += 1;
            let done = answer(0, String::new());
            if fault != Fault::Forgotten {
                state.pool.push(tx);
            }
            Ok(done)
        })
        .await
    }

    async fn tx(&self, hash: &str) -> Result<Option<TxFound>> {
        self.call("tx", |state, _| {
            let seen = |found: &&TxFound| found.tx.height + state.index_lag <= state.height;
            Ok(state.txs.get(hash).filter(seen).cloned())
        })
        .await
    }
}
