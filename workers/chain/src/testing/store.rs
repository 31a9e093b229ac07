//! An in-memory outbox store with the same contract as the SQL one.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::yield_once;
use crate::outbox::{ItemState, NewItem, OutboxItem, OutboxStore, OutboxTx, StoreError, TxEnd};

/// Rows in memory. Share it in an `Arc` to survive a restart of the outbox.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: Mutex<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    items: BTreeMap<i64, OutboxItem>,
    txs: BTreeMap<String, OutboxTx>,
    highest: Option<u64>,
}

impl MemoryStore {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns every item, by id.
    pub fn items(&self) -> Vec<OutboxItem> {
        self.rows().items.values().cloned().collect()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl OutboxStore for MemoryStore {
    async fn enqueue(&self, new: &NewItem) -> Result<OutboxItem, StoreError> {
        yield_once().await;
        let mut rows = self.rows();
        if let Some(item) = rows.items.values().find(|item| item.key == new.key) {
            return Ok(item.clone());
        }
        let id = rows.items.len() as i64 + 1;
        let item = OutboxItem::queued(id, new.clone());
        rows.items.insert(id, item.clone());
        Ok(item)
    }

    async fn item(&self, id: i64) -> Result<Option<OutboxItem>, StoreError> {
        yield_once().await;
        Ok(self.rows().items.get(&id).cloned())
    }

    async fn highest_sequence(&self) -> Result<Option<u64>, StoreError> {
        yield_once().await;
        Ok(self.rows().highest)
    }

    async fn queued(&self, after: i64, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        yield_once().await;
        let rows = self.rows();
        let queued = rows.items.values().filter(|item| item.id > after && item.state == ItemState::Queued);
        Ok(queued.take(limit as usize).cloned().collect())
    }

    async fn in_flight(&self) -> Result<Vec<OutboxTx>, StoreError> {
        yield_once().await;
        let mut txs: Vec<_> = self.rows().txs.values().cloned().collect();
        txs.sort_by_key(|tx| (tx.sequence, tx.timeout_height));
        Ok(txs)
    }

    async fn record_signed(&self, tx: &OutboxTx) -> Result<(), StoreError> {
        yield_once().await;
        self.rows().record(tx, |item| item.state == ItemState::Queued)?;
        // Committed, but the caller may never learn of it.
        yield_once().await;
        Ok(())
    }

    async fn record_replacement(&self, old: &str, tx: &OutboxTx) -> Result<(), StoreError> {
        yield_once().await;
        self.rows()
            .record(tx, |item| item.state == ItemState::Signed && item.tx_hash.as_deref() == Some(old))?;
        yield_once().await;
        Ok(())
    }

    async fn settle(&self, hash: &str, end: &TxEnd) -> Result<(), StoreError> {
        yield_once().await;
        {
            let mut rows = self.rows();
            let Some(tx) = rows.txs.remove(hash) else { return Ok(()) };
            for id in tx.items {
                if let Some(item) = rows.items.get_mut(&id).filter(|item| item.state == ItemState::Signed) {
                    settle(item, hash, end);
                }
            }
        }
        yield_once().await;
        Ok(())
    }

    async fn fail(&self, id: i64, error: &str) -> Result<(), StoreError> {
        yield_once().await;
        if let Some(item) = self.rows().items.get_mut(&id)
            && item.state == ItemState::Queued
        {
            item.state = ItemState::Failed;
            item.error = Some(error.to_owned());
        }
        Ok(())
    }
}

impl Rows {
    /// Stores a transaction whose items all pass `may`; changes nothing if one does not.
    fn record(&mut self, tx: &OutboxTx, may: impl Fn(&OutboxItem) -> bool) -> Result<(), StoreError> {
        if let Some(id) = tx.items.iter().find(|id| !self.items.get(*id).is_some_and(&may)) {
            return Err(StoreError::fatal(format!("transaction {}: item {id} is not free for it", tx.hash)));
        }
        for id in &tx.items {
            if let Some(item) = self.items.get_mut(id) {
                item.state = ItemState::Signed;
                item.tx_hash = Some(tx.hash.clone());
            }
        }
        self.highest = self.highest.max(Some(tx.sequence));
        self.txs.insert(tx.hash.clone(), tx.clone());
        Ok(())
    }
}

fn settle(item: &mut OutboxItem, hash: &str, end: &TxEnd) {
    if let TxEnd::Included { height, refused } = end {
        let error = refused.iter().find(|(id, _)| *id == item.id).map(|(_, error)| error.clone());
        item.state = if error.is_some() { ItemState::Failed } else { ItemState::Done };
        item.error = error.or(item.error.take());
        item.tx_hash = Some(hash.to_owned());
        item.height = Some(*height);
        return;
    }
    if item.tx_hash.as_deref() != Some(hash) {
        return;
    }
    let (error, failed) = match end {
        TxEnd::Included { .. } => return,
        TxEnd::Failed { error, blamed, give_up } => {
            item.attempts += u32::from(blamed.contains(&item.id));
            (error, give_up.contains(&item.id))
        }
        TxEnd::Dead { error } => (error, false),
        TxEnd::Lost { error } => (error, !item.funds.is_empty()),
    };
    item.error = Some(error.clone());
    item.state = if failed { ItemState::Failed } else { ItemState::Queued };
}
