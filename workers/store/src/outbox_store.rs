//! Implements the outbox's storage trait of the chain edge: every call is one transaction.

use async_trait::async_trait;
use gateway_chain::outbox::{NewItem, OutboxItem, OutboxStore, OutboxTx, StoreError as OutboxError, TxEnd};

use crate::error::StoreError;
use crate::store::Store;

impl From<StoreError> for OutboxError {
    fn from(error: StoreError) -> Self {
        if error.is_retryable() { Self::retryable(error) } else { Self::fatal(error) }
    }
}

#[async_trait]
impl OutboxStore for Store {
    async fn enqueue(&self, new: &NewItem) -> Result<OutboxItem, OutboxError> {
        let work = self.begin().await?;
        let item = work.outbox().enqueue(new).await?;
        work.commit().await?;
        Ok(item)
    }

    async fn item(&self, id: i64) -> Result<Option<OutboxItem>, OutboxError> {
        Ok(self.outbox().item(id).await?)
    }

    async fn items(&self, ids: &[i64]) -> Result<Vec<OutboxItem>, OutboxError> {
        Ok(self.outbox().items(ids).await?)
    }

    async fn queued(&self, after: i64, limit: u32) -> Result<Vec<OutboxItem>, OutboxError> {
        Ok(self.outbox().queued(after, limit).await?)
    }

    async fn highest_sequence(&self) -> Result<Option<u64>, OutboxError> {
        Ok(self.outbox().highest_sequence().await?)
    }

    async fn in_flight(&self) -> Result<Vec<OutboxTx>, OutboxError> {
        Ok(self.outbox().in_flight().await?)
    }

    async fn record_signed(&self, tx: &OutboxTx) -> Result<(), OutboxError> {
        let work = self.begin().await?;
        if !work.outbox().record_signed(tx).await? {
            return Err(OutboxError::fatal(format!("transaction {}: an item of it is not queued", tx.hash)));
        }
        work.commit().await?;
        Ok(())
    }

    async fn record_replacement(&self, old: &str, tx: &OutboxTx) -> Result<(), OutboxError> {
        let work = self.begin().await?;
        if !work.outbox().record_replacement(old, tx).await? {
            return Err(OutboxError::fatal(format!(
                "transaction {}: an item of it is not held by {old}",
                tx.hash
            )));
        }
        work.commit().await?;
        Ok(())
    }

    async fn settle(&self, hash: &str, end: &TxEnd) -> Result<(), OutboxError> {
        let work = self.begin().await?;
        work.outbox().settle(hash, end).await?;
        work.commit().await?;
        Ok(())
    }

    async fn fail(&self, id: i64, error: &str) -> Result<(), OutboxError> {
        let work = self.begin().await?;
        work.outbox().fail(id, error).await?;
        work.commit().await?;
        Ok(())
    }
}
