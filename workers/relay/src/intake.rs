//! Stores verified attestations, many per transaction: a receipt is given only for what is on disk. Callers wait while the
//! queue is full.

use async_trait::async_trait;
use gateway_store::{AttestationRow, Inserted, Store, StoreError};

use crate::batches::{BatchSink, Callers};

/// The callers' end of the queue.
pub(crate) type Intake = Callers<AttestationRow, Inserted>;

/// Stores the attestations.
pub(crate) struct AttestationSink(pub(crate) Store);

#[async_trait]
impl BatchSink<AttestationRow, Inserted> for AttestationSink {
    async fn store(&mut self, rows: &[AttestationRow]) -> Result<Vec<Inserted>, StoreError> {
        let work = self.0.begin().await?;
        let done = work.attestations().insert(rows).await?;
        work.commit().await?;
        Ok(done)
    }
}
