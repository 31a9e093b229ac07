//! Follows signed transactions to their end: found in a block, sent again, replaced, or provably dead.
//!
//! A message returns to the queue only when the transaction that holds it can never be included any more.

use std::collections::BTreeMap;

use super::engine::{Engine, PassError};
use super::fate::{Fate, Inclusion};
use super::layout::Layout;
use super::store::{OutboxTx, TxEnd};
use crate::error::ChainError;
use crate::fees::Shape;
use crate::node_wording;

/// Blocks past its time-out during which a transaction of unknown fate is still sought.
const LOST_AFTER: u64 = 50;

impl Engine {
    /// Checks every transaction in flight, in order of sequence. Returns how many there were.
    pub(super) async fn follow_flights(&mut self, latest: u64) -> Result<usize, PassError> {
        let flights = self.store.in_flight().await?;
        let oldest = flights.iter().map(|tx| tx.signed_height).min().unwrap_or(latest);
        self.search.keep_from(oldest);
        // Of several with one sequence only the newest is broadcast: it replaces the others.
        let newest: BTreeMap<u64, &str> = flights.iter().map(|tx| (tx.sequence, tx.hash.as_str())).collect();
        let mut stuck = 0;
        for tx in &flights {
            // It cannot be in a block that already existed when it was signed.
            let may_be_included = latest > tx.signed_height;
            if may_be_included && let Some(found) = self.find(tx, latest).await? {
                self.included(tx, found).await?;
                continue;
            }
            let past = latest > tx.timeout_height;
            stuck += u64::from(past);
            let doubted = self.sent.get(&tx.hash).is_some_and(|sent| sent.sequence_refused);
            if (past || doubted) && self.decide(tx, latest).await? {
                continue;
            }
            let current = newest.get(&tx.sequence) == Some(&tx.hash.as_str());
            if !past && current && self.must_send(tx, latest) {
                self.broadcast(tx, latest).await?;
            }
        }
        self.report.flights(flights.len(), stuck);
        Ok(flights.len())
    }

    /// Settles a transaction whose fate is proven; returns whether it did.
    async fn decide(&mut self, tx: &OutboxTx, latest: u64) -> Result<bool, PassError> {
        match self.fate(tx, latest).await {
            Ok(Fate::Included(found)) => self.included(tx, found).await?,
            Ok(Fate::Open) => return Ok(false),
            Ok(Fate::Dead(error)) => {
                self.account = None;
                self.settle(tx, &TxEnd::Dead { error }).await?;
            }
            Ok(Fate::Unknown(error)) => {
                if latest <= tx.timeout_height.saturating_add(LOST_AFTER) {
                    tracing::warn!(tx = tx.hash, error, "the transaction is not found yet");
                    return Ok(false);
                }
                self.account = None;
                self.settle(tx, &TxEnd::Lost { error }).await?;
            }
            // A lagging node proves nothing; the others in flight need not wait for it.
            Err(PassError::Chain(error @ ChainError::NodeBehind { .. })) => {
                tracing::debug!(tx = tx.hash, %error, "the transaction's fate is not known yet");
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    async fn included(&mut self, tx: &OutboxTx, found: Inclusion) -> Result<(), PassError> {
        if let Some(account) = &mut self.account {
            account.sequence = account.sequence.max(tx.sequence + 1);
        }
        self.known_height = self.known_height.max(found.tx.height);
        self.fees.accepted();
        let items = self.store.items(&tx.items).await?;
        let shapes: Vec<Shape> = items.iter().map(Shape::of_item).collect();
        let layout = Layout::of(&items);
        self.fees.learn(&shapes, &found.tx);
        let (height, code) = (found.tx.height, found.tx.code);
        if code == 0 {
            tracing::debug!(
                tx = tx.hash,
                gas_used = found.tx.gas_used,
                gas_wanted = found.tx.gas_wanted,
                "gas of a transaction"
            );
            let refused = layout.refused(&self.chain_config.contract, &found.tx);
            let refused =
                refused.into_iter().filter_map(|(at, why)| Some((items.get(at)?.id, why))).collect();
            self.settle(tx, &TxEnd::Included { height, refused }).await?;
            return Ok(());
        }
        metrics::counter!("gateway_outbox_failed_in_block_total", "code" => code.to_string()).increment(1);
        // The chain names the message that failed; otherwise all are suspected.
        let named = node_wording::message_index(&found.log).map(|index| layout.items_of(index));
        let named: Vec<i64> = named.iter().flatten().filter_map(|at| Some(items.get(*at)?.id)).collect();
        let blamed = if named.is_empty() { tx.items.clone() } else { named };
        let spent = |id: &i64| {
            items.iter().any(|item| item.id == *id && item.attempts + 1 >= self.config.max_attempts)
        };
        let give_up = blamed.iter().copied().filter(spent).collect();
        let error = format!("failed in block {height} (code {code} of {}): {}", found.codespace, found.log);
        self.settle(tx, &TxEnd::Failed { error, blamed, give_up }).await?;
        Ok(())
    }
}
