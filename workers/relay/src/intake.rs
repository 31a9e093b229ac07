//! Stores verified attestations, many in one transaction: a receipt is given only for what is on disk.

use gateway_daemon_runtime::CancellationToken;
use gateway_store::{AttestationRow, Inserted, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

/// Attestations that may wait for the writer; callers beyond it wait at the door.
const QUEUE: usize = 1024;
/// Most attestations of one transaction.
const BATCH: usize = 256;

struct Entry {
    row: AttestationRow,
    reply: oneshot::Sender<Inserted>,
}

/// The callers' end. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Intake(mpsc::Sender<Entry>);

/// The writer's end.
pub(crate) struct Writer(mpsc::Receiver<Entry>);

pub(crate) fn channel() -> (Intake, Writer) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Intake(sender), Writer(receiver))
}

impl Intake {
    /// Stores an attestation and returns once it is durable; `None` where it was not stored and may be sent again.
    pub(crate) async fn store(&self, row: AttestationRow) -> Option<Inserted> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Entry { row, reply }).await.ok()?;
        answer.await.ok()
    }
}

impl Writer {
    /// Writes until cancelled; what was not written then gets no receipt.
    pub(crate) async fn run(mut self, store: Store, cancel: CancellationToken) -> Result<(), StoreError> {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let received = tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                received = self.0.recv_many(&mut batch, BATCH) => received,
            };
            if received == 0 {
                return Ok(());
            }
            match write(&store, &batch).await {
                Ok(done) => {
                    for (Entry { reply, .. }, inserted) in batch.drain(..).zip(done) {
                        // A caller that has gone away needs no receipt.
                        let _gone = reply.send(inserted);
                    }
                }
                Err(error) if error.is_retryable() => {
                    // Without a receipt the nodes send again.
                    tracing::warn!(%error, attestations = batch.len(), "attestations not stored");
                    batch.clear();
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Stores all of them or none.
async fn write(store: &Store, batch: &[Entry]) -> Result<Vec<Inserted>, StoreError> {
    let rows: Vec<_> = batch.iter().map(|entry| entry.row.clone()).collect();
    let work = store.begin().await?;
    let done = work.attestations().insert(&rows).await?;
    work.commit().await?;
    Ok(done)
}
