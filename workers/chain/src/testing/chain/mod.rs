//! A chain in memory with one contract that records its messages, and faults on command.
//!
//! It checks sequence, time-out height and order as a real chain does. It checks no signatures and keeps no
//! money: the development chain does that. With [`FakeChain::executing`] a real contract takes the place of the recorded
//! messages.

mod broadcaster;
mod contract;
mod reader;
mod state;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use contract::{Contract, Execution, RefusedMessage};
use state::State;

use super::yield_once;
use crate::error::{ChainError, Result};
use crate::types::{BlockEvents, RawEvent, TxFound};

/// What goes wrong with the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Fine,
    /// The call does not reach the node.
    Away,
    /// So many blocks are made before the node turns to the call.
    Slow(u64),
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
        Self::begin(None)
    }

    /// A chain at height 1 whose transactions a contract executes.
    pub fn executing(contract: Arc<dyn Contract>) -> Self {
        Self::begin(Some(contract))
    }

    fn begin(contract: Option<Arc<dyn Contract>>) -> Self {
        let mut state = State {
            contract,
            included: Vec::new(),
            emitted: Vec::new(),
            next_time_ns: 0,
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
            generation: 0,
        };
        state.commit();
        Self { state: Mutex::new(state) }
    }

    /// Begins the chain anew under the same id, at height 1, with other hashes.
    pub fn reset(&self) {
        let new = Self::new();
        let mut state = self.state();
        let generation = state.generation + 1;
        *state = new.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.generation = generation;
    }

    /// Makes a block of what is in the pool and returns its height.
    pub fn commit(&self) -> u64 {
        self.state().commit()
    }

    /// Puts a message of another account into the next block, before what is in the pool, as a transaction of its own.
    pub fn include(&self, message: Execution) {
        self.state().included.push(message);
    }

    /// Has the next block itself emit an event.
    pub fn emit(&self, event: RawEvent) {
        self.state().emitted.push(event);
    }

    /// Sets the earliest time of the next block, nanoseconds since 1970.
    pub fn set_next_time(&self, time_ns: u64) {
        self.state().next_time_ns = time_ns;
    }

    /// The height of the newest block, whatever fails.
    pub fn height(&self) -> u64 {
        self.state().height
    }

    /// The newest block, whatever fails.
    pub fn newest_block(&self) -> Option<BlockEvents> {
        let state = self.state();
        state.blocks.get(&state.height).cloned()
    }

    /// The transaction with this hash, whatever fails.
    pub fn found(&self, hash: &str) -> Option<TxFound> {
        self.state().txs.get(hash).cloned()
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
            if let Fault::Slow(blocks) = fault {
                for _ in 0..blocks {
                    state.commit();
                }
            }
            (fault, run(&mut state, fault))
        };
        yield_once().await;
        if fault == Fault::LostReply { Err(away()) } else { result }
    }
}
