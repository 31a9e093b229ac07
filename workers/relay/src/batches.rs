//! One writer stores the items of many callers together; each caller gets an answer only for what is on disk.

use async_trait::async_trait;
use gateway_daemon_runtime::CancellationToken;
use gateway_store::StoreError;
use tokio::sync::{mpsc, oneshot};

/// Items that may wait for the writer.
const QUEUE: usize = 1024;
/// Most items of one transaction.
const BATCH: usize = 256;

struct Entry<T, R> {
    item: T,
    reply: oneshot::Sender<R>,
}

/// The callers' end of the queue.
pub(crate) struct Callers<T, R>(mpsc::Sender<Entry<T, R>>);

/// The writer's end of the queue.
pub(crate) struct Writer<T, R>(mpsc::Receiver<Entry<T, R>>);

/// The queue is full.
#[derive(Debug)]
pub(crate) struct Full;

/// Destination of the items.
#[async_trait]
pub(crate) trait BatchSink<T, R>: Send {
    /// Stores all of the items or none; returns the result of each, in their order.
    async fn store(&mut self, items: &[T]) -> Result<Vec<R>, StoreError>;
}

pub(crate) fn channel<T, R>() -> (Callers<T, R>, Writer<T, R>) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Callers(sender), Writer(receiver))
}

impl<T, R> Callers<T, R> {
    /// Queues an item as soon as there is room, and returns once it is durable; `None` if it was not stored and may be sent
    /// again.
    pub(crate) async fn store(&self, item: T) -> Option<R> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Entry { item, reply }).await.ok()?;
        answer.await.ok()
    }

    /// As [`store`](Self::store), without waiting for room.
    ///
    /// # Errors
    /// [`Full`].
    pub(crate) async fn try_store(&self, item: T) -> Result<Option<R>, Full> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(Entry { item, reply }).map_err(|_| Full)?;
        Ok(answer.await.ok())
    }
}

impl<T: Send + Sync, R: Send> Writer<T, R> {
    /// Writes until cancelled; items not written by then get no answer. `what` names the items in logs.
    ///
    /// # Errors
    /// [`StoreError`] that is not transient.
    pub(crate) async fn run(
        mut self,
        what: &'static str,
        mut sink: impl BatchSink<T, R>,
        cancel: CancellationToken,
    ) -> Result<(), StoreError> {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let taken = tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                taken = self.0.recv_many(&mut batch, BATCH) => taken,
            };
            if taken == 0 {
                return Ok(());
            }
            let (items, replies): (Vec<_>, Vec<_>) =
                batch.drain(..).map(|Entry { item, reply }| (item, reply)).unzip();
            match sink.store(&items).await {
                Ok(done) => {
                    for (reply, done) in replies.into_iter().zip(done) {
                        // A caller that has gone away needs no answer.
                        let _gone = reply.send(done);
                    }
                }
                // Callers that get no answer send again.
                Err(error) if error.is_retryable() => {
                    tracing::warn!(%error, items = items.len(), "{what} not stored");
                }
                Err(error) => return Err(error),
            }
        }
    }
}
