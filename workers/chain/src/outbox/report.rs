//! The outbox's state for operators: readiness with a reason, and gauges.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gateway_daemon_runtime::health::Readiness;

use super::store::OutboxItem;

/// Consecutive passes that may fail before the outbox is not ready.
const PATIENCE: u32 = 3;

/// What keeps the outbox from its work.
#[derive(Debug)]
pub(super) struct Report {
    readiness: Readiness,
    failures: u32,
    refusal: Option<String>,
    funds: Option<String>,
    deferred: Option<String>,
    stuck: u64,
}

impl Report {
    pub(super) fn new(readiness: Readiness) -> Self {
        Self { readiness, failures: 0, refusal: None, funds: None, deferred: None, stuck: 0 }
    }

    /// Records the transactions in flight, and those past their time-out whose fate is unknown.
    pub(super) fn flights(&mut self, in_flight: usize, stuck: u64) {
        metrics::gauge!("gateway_outbox_in_flight").set(in_flight as f64);
        metrics::gauge!("gateway_outbox_stuck").set(stuck as f64);
        self.stuck = stuck;
        if in_flight == 0 {
            self.refusal = None;
        }
    }

    /// Records the pool's newest refusal; `None` if it has accepted a transaction since.
    pub(super) fn refusal(&mut self, reason: Option<String>) {
        self.refusal = reason;
    }

    /// Records what the account cannot afford.
    pub(super) fn funds(&mut self, problem: Option<String>) {
        self.funds = problem;
    }

    /// Records that a message is deferred, and why.
    pub(super) fn deferred(&mut self, reason: Option<String>) {
        self.deferred = reason;
    }

    /// Records the oldest queued message.
    pub(super) fn oldest(&self, item: Option<&OutboxItem>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let queued =
            |item: &OutboxItem| Duration::from_millis(u64::try_from(item.created_ms).unwrap_or_default());
        let age = item.map_or(Duration::ZERO, |item| now.saturating_sub(queued(item)));
        metrics::gauge!("gateway_outbox_oldest_queued_seconds").set(age.as_secs_f64());
    }

    /// Records that a pass ended, with its error if any. `price` is what is wrong with the gas price.
    pub(super) fn pass(&mut self, error: Option<&str>, price: Option<String>) {
        self.failures = if error.is_some() { self.failures.saturating_add(1) } else { 0 };
        let failing = error.filter(|_| self.failures >= PATIENCE).map(str::to_owned);
        let stuck = (self.stuck > 0).then(|| format!("{} transactions of unknown fate", self.stuck));
        let first = [failing, self.funds.clone(), price, self.refusal.clone(), stuck, self.deferred.clone()];
        match first.into_iter().flatten().next() {
            None => self.readiness.ready(),
            Some(reason) => self.readiness.not_ready(reason),
        }
    }
}
