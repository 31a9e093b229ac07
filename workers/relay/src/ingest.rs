//! Follows the chain: one database transaction a block, the height cursor in it.
//!
//! Events say what to look at; what is stored is what the contract answers. So an event seen twice, late or never does no
//! harm, and a comparison with the contract at times finds what events did not tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use gateway_api::events::GatewayEvent;
use gateway_api::{NodeId, RequestId};
use gateway_chain::{BlockEvents, ChainError, Follower};
use gateway_daemon_runtime::health::Readiness;
use gateway_daemon_runtime::{Backoff, CancellationToken, retry};
use tokio::sync::watch;

use crate::context::Relay;
use crate::error::RelayError;
use crate::feed::FeedEvent;
use crate::mirror::{self, Changes};
use crate::sponsor;

/// The name of this follower's cursor.
pub(crate) const CURSOR: &str = "relay";

const RETRY: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));

/// What a block says is to be looked at.
#[derive(Debug, Default)]
struct Touched {
    opened: BTreeSet<RequestId>,
    ended: BTreeSet<RequestId>,
    fulfilled: BTreeSet<RequestId>,
    nodes: BTreeSet<NodeId>,
    round: bool,
    refused: BTreeMap<RequestId, String>,
}

/// What a follower needs besides the relay.
pub(crate) struct Ingest {
    pub(crate) follower: Follower,
    /// Changes at each connection of the websocket.
    pub(crate) connections: watch::Receiver<u64>,
    /// Blocks between two comparisons with the contract.
    pub(crate) reconcile_blocks: u64,
    pub(crate) readiness: Readiness,
}

/// Works off blocks until cancelled.
pub(crate) async fn follow(
    relay: Arc<Relay>,
    ingest: Ingest,
    cancel: CancellationToken,
) -> Result<(), RelayError> {
    match blocks(&relay, ingest, &cancel).await {
        Err(RelayError::Chain(ChainError::Cancelled)) => Ok(()),
        end => end,
    }
}

async fn blocks(relay: &Relay, ingest: Ingest, cancel: &CancellationToken) -> Result<(), RelayError> {
    let Ingest { mut follower, mut connections, reconcile_blocks, readiness } = ingest;
    loop {
        let block = match follower.next(cancel).await {
            Ok(block) => block,
            Err(ChainError::Pruned { height, earliest }) => {
                tracing::warn!(height, earliest, "blocks are pruned: taking the contract's state instead");
                let height = retry_until_answered(cancel, || start(relay)).await?;
                follower.resume_at(height.saturating_add(1));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        retry_until_answered(cancel, || apply(relay, &block)).await?;
        if follower.lag() == 0 {
            readiness.ready();
        } else if follower.lag() > 20 {
            readiness.not_ready(format!("{} blocks behind", follower.lag()));
        }
        let reconnected = connections.has_changed().unwrap_or(false);
        if reconnected || block.height % reconcile_blocks == 0 {
            connections.mark_unchanged();
            retry_until_answered(cancel, || reconcile(relay)).await?;
        }
    }
}

/// Begins where the cursor stands, or with the contract's present state; returns the height worked off.
pub(crate) async fn begin(relay: &Relay, cursor: Option<u64>) -> Result<u64, RelayError> {
    match cursor {
        Some(height) => {
            reconcile(relay).await?;
            Ok(height)
        }
        None => start(relay).await,
    }
}

/// Takes the contract's present state, with the cursor on it; returns its height.
pub(crate) async fn start(relay: &Relay) -> Result<u64, RelayError> {
    let height = relay.query.chain().status().await?.height;
    let changes = snapshot(relay).await?;
    let work = relay.store.begin().await?;
    changes.store(&work).await?;
    work.cursors().advance(CURSOR, height).await?;
    work.commit().await?;
    told(relay, height);
    Ok(height)
}

/// Compares the mirror with the contract and stores what differs.
async fn reconcile(relay: &Relay) -> Result<(), RelayError> {
    let changes = snapshot(relay).await?;
    let missed = sponsor::missed(relay).await?;
    let work = relay.store.begin().await?;
    changes.store(&work).await?;
    sponsor::resolve(relay.query.contract(), relay.outbox.address(), &work, &missed).await?;
    work.commit().await?;
    relay.publish_wake.notify_one();
    Ok(())
}

/// Repeats a step for as long as its error may pass.
pub(crate) async fn retry_until_answered<T, Fut>(
    cancel: &CancellationToken,
    step: impl FnMut() -> Fut,
) -> Result<T, RelayError>
where
    Fut: Future<Output = Result<T, RelayError>>,
{
    match retry(RETRY, cancel, RelayError::is_retryable, step).await {
        // The error that was being retried when the stop came is no failure of the relay.
        Err(error) if cancel.is_cancelled() && error.is_retryable() => Err(ChainError::Cancelled.into()),
        end => end,
    }
}

/// All open requests, those that ended unnoticed, and all nodes.
async fn snapshot(relay: &Relay) -> Result<Changes, RelayError> {
    let nodes = mirror::nodes(&relay.query).await?;
    let mut requests = mirror::open_requests(&relay.query, RequestId(0)).await?;
    let open: BTreeSet<RequestId> = requests.iter().map(|request| request.request).collect();
    let (mut gone, mut after) = (Vec::new(), RequestId(0));
    loop {
        let ids = relay.store.requests().open_ids(after, 1000).await?;
        let Some(last) = ids.last() else { break };
        after = *last;
        gone.extend(ids.into_iter().filter(|id| !open.contains(id)));
    }
    let results = mirror::results(&relay.query, gone.clone()).await?;
    requests.extend(mirror::requests(&relay.query, gone).await?);
    Ok(Changes { requests, results, nodes })
}

/// Works off one block.
async fn apply(relay: &Relay, block: &BlockEvents) -> Result<(), RelayError> {
    let (touched, feed) = read(relay.query.contract(), block);
    let changes = fetch(relay, &touched).await?;
    let work = relay.store.begin().await?;
    changes.store(&work).await?;
    for (request, reason) in &touched.refused {
        work.requests().explain(*request, &format!("the contract refused the publication: {reason}")).await?;
    }
    sponsor::resolve(relay.query.contract(), relay.outbox.address(), &work, &block.txs).await?;
    work.cursors().advance(CURSOR, block.height).await?;
    work.commit().await?;
    told(relay, block.height);
    for event in feed {
        relay.feed.tell(event);
    }
    Ok(())
}

fn told(relay: &Relay, height: u64) {
    metrics::gauge!("gateway_relay_cursor_height").set(height as f64);
    relay.height.send_replace(height);
    relay.publish_wake.notify_one();
}

/// Reads a block's events.
fn read(contract: &str, block: &BlockEvents) -> (Touched, Vec<FeedEvent>) {
    let (mut touched, mut feed) = (Touched::default(), Vec::new());
    for (_, raw) in block.events() {
        let event = match GatewayEvent::decode(contract, &raw.ty, &raw.pairs()) {
            Ok(Some(event)) => event,
            Ok(None) => continue,
            Err(error) => {
                // The contract is newer than this relay: reconciliation still finds what it did.
                tracing::warn!(event = raw.ty, %error, height = block.height, "an event does not read");
                metrics::counter!("gateway_relay_unreadable_events_total").increment(1);
                continue;
            }
        };
        note(&mut touched, event, block.height);
        feed.push(FeedEvent {
            event: raw.ty.strip_prefix("wasm-").unwrap_or(&raw.ty).to_owned(),
            height: block.height,
            attributes: raw.attributes.iter().filter(|(key, _)| !key.starts_with('_')).cloned().collect(),
        });
    }
    (touched, feed)
}

fn note(touched: &mut Touched, event: GatewayEvent, height: u64) {
    match event {
        GatewayEvent::RequestOpened(event) => {
            tracing::info!(request = %event.request, project = %event.project, height, "request opened");
            touched.opened.insert(event.request);
        }
        GatewayEvent::RoundOpened(event) => {
            tracing::debug!(round = %event.round, height, "round opened");
            touched.round = true;
        }
        GatewayEvent::RequestFulfilled(event) => {
            let (class, seats, quorum_seats) = (event.class, event.seats, event.quorum_seats);
            tracing::info!(request = %event.request, %class, seats, quorum_seats, height, "request fulfilled");
            metrics::counter!("gateway_relay_fulfilled_total", "class" => class.as_str()).increment(1);
            touched.ended.insert(event.request);
            touched.fulfilled.insert(event.request);
        }
        GatewayEvent::RequestExpired(event) => {
            tracing::info!(request = %event.request, height, "request expired");
            metrics::counter!("gateway_relay_expired_total").increment(1);
            touched.ended.insert(event.request);
        }
        GatewayEvent::CallbackDelivered(event) => {
            touched.fulfilled.insert(event.request);
        }
        GatewayEvent::CallbackFailed(event) => {
            tracing::warn!(request = %event.request, error = event.error, height, "callback failed");
            touched.fulfilled.insert(event.request);
        }
        GatewayEvent::PublicationRefused(event) => {
            tracing::warn!(request = %event.request, reason = event.reason, height, "publication refused");
            metrics::counter!("gateway_relay_refusals_total", "reason" => event.reason.clone()).increment(1);
            touched.refused.insert(event.request, event.reason);
        }
        GatewayEvent::NodeRegistered(event) => {
            touched.nodes.insert(event.node);
        }
        // Of no concern to a relay; new kinds are found by reconciliation.
        _ => {}
    }
}

/// Asks the contract for everything a block touched.
async fn fetch(relay: &Relay, touched: &Touched) -> Result<Changes, RelayError> {
    let mut changes = Changes::default();
    if touched.round || !touched.opened.is_empty() {
        let waiting = relay.store.requests().lowest_waiting().await?;
        let lowest = waiting.into_iter().chain(touched.opened.first().copied()).min();
        if let Some(lowest) = lowest {
            let after = RequestId(lowest.get().saturating_sub(1));
            changes.requests = mirror::open_requests(&relay.query, after).await?;
        }
    }
    let listed: BTreeSet<RequestId> = changes.requests.iter().map(|request| request.request).collect();
    let others = touched.opened.union(&touched.ended).filter(|id| !listed.contains(id)).copied().collect();
    changes.requests.extend(mirror::requests(&relay.query, others).await?);
    changes.results = mirror::results(&relay.query, touched.fulfilled.iter().copied().collect()).await?;
    for id in &touched.nodes {
        changes.nodes.extend(mirror::node(&relay.query, *id).await?);
    }
    Ok(changes)
}
