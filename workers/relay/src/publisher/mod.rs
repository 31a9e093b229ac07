//! Publishes a quorum's outcome as soon as there is one.
//!
//! The database is the queue: the transaction that queues a publication's message also records that it is under way, so a relay
//! killed in between finishes after its restart. What the contract refuses is retried when something has changed; requests that
//! have ended drop out.

mod batch;
mod ready;
mod settle;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_api::{Attempt, DrawInfo, RequestId, RequestStatus};
use gateway_daemon_runtime::{Backoff, CancellationToken, Retryable};
use gateway_protocol::AttemptSchedule;
use gateway_store::RequestRow;
use tokio::sync::watch;

use self::batch::Batch;
use self::ready::{may_agree, ready};
use self::settle::settle;
use crate::config::PublishConfig;
use crate::context::Relay;
use crate::error::RelayError;

const RETRY: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

/// Requests read at once, and ids.
const PAGE: usize = 200;
const MANY: u64 = 1000;
/// Interval of counting for the metrics: counting reads whole indexes.
const GAUGES: Duration = Duration::from_secs(10);

/// The publisher's knowledge of a request it has examined: with the same attempt and tries, and without new attestations,
/// examining it again would give the same result.
struct Examined {
    attempts: AttemptSchedule,
    attempt: Attempt,
    tries: u32,
}

impl Examined {
    fn at(draw: &DrawInfo, height: u64, tries: u32) -> Self {
        Self { attempts: AttemptSchedule::from(draw), attempt: latest_attempt(draw, height), tries }
    }

    /// Returns whether attempt and tries are still the same.
    fn holds(&self, height: u64, tries: u32) -> bool {
        tries == self.tries && self.attempts.latest(height).unwrap_or_default() == self.attempt
    }
}

struct Publisher {
    relay: Arc<Relay>,
    config: PublishConfig,
    examined: HashMap<RequestId, Examined>,
    /// The height of the last scan of all requests.
    scanned: Option<u64>,
    counted: Option<Instant>,
}

/// Publishes until cancelled.
pub(crate) async fn publish(
    relay: Arc<Relay>,
    config: PublishConfig,
    cancel: CancellationToken,
) -> Result<(), RelayError> {
    let mut height: watch::Receiver<u64> = relay.height.subscribe();
    let (examined, scanned, counted) = (HashMap::new(), None, None);
    let mut publisher = Publisher { relay: relay.clone(), config, examined, scanned, counted };
    let mut delays = RETRY.delays();
    loop {
        match publisher.step().await {
            Ok(()) => delays.reset(),
            Err(error) if error.is_retryable() => {
                tracing::warn!(%error, "cannot publish now, retrying");
                // Hints that were already taken are recovered by a full scan.
                publisher.scanned = None;
                publisher.examined.clear();
                tokio::select! {
                    () = cancel.cancelled() => return Ok(()),
                    () = tokio::time::sleep(delays.next().unwrap_or(RETRY.max)) => continue,
                }
            }
            Err(error) => return Err(error),
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(()),
            () = relay.publish_wake.notified() => {}
            changed = height.changed() => if changed.is_err() { return Ok(()) },
        }
    }
}

/// Returns the latest attempt of a request's draw that has begun at `height`.
fn latest_attempt(draw: &DrawInfo, height: u64) -> Attempt {
    AttemptSchedule::from(draw).latest(height).unwrap_or_default()
}

impl Publisher {
    /// Examines every request once per block, and those with new attestations in between.
    async fn step(&mut self) -> Result<(), RelayError> {
        let height = self.relay.height();
        let fresh = self.relay.attested.take();
        let mut batch = Batch::default();
        if self.scanned == Some(height) {
            // The cache rules out most of them.
            let ids: Vec<_> = fresh.into_iter().filter(|id| may_agree(&self.relay, *id, height)).collect();
            for ids in ids.chunks(PAGE) {
                self.look_at(ids, height, &mut batch).await?;
            }
        } else {
            settle(&self.relay).await?;
            self.scan(height, &fresh, &mut batch).await?;
            self.scanned = Some(height);
        }
        batch.send(&self.relay, height).await?;
        if self.counted.is_none_or(|at| at.elapsed() >= GAUGES) {
            gauges(&self.relay).await?;
            self.counted = Some(Instant::now());
        }
        Ok(())
    }

    async fn scan(
        &mut self,
        height: u64,
        fresh: &HashSet<RequestId>,
        batch: &mut Batch,
    ) -> Result<(), RelayError> {
        let (mut after, mut open, mut due) = (RequestId(0), HashSet::new(), Vec::new());
        loop {
            let ids = self.relay.store.requests().publishable(height, after, MANY).await?;
            let Some((last, _)) = ids.last() else { break };
            after = *last;
            for (id, tries) in ids {
                open.insert(id);
                let known = self.examined.get(&id).is_some_and(|known| known.holds(height, tries));
                if known && !fresh.contains(&id) {
                    continue;
                }
                // A request that has failed once is examined from the database.
                if tries == 0
                    && !may_agree(&self.relay, id, height)
                    && let Some(draw) = self.relay.cache.drawn(id).and_then(|seen| seen.draw.clone())
                {
                    self.examined.insert(id, Examined::at(&draw, height, tries));
                    continue;
                }
                due.push(id);
            }
        }
        self.examined.retain(|id, _| open.contains(id));
        for ids in due.chunks(PAGE) {
            self.look_at(ids, height, batch).await?;
        }
        Ok(())
    }

    /// Examines those of these requests that may be published.
    async fn look_at(&mut self, ids: &[RequestId], height: u64, batch: &mut Batch) -> Result<(), RelayError> {
        let rows = self.relay.store.requests().among(ids).await?;
        for row in rows.into_iter().filter(|row| may_publish(row, height)) {
            self.look(row, height, batch).await?;
        }
        Ok(())
    }

    /// Examines a request and adds its publication to the batch if it is ready.
    async fn look(&mut self, row: RequestRow, height: u64, batch: &mut Batch) -> Result<(), RelayError> {
        let Some(draw) = &row.seen.draw else { return Ok(()) };
        self.examined.insert(row.seen.request, Examined::at(draw, height, row.tries));
        if let Some(ready) = ready(&self.relay, &row, height).await? {
            if row.tries > 0 {
                // Alone: a publication that failed once, perhaps for its message's size or gas, must not take others down with
                // it again.
                Batch::of(ready).send(&self.relay, height).await?;
                return Ok(());
            }
            if !batch.fits(&ready, &self.config) {
                std::mem::take(batch).send(&self.relay, height).await?;
            }
            batch.add(ready);
        } else if row.tries > 0 {
            // The contract may have refused what it would accept in the next block.
            self.examined.remove(&row.seen.request);
        }
        Ok(())
    }
}

fn may_publish(row: &RequestRow, height: u64) -> bool {
    row.seen.status == RequestStatus::Drawn
        && row.publication.is_none()
        && (row.not_before..=row.seen.deadline).contains(&height)
}

async fn gauges(relay: &Relay) -> Result<(), RelayError> {
    let counts = relay.store.requests().count().await?;
    for (status, count) in counts {
        let name = match status {
            gateway_api::RequestStatus::Waiting => "waiting",
            gateway_api::RequestStatus::Drawn => "drawn",
            gateway_api::RequestStatus::Fulfilled => "fulfilled",
            gateway_api::RequestStatus::Expired => "expired",
        };
        metrics::gauge!("gateway_relay_requests", "status" => name).set(count as f64);
    }
    metrics::gauge!("gateway_outbox_depth").set(relay.store.outbox().depth().await? as f64);
    Ok(())
}
