//! An in-memory chain with one contract that records its messages, and faults on command.
//!
//! It checks sequence, time-out height and order as a real chain does. It checks no signatures and keeps no balances: the
//! development chain does that. With [`FakeChain::executing`] a real contract executes the messages instead of recording them.

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
    /// This many blocks are made before the node handles the call.
    Slow(u64),
    /// The call has its effect, but its answer is lost.
    LostReply,
    /// A broadcast is accepted and then dropped.
    Forgotten,
    /// A broadcast is refused with code 32 whatever its sequence.
    WrongSequence,
    /// A broadcast is refused with code 13, while another node behind the same address accepts it.
    RefusedYetTaken,
    /// A simulation fails as on a node that cannot load its newest state.
    NoState,
}

/// The chain. A message whose JSON has the key `poison` fails in simulation and in its block; one with the key `trap` only in
/// its block; one with the key `riddle` can never be simulated; others succeed and are recorded.
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

    /// Creates a chain at height 1.
    pub fn new() -> Self {
        Self::begin(None)
    }

    /// Creates a chain at height 1 whose transactions a contract executes.
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

    /// Restarts the chain under the same id, at height 1, with different hashes.
    pub fn reset(&self) {
        let new = Self::new();
        let mut state = self.state();
        let generation = state.generation + 1;
        *state = new.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.generation = generation;
    }

    /// Makes a block of the pool's transactions and returns its height.
    pub fn commit(&self) -> u64 {
        self.state().commit()
    }

    /// Puts a message of another account into the next block, ahead of the pool, as a transaction of its own.
    pub fn include(&self, message: Execution) {
        self.state().included.push(message);
    }

    /// Makes the next block itself emit an event.
    pub fn emit(&self, event: RawEvent) {
        self.state().emitted.push(event);
    }

    /// Sets the earliest time of the next block, nanoseconds since 1970.
    pub fn set_next_time(&self, time_ns: u64) {
        self.state().next_time_ns = time_ns;
    }

    /// Returns the height of the newest block, unaffected by faults.
    pub fn height(&self) -> u64 {
        self.state().height
    }

    /// Returns the newest block, unaffected by faults.
    pub fn newest_block(&self) -> Option<BlockEvents> {
        let state = self.state();
        state.blocks.get(&state.height).cloned()
    }

    /// Returns the transaction with this hash, unaffected by faults.
    pub fn found(&self, hash: &str) -> Option<TxFound> {
        self.state().txs.get(hash).cloned()
    }

    /// Adds faults for the coming calls, one each.
    pub fn fault(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// Clears the unused faults.
    pub fn heal(&self) {
        self.state().faults.clear();
    }

    /// Makes transactions findable by hash only this many blocks after their own.
    pub fn set_index_lag(&self, blocks: u64) {
        self.state().index_lag = blocks;
    }

    /// Sets every account's balance.
    pub fn set_balance(&self, balance: u128) {
        self.state().balance = balance;
    }

    /// Sets the minimum gas price.
    pub fn set_min_price(&self, price: u128) {
        self.state().min_fee_per_gas = price;
    }

    /// Switches the transaction index on or off.
    pub fn set_index(&self, has_index: bool) {
        self.state().has_index = has_index;
    }

    /// Forgets every indexed transaction, as a node restored from a snapshot does.
    pub fn forget_index(&self) {
        self.state().txs.clear();
    }

    /// Answers application queries from a state this many blocks old.
    pub fn set_behind(&self, blocks: u64) {
        self.state().behind = blocks;
    }

    /// Sets the largest transaction that the pool accepts.
    pub fn set_largest(&self, bytes: usize) {
        self.state().largest = bytes;
    }

    /// Consumes a sequence, as another program with the same key does.
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

    /// Returns every message executed, in order.
    pub fn executed(&self) -> Vec<Vec<u8>> {
        self.state().executed.clone()
    }

    /// Returns how many calls were made.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one call: a yield, the next fault, the effect, and another yield.
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
