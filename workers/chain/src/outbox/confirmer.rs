//! Following signed transactions to their end: found by hash, failed, sent again, or provably dead.
//!
//! A transaction is given back to the queue only when it can never be included any more.

use super::chain_errors::PoolAnswer;
use super::engine::{Engine, PassError, Sent};
use super::store::{OutboxTx, TxEnd};
use crate::error::ChainError;

/// Blocks to wait before the same bytes are sent again: the pool may have dropped them.
const RESEND_AFTER: u64 = 3;

/// What is known of a transaction that the index does not show.
enum Fate {
    /// In this block, with this code.
    Included { height: u64, code: u32 },
    /// Can never be included.
    Dead,
}

impl Engine {
    /// Looks at every transaction in flight, in the order of sequences.
    pub(super) async fn follow_flights(&mut self, latest: u64) -> Result<(), PassError> {
        let flights = self.store.in_flight().await?;
        metrics::gauge!("gateway_outbox_in_flight").set(flights.len() as f64);
        for tx in &flights {
            if let Some(found) = self.chain.tx(&tx.hash).await? {
                self.included(tx, found.tx.height, found.tx.code, found.codespace.as_str(), &found.raw_log)
                    .await?;
            } else if latest > tx.timeout_height {
                match self.fate(tx).await? {
                    Fate::Included { height, code } => {
                        self.included(tx, height, code, "", "the node kept no log").await?;
                    }
                    Fate::Dead => {
                        let error = format!("not included by height {}", tx.timeout_height);
                        self.account = None;
                        self.settle(tx, &TxEnd::Returned { error, give_up: Vec::new() }).await?;
                    }
                }
            } else if self.must_send(tx, latest) {
                self.send(tx, latest).await?;
            }
        }
        Ok(())
    }

    async fn included(
        &mut self,
        tx: &OutboxTx,
        height: u64,
        code: u32,
        codespace: &str,
        log: &str,
    ) -> Result<(), PassError> {
        if let Some(account) = &mut self.account {
            account.sequence = account.sequence.max(tx.sequence + 1);
        }
        if code == 0 {
            self.settle(tx, &TxEnd::Included { height }).await?;
            return Ok(());
        }
        let mut give_up = Vec::new();
        for id in &tx.items {
            let item = self.store.item(*id).await?;
            if item.is_some_and(|item| item.attempts + 1 >= self.config.max_attempts) {
                give_up.push(*id);
            }
        }
        let error = format!("failed in block {height} (code {code} of {codespace}): {log}");
        self.settle(tx, &TxEnd::Returned { error, give_up }).await?;
        Ok(())
    }

    /// Past its time-out height and not in the index: dead, unless the index lags. The account's sequence decides,
    /// and where it cannot, the blocks do.
    async fn fate(&mut self, tx: &OutboxTx) -> Result<Fate, PassError> {
        let account = self.chain.account(self.signer.address()).await?;
        if account.sequence <= tx.sequence {
            return Ok(Fate::Dead);
        }
        for height in tx.signed_height + 1..=tx.timeout_height {
            match self.chain.block(height).await {
                Ok(block) => {
                    if let Some(found) = block.txs.iter().find(|found| found.hash == tx.hash) {
                        return Ok(Fate::Included { height, code: found.code });
                    }
                }
                // Nothing left to read: the index had all the time it needs by now.
                Err(error @ ChainError::Pruned { .. }) => {
                    tracing::warn!(tx = tx.hash, %error, "cannot search the blocks of a lost transaction");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Fate::Dead)
    }

    fn must_send(&self, tx: &OutboxTx, latest: u64) -> bool {
        match self.sent.get(&tx.hash).and_then(|sent| sent.at) {
            None => true,
            Some(at) => latest >= at.saturating_add(RESEND_AFTER),
        }
    }

    /// Sends bytes that an earlier call, perhaps of an earlier process, may have sent already.
    async fn send(&mut self, tx: &OutboxTx, latest: u64) -> Result<(), PassError> {
        self.sent.entry(tx.hash.clone()).or_insert(Sent { at: None, perhaps_taken: true });
        self.broadcast(tx, latest).await
    }

    /// Offers the bytes to the node and judges its answer.
    pub(super) async fn broadcast(&mut self, tx: &OutboxTx, latest: u64) -> Result<(), PassError> {
        let before = self.sent.get(&tx.hash).copied().unwrap_or_default();
        // Until the answer is known, the bytes may have been taken.
        self.sent.insert(tx.hash.clone(), Sent { perhaps_taken: true, ..before });
        let result = self.chain.broadcast(&tx.bytes).await?;
        let answer = PoolAnswer::of(&result);
        let sent =
            Sent { at: Some(latest), perhaps_taken: before.perhaps_taken || answer == PoolAnswer::Taken };
        self.sent.insert(tx.hash.clone(), sent);
        if answer == PoolAnswer::Taken {
            tracing::debug!(tx = tx.hash, sequence = tx.sequence, "transaction sent");
            return Ok(());
        }
        tracing::warn!(tx = tx.hash, code = result.code, log = result.log, "the pool refuses a transaction");
        metrics::counter!("gateway_outbox_refused_total").increment(1);
        if answer == PoolAnswer::WrongSequence {
            self.account = None;
        }
        // Whatever the reason, the next signature waits for the next block: asking faster changes nothing.
        self.hold_at = self.hold_at.max(latest);
        if sent.perhaps_taken || answer == PoolAnswer::Full {
            // It may yet be included, or be taken later: the time-out height ends the doubt.
            return Ok(());
        }
        // Never accepted by anyone: it is safe to sign its messages anew at once.
        let lost = answer == PoolAnswer::TooLarge && tx.items.len() == 1;
        let give_up = if lost { tx.items.clone() } else { Vec::new() };
        let error = format!("refused (code {} of {}): {}", result.code, result.codespace, result.log);
        self.settle(tx, &TxEnd::Returned { error, give_up }).await?;
        Ok(())
    }
}
