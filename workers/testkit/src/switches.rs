//! What of the chain fails or differs on command, and what was asked of it.

use std::sync::{MutexGuard, PoisonError};

use gateway_api::QueryMsg;
use gateway_chain::RawEvent;
use serde_json::Value;
use tokio::sync::watch;

use crate::chain::TestChain;
use crate::host::contract_event;

/// Answers a query in the contract's place; `None` leaves it to the contract.
type Script = Box<dyn Fn(&QueryMsg) -> Option<Value> + Send>;

/// The switches as they stand.
#[derive(Default)]
pub(crate) struct Switches {
    pub(crate) away: bool,
    pub(crate) accounts_away: bool,
    pub(crate) failing_queries: u32,
    pub(crate) held_below: u64,
    pub(crate) page: Option<u32>,
    pub(crate) keeper: bool,
    pub(crate) script: Option<Script>,
    pub(crate) reads: Vec<u64>,
    pub(crate) queries: Vec<(QueryMsg, u64)>,
}

impl TestChain {
    pub(crate) fn switches(&self) -> MutexGuard<'_, Switches> {
        self.switches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves queries to the contract unanswered, or answers them again.
    pub fn set_away(&self, away: bool) {
        self.switches().away = away;
    }

    /// Leaves alone what concerns accounts and transactions, or answers again: blocks and queries are answered all the same.
    pub fn set_accounts_away(&self, away: bool) {
        self.switches().accounts_away = away;
    }

    /// Lets the next so many queries to the contract time out.
    pub fn fail_queries(&self, count: u32) {
        self.switches().failing_queries = count;
    }

    /// Leaves questions for blocks below `height` unanswered; 0 answers them again.
    pub fn hold_below(&self, height: u64) {
        self.switches().held_below = height;
    }

    /// Forgets the blocks below `height`.
    pub fn prune_below(&self, height: u64) {
        self.ledger.prune_below(height);
    }

    /// Gives lists of requests so many entries at the most, however many are asked for.
    pub fn set_page(&self, entries: u32) {
        self.switches().page = Some(entries);
    }

    /// Has somebody send `Tick` in every block for which one is due.
    pub fn set_keeper(&self, keeper: bool) {
        self.switches().keeper = keeper;
    }

    /// Answers queries in the contract's place, for states that it is never in: what returns `None` is the contract's.
    pub fn script(&self, script: impl Fn(&QueryMsg) -> Option<Value> + Send + 'static) {
        self.switches().script = Some(Box::new(script));
    }

    /// Leaves every answer to the contract again.
    pub fn unscript(&self) {
        self.switches().script = None;
    }

    /// Has the next block emit an event in the contract's name, which may be malformed.
    pub fn emit(&self, event: cosmwasm_std::Event) {
        let event: RawEvent = contract_event(event);
        self.ledger.emit(event);
    }

    /// Refuses the next so many publications with this reason, whatever they hold.
    pub fn refuse_publications(&self, count: u32, reason: &'static str) {
        self.host.refuse_publications(count, reason);
    }

    /// Heights of the blocks that were read since this was last asked.
    pub fn reads(&self) -> Vec<u64> {
        std::mem::take(&mut self.switches().reads)
    }

    /// The queries to the contract so far, each with the height that its answer had to have at least.
    pub fn queries(&self) -> Vec<(QueryMsg, u64)> {
        self.switches().queries.clone()
    }

    /// The highest block that was read.
    pub fn newest_read(&self) -> watch::Receiver<u64> {
        self.newest_read.subscribe()
    }
}
