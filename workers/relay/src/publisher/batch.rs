//! Publications sent in one message, queued in the transaction that marks their requests.

use gateway_api::ExecuteMsg;
use gateway_chain::outbox::NewItem;
use sha2::{Digest, Sha256};

use super::ready::Ready;
use crate::config::PublishConfig;
use crate::context::Relay;
use crate::error::RelayError;
use crate::feed::FeedEvent;

/// Publications sent in one message.
#[derive(Default)]
pub(super) struct Batch {
    ready: Vec<Ready>,
    bytes: usize,
    attestations: usize,
}

impl Batch {
    pub(super) fn fits(&self, ready: &Ready, config: &PublishConfig) -> bool {
        self.ready.len() < config.max_results
            && self.bytes + ready.bytes <= config.max_bytes
            && self.attestations + ready.publication.attestations.len() <= config.max_attestations
    }

    /// Creates a batch of one.
    pub(super) fn of(ready: Ready) -> Self {
        let mut batch = Self::default();
        batch.add(ready);
        batch
    }

    pub(super) fn add(&mut self, ready: Ready) {
        self.bytes += ready.bytes;
        self.attestations += ready.publication.attestations.len();
        self.ready.push(ready);
    }

    pub(super) async fn send(self, relay: &Relay, height: u64) -> Result<(), RelayError> {
        if self.ready.is_empty() { Ok(()) } else { queue(relay, self.ready, height).await }
    }
}

/// Queues a message and marks its requests, in one transaction.
async fn queue(relay: &Relay, batch: Vec<Ready>, height: u64) -> Result<(), RelayError> {
    let mut key = Sha256::new();
    let mut marks = Vec::with_capacity(batch.len());
    let mut publications = Vec::with_capacity(batch.len());
    let mut reserved_gas = 0u64;
    for Ready { publication, fingerprint, callback_gas, .. } in batch {
        reserved_gas = reserved_gas.saturating_add(callback_gas);
        key.update(publication.request.get().to_be_bytes());
        key.update(fingerprint.as_bytes());
        marks.push((publication.request, fingerprint));
        publications.push(publication);
    }
    // The height makes the key of a second submission of the same publications differ from the first.
    key.update(height.to_be_bytes());
    let count = publications.len();
    let msg = serde_json::to_vec(&ExecuteMsg::Publish { publications })
        .map_err(|source| RelayError::Json { what: "a publication", source })?;
    let key = format!("publish/{}", hex::encode(key.finalize()));
    let new = NewItem { key, msg, funds: Vec::new(), reserved_gas };
    let work = relay.store.begin().await?;
    let item = work.outbox().enqueue(&new).await?.id;
    work.requests().publishing(item, &marks).await?;
    work.commit().await?;
    relay.outbox.nudge();
    for (request, _) in marks {
        tracing::info!(%request, item, "publication queued");
        relay.feed.publish(FeedEvent {
            id: None,
            event: "publication-queued".to_owned(),
            height,
            time_ms: None,
            attributes: [("request".to_owned(), request.to_string())].into(),
        });
    }
    metrics::counter!("gateway_relay_publications_total").increment(count as u64);
    Ok(())
}
