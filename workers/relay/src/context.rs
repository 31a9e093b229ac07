//! State shared by the relay's tasks: the database, the chain, and how they wake each other.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gateway_api::RequestId;
use gateway_chain::{Broadcaster, GatewayQuery, OutboxClient};
use gateway_daemon_runtime::CancellationToken;
use gateway_http::{ApiKeys, Problem, idle};
use gateway_protocol::Domain;
use gateway_store::Store;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};
use tokio::time::Instant;

use crate::beacon_state::Beacon;
use crate::feed::Feed;
use crate::fees::Fees;
use crate::gathering::RoundTickets;
use crate::intake::Intake;
use crate::mirror_cache::MirrorCache;
use crate::orders::Orders;

/// Concurrent chain queries on behalf of HTTP callers; further callers get 503.
const LOOKUPS: usize = 8;
/// How long a caller waits for its turn to query.
const LOOKUP_WAIT: Duration = Duration::from_secs(3);

/// State shared by all tasks of a relay.
pub(crate) struct Relay {
    pub(crate) store: Store,
    pub(crate) query: GatewayQuery,
    pub(crate) broadcaster: Arc<dyn Broadcaster>,
    pub(crate) chain_id: String,
    pub(crate) outbox: OutboxClient,
    pub(crate) api_keys: ApiKeys,
    /// Highest fee of one sponsored request.
    pub(crate) max_fee: u64,
    /// Daily spending limit of each API key, by the key's name.
    pub(crate) daily_spend: BTreeMap<String, u128>,
    /// Whether signed transactions of others are forwarded.
    pub(crate) broadcasts: bool,
    /// The newest height whose effects are in the database.
    pub(crate) height: watch::Sender<u64>,
    /// Notified when there may be something to publish.
    pub(crate) publish_wake: Notify,
    /// Notified when the mirror has recorded a gap in its past.
    pub(crate) gap_noted: Notify,
    /// Blocks below the newest for which rows are kept; 0 keeps everything.
    pub(crate) retention: u64,
    /// Requests with attestations that the publisher has not examined yet.
    pub(crate) attested: Attested,
    /// The most requested parts of the mirror, in memory.
    pub(crate) cache: MirrorCache,
    pub(crate) fees: Fees,
    pub(crate) feed: Feed,
    pub(crate) intake: Intake,
    pub(crate) orders: Orders,
    pub(crate) beacon: Beacon,
    pub(crate) round_tickets: RoundTickets,
    pub(crate) lookups: Semaphore,
    /// Longest time an HTTP call may wait for news.
    pub(crate) longest_wait: Duration,
    pub(crate) cancel: CancellationToken,
}

impl Relay {
    pub(crate) fn lookups() -> Semaphore {
        Semaphore::new(LOOKUPS)
    }

    /// Acquires a permit to query the chain on behalf of an HTTP caller.
    pub(crate) async fn lookup(&self) -> Result<SemaphorePermit<'_>, Problem> {
        match idle(tokio::time::timeout(LOOKUP_WAIT, self.lookups.acquire())).await? {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(Problem::unavailable("too many look-ups", 1)),
        }
    }

    /// Waits for the effects of another block, until `deadline` or the stop, holding no work permit.
    pub(crate) async fn news(
        &self,
        height: &mut watch::Receiver<u64>,
        deadline: Instant,
    ) -> Result<(), Problem> {
        idle(async {
            tokio::select! {
                () = self.cancel.cancelled() => {}
                () = tokio::time::sleep_until(deadline) => {}
                _ = height.changed() => {}
            }
        })
        .await
    }

    /// Returns the newest height whose effects are in the database.
    pub(crate) fn height(&self) -> u64 {
        *self.height.borrow()
    }

    /// Returns the lowest height whose rows are kept; 0 if all are.
    pub(crate) fn oldest_kept(&self) -> u64 {
        if self.retention == 0 { 0 } else { self.height().saturating_sub(self.retention) }
    }

    /// Returns the domain that every preimage is bound to.
    pub(crate) fn domain(&self) -> Domain<'_> {
        Domain { chain_id: &self.chain_id, contract: self.query.contract() }
    }
}

/// Requests that got attestations. Only a hint: entries lost with the process are found by a full scan.
#[derive(Debug, Default)]
pub(crate) struct Attested(Mutex<HashSet<RequestId>>);

impl Attested {
    pub(crate) fn add(&self, request: RequestId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(request);
    }

    pub(crate) fn take(&self) -> HashSet<RequestId> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AsRef<ApiKeys> for Relay {
    fn as_ref(&self) -> &ApiKeys {
        &self.api_keys
    }
}
