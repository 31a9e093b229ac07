//! Queues sponsored requests for the chain, many in one transaction: a caller has an answer only for what is on disk.
//!
//! The queue has a bound: what the chain does not take in time is refused here, before it has cost anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use gateway_chain::Coin;
use gateway_chain::outbox::NewItem;
use gateway_daemon_runtime::CancellationToken;
use gateway_http::Problem;
use gateway_store::{ReceivedRow, ReceivedState, SponsoredRow, StoreError, Work};
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use crate::context::Relay;
use crate::sponsor::SponsorError;

/// Orders that may wait for the writer; further ones are refused.
const QUEUE: usize = 1024;
/// Most orders of one transaction.
const BATCH: usize = 256;
/// Messages that may wait for the chain; while there are more no order is taken.
const WAITING: u64 = 2000;
/// Seconds after which a refused caller may come again.
const RETRY_AFTER: u64 = 5;

/// A request to be sent and paid.
#[derive(Debug)]
pub(crate) struct NewOrder {
    pub(crate) payer: String,
    pub(crate) key: String,
    pub(crate) fingerprint: String,
    pub(crate) fee: Coin,
    pub(crate) msg: Vec<u8>,
    /// Whether it was received while the chain did not answer.
    pub(crate) received: bool,
}

/// Where an order stands.
#[derive(Debug)]
pub(crate) enum Queued {
    /// It is queued for the chain now.
    New(SponsoredRow),
    /// It was queued before; the fingerprint says for which request.
    Before(SponsoredRow),
    /// The key's request was received before and waits, or was refused.
    Received(ReceivedRow),
}

struct Entry {
    order: NewOrder,
    reply: oneshot::Sender<Result<Queued, SponsorError>>,
}

/// The callers' end.
#[derive(Clone)]
pub(crate) struct Orders(mpsc::Sender<Entry>);

/// The writer's end.
pub(crate) struct OrderWriter(mpsc::Receiver<Entry>);

pub(crate) fn channel() -> (Orders, OrderWriter) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    (Orders(sender), OrderWriter(receiver))
}

fn full() -> SponsorError {
    SponsorError::Refused(Problem::too_many("too many requests wait for the chain", RETRY_AFTER))
}

impl Orders {
    /// Queues an order; returns once it is durable.
    ///
    /// # Errors
    /// [`SponsorError::Refused`] where too many wait or the payer has spent what it may; [`SponsorError::Store`].
    pub(crate) async fn store(&self, order: NewOrder) -> Result<Queued, SponsorError> {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(Entry { order, reply }).map_err(|_| full())?;
        let stopped =
            || SponsorError::Refused(Problem::unavailable("the order was not stored: send it again", 2));
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl OrderWriter {
    /// Writes until cancelled; what was not written then has no answer.
    ///
    /// # Errors
    /// [`StoreError`] that does not pass.
    pub(crate) async fn run(
        mut self,
        relay: Arc<Relay>,
        cancel: CancellationToken,
    ) -> Result<(), StoreError> {
        let mut batch = Vec::with_capacity(BATCH);
        let mut depth = Depth::default();
        loop {
            let taken = tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok(()),
                taken = self.0.recv_many(&mut batch, BATCH) => taken,
            };
            if taken == 0 {
                return Ok(());
            }
            let (orders, replies): (Vec<_>, Vec<_>) =
                batch.drain(..).map(|Entry { order, reply }| (order, reply)).unzip();
            let done = match write(&relay, &orders, &mut depth).await {
                Ok(done) => done,
                Err(error) if error.is_retryable() => {
                    tracing::warn!(%error, orders = orders.len(), "sponsored requests not stored");
                    continue;
                }
                Err(error) => return Err(error),
            };
            relay.outbox.nudge();
            for (reply, done) in replies.into_iter().zip(done) {
                // A caller that has gone away asks again under its key.
                let _gone = reply.send(done);
            }
        }
    }
}

/// Messages that wait for the chain: counted once a block, and what was queued since is added.
#[derive(Debug, Default)]
struct Depth {
    counted_at: Option<u64>,
    waiting: u64,
}

impl Depth {
    async fn look(&mut self, relay: &Relay) -> Result<(), StoreError> {
        let height = relay.height();
        if self.counted_at != Some(height) {
            (self.counted_at, self.waiting) = (Some(height), relay.store.outbox().depth().await?);
        }
        Ok(())
    }
}

/// Stores all of them or none.
async fn write(
    relay: &Relay,
    orders: &[NewOrder],
    depth: &mut Depth,
) -> Result<Vec<Result<Queued, SponsorError>>, StoreError> {
    depth.look(relay).await?;
    let work = relay.store.begin().await?;
    // What is there already, by payer and key: an order of this batch may be another's twin.
    let mut known: BTreeMap<(&str, &str), SponsoredRow> = BTreeMap::new();
    let mut received: BTreeMap<(&str, &str), ReceivedRow> = BTreeMap::new();
    let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for order in orders {
        keys.entry(&order.payer).or_default().push(&order.key);
    }
    for (payer, keys) in keys {
        for row in work.sponsored().of_keys(payer, &keys).await? {
            if let Some(key) = keys.iter().find(|key| **key == row.key) {
                known.insert((payer, key), row);
            }
        }
        for row in work.received().of_keys(payer, &keys).await? {
            if let Some(key) = keys.iter().find(|key| **key == row.key) {
                received.insert((payer, key), row);
            }
        }
    }
    let mut spent: BTreeMap<&str, u128> = BTreeMap::new();
    let (mut done, mut rows) = (Vec::with_capacity(orders.len()), Vec::new());
    for order in orders {
        let at = (order.payer.as_str(), order.key.as_str());
        if let Some(row) = known.get(&at) {
            if let Some(received) = received.get(&at).filter(|_| order.received) {
                work.received().settle(received.id, ReceivedState::Queued, None).await?;
            }
            done.push(Ok(Queued::Before(row.clone())));
            continue;
        }
        if let Some(row) = received.get(&at).filter(|_| !order.received) {
            done.push(Ok(Queued::Received(row.clone())));
            continue;
        }
        if depth.waiting.saturating_add(rows.len() as u64) >= WAITING {
            done.push(Err(full()));
            continue;
        }
        let sum = match spent.get(at.0) {
            Some(sum) => *sum,
            None => work.spending().today(at.0).await?,
        };
        let (sum, most) = (sum.saturating_add(order.fee.amount), relay.daily_spend.get(at.0).copied());
        if let Some(most) = most.filter(|most| sum > *most) {
            done.push(Err(spent_all(most, &order.fee.denom)));
            continue;
        }
        spent.insert(at.0, sum);
        let row = queue(&work, order).await?;
        if let Some(received) = received.get(&at) {
            work.received().settle(received.id, ReceivedState::Queued, None).await?;
        }
        known.insert(at, row.clone());
        rows.push(row.clone());
        done.push(Ok(Queued::New(row)));
    }
    work.sponsored().insert(&rows).await?;
    for (payer, sum) in spent {
        work.spending().set(payer, sum).await?;
    }
    work.commit().await?;
    depth.waiting = depth.waiting.saturating_add(rows.len() as u64);
    Ok(done)
}

/// Queues an order's message; returns the row that says so, which is not stored yet.
async fn queue(work: &Work, order: &NewOrder) -> Result<SponsoredRow, StoreError> {
    let NewOrder { payer, key, fingerprint, fee, msg, .. } = order;
    let item_key = format!("sponsor/{}", hex::encode(Sha256::digest(format!("{payer}/{key}").as_bytes())));
    let new = NewItem { key: item_key, msg: msg.clone(), funds: vec![fee.clone()], reserved_gas: 0 };
    let item = work.outbox().enqueue(&new).await?.id;
    Ok(SponsoredRow {
        payer: payer.clone(),
        key: key.clone(),
        fingerprint: fingerprint.clone(),
        item,
        request: None,
    })
}

fn spent_all(most: u128, denom: &str) -> SponsorError {
    let detail =
        format!("this API key may spend {most}{denom} a day (UTC), and this request would exceed it");
    SponsorError::Refused(Problem::too_many(detail, 3600))
}
