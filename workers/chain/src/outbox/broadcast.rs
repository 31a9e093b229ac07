//! Broadcasts signed bytes to the chain's nodes, and acts on their answers.
//!
//! No answer but "too large" ends a transaction: one address may hide several nodes, and another may have accepted the bytes. A
//! refused transaction stays in flight until its fate is proven. One whose fee is below the minimum is replaced by a
//! transaction with the same messages and the same sequence, so that the chain executes at most one of the two.

use super::engine::{Engine, PassError};
use super::store::{ItemState, OutboxTx, TxEnd};
use crate::fees::Correction;
use crate::node_wording::{self, PoolMeaning};
use crate::tx::gas_limit_of;
use crate::types::Account;

/// Blocks to wait before accepted bytes are sent again: the pool may have dropped them.
const RESEND_AFTER: u64 = 3;

/// What this process knows of a transaction's broadcasts. Empty after a restart, so the bytes are sent again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    /// Height at the newest broadcast that was answered.
    pub(super) at: Option<u64>,
    /// The newest answer was a refusal.
    pub(super) refused: bool,
    /// The newest answer was that the sequence is not the expected one.
    pub(super) sequence_refused: bool,
}

impl Engine {
    /// Returns whether to broadcast the bytes: after a restart, when accepted bytes may have been dropped, and at each block
    /// while they are refused.
    pub(super) fn must_send(&self, tx: &OutboxTx, latest: u64) -> bool {
        match self.sent.get(&tx.hash) {
            Some(Sent { at: Some(at), refused, .. }) => {
                latest >= at.saturating_add(if *refused { 1 } else { RESEND_AFTER })
            }
            _ => true,
        }
    }

    /// Broadcasts the bytes and acts on the answer.
    pub(super) async fn broadcast(&mut self, tx: &OutboxTx, latest: u64) -> Result<(), PassError> {
        let result = self.broadcaster.broadcast(&tx.bytes).await?;
        let meaning = node_wording::pool(result.code, &result.codespace);
        let sent = Sent {
            at: Some(latest),
            refused: meaning != PoolMeaning::Taken,
            sequence_refused: meaning == PoolMeaning::Sequence,
        };
        self.sent.insert(tx.hash.clone(), sent);
        if meaning == PoolMeaning::Taken {
            self.fees.accepted();
            self.report.refusal(None);
            tracing::debug!(tx = tx.hash, sequence = tx.sequence, "transaction sent");
            return Ok(());
        }
        let reason = format!("refused (code {} of {}): {}", result.code, result.codespace, result.log);
        tracing::warn!(tx = tx.hash, reason, "the pool refused a transaction");
        metrics::counter!("gateway_outbox_refused_total", "code" => result.code.to_string()).increment(1);
        self.report.refusal(Some(reason.clone()));
        // Nothing is signed before the next block: asking sooner would change nothing.
        self.hold_at = self.hold_at.max(latest);
        match meaning {
            PoolMeaning::Sequence => self.account = None,
            PoolMeaning::FeeTooLow => {
                if let Correction::Raised(_) = self.fees.refused(&result.log, gas_limit_of(&tx.bytes)?) {
                    self.replace(tx, latest).await?;
                }
            }
            PoolMeaning::TooLarge => {
                let alone = tx.items.len() == 1;
                if !alone {
                    self.max_bytes = (self.max_bytes.min(tx.bytes.len()) / 2).max(1);
                }
                let give_up = if alone { tx.items.clone() } else { Vec::new() };
                self.settle(tx, &TxEnd::Failed { error: reason, blamed: give_up.clone(), give_up }).await?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Signs the messages of a refused transaction anew with its own sequence and the current price.
    async fn replace(&mut self, old: &OutboxTx, latest: u64) -> Result<(), PassError> {
        let mut items = Vec::with_capacity(old.items.len());
        for id in &old.items {
            match self.store.item(*id).await? {
                Some(item) if item.state == ItemState::Signed && item.tx_hash.as_ref() == Some(&old.hash) => {
                    items.push(item);
                }
                // Another replacement holds them.
                _ => return Ok(()),
            }
        }
        let account = Account { sequence: old.sequence, ..self.account().await? };
        let timeout_height = (latest + self.config.timeout_blocks).max(old.timeout_height + 1);
        let gas = gas_limit_of(&old.bytes)?;
        let tx = self.signed(&items, gas, account, latest, timeout_height).await?;
        self.store.record_replacement(&old.hash, &tx).await?;
        tracing::info!(old = old.hash, tx = tx.hash, "replaced by a transaction with a higher fee");
        // Broadcast by the next pass. The price only ever rises here, up to its cap, so this terminates.
        Ok(())
    }
}
