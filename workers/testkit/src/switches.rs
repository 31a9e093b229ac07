//! What fails or differs on the chain on command, and a record of what it was asked.

use std::sync::{MutexGuard, PoisonError};

use gateway_api::{QueryMsg, RequestId};
use gateway_chain::RawEvent;
use serde_json::Value;
use tokio::sync::watch;

use crate::chain::TestChain;
use crate::host::contract_event;

/// Answers a query in the contract's place; `None` leaves it to the contract.
type Script = Box<dyn Fn(&QueryMsg) -> Option<Value> + Send>;

/// The current switches.
#[derive(Default)]
pub(crate) struct Switches {
    pub(crate) away: bool,
    pub(crate) accounts_away: bool,
    pub(crate) failing_queries: u32,
    pub(crate) held_below: u64,
    pub(crate) page: Option<u32>,
    pub(crate) keeper: bool,
    pub(crate) script: Option<Script>,
    pub(crate) unknown: Option<RequestId>,
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

    /// Leaves calls about accounts and transactions unanswered, or answers them again: blocks and queries are always answered.
    pub fn set_accounts_away(&self, away: bool) {
        self.switches().accounts_away = away;
    }

    /// Lets the next `count` queries to the contract time out.
    pub fn fail_queries(&self, count: u32) {
        self.switches().failing_queries = count;
    }

    /// Leaves reads of blocks below `height` unanswered; 0 answers them again.
    pub fn hold_below(&self, height: u64) {
        self.switches().held_below = height;
    }

    /// Forgets the blocks below `height`.
    pub fn prune_below(&self, height: u64) {
        self.ledger.prune_below(height);
    }

    /// Limits lists of requests to this many entries, however many are requested.
    pub fn set_page(&self, entries: u32) {
        self.switches().page = Some(entries);
    }

    /// Has an account send `Tick` in every block for which one is due.
    pub fn set_keeper(&self, keeper: bool) {
        self.switches().keeper = keeper;
    }

    /// Answers queries in the contract's place, for states that it is never in; `None` leaves a query to the contract.
    pub fn script(&self, script: impl Fn(&QueryMsg) -> Option<Value> + Send + 'static) {
        self.switches().script = Some(Box::new(script));
    }

    /// Leaves every answer to the contract again.
    pub fn unscript(&self) {
        self.switches().script = None;
    }

    /// Answers queries of this single request as a contract that does not know it, or leaves them to the contract again.
    pub fn set_unknown(&self, request: Option<RequestId>) {
        self.switches().unknown = request;
    }

    /// Makes the next block emit an event in the contract's name, which may be malformed.
    pub fn emit(&self, event: cosmwasm_std::Event) {
        let event: RawEvent = contract_event(event);
        self.ledger.emit(event);
    }

    /// Refuses the next `count` publications with this reason, regardless of their content.
    pub fn refuse_publications(&self, count: u32, reason: &'static str) {
        self.host.refuse_publications(count, reason);
    }

    /// Returns the heights of the blocks read since the last call.
    pub fn reads(&self) -> Vec<u64> {
        std::mem::take(&mut self.switches().reads)
    }

    /// Returns the queries to the contract so far, each with the minimum height required of its answer.
    pub fn queries(&self) -> Vec<(QueryMsg, u64)> {
        self.switches().queries.clone()
    }

    /// Returns the highest block that was read.
    pub fn newest_read(&self) -> watch::Receiver<u64> {
        self.newest_read.subscribe()
    }
}
