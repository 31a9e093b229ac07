//! Queues sponsored requests for the chain, many per transaction: a caller gets an answer only for what is on disk.
//!
//! The queue is bounded: what the chain does not accept in time is refused here, before it has cost anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use gateway_chain::Coin;
use gateway_chain::outbox::NewItem;
use gateway_http::Problem;
use gateway_store::{ReceivedRow, ReceivedState, SponsoredRow, StoreError, Work};
use sha2::{Digest, Sha256};

use crate::batches::{BatchSink, Callers, Full};
use crate::context::Relay;
use crate::sponsor::SponsorError;

/// Messages that may wait for the chain; above this number orders are refused.
const WAITING: u64 = 2000;
/// Seconds after which a refused caller may retry.
const RETRY_AFTER: u64 = 5;

/// A request to send and pay for.
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

/// The state of an order.
#[derive(Debug)]
pub(crate) enum Queued {
    /// It has just been queued for the chain.
    New(SponsoredRow),
    /// It was queued before; the fingerprint identifies the request.
    Before(SponsoredRow),
    /// The request under this key was received before, and is waiting or was refused.
    Received(ReceivedRow),
}

/// The callers' end of the queue.
pub(crate) struct Orders(pub(crate) Callers<NewOrder, Stored>);

/// The result of storing an order.
pub(crate) type Stored = Result<Queued, SponsorError>;

fn full() -> SponsorError {
    SponsorError::Refused(Problem::too_many("too many requests wait for the chain", RETRY_AFTER))
}

impl Orders {
    /// Queues an order; returns once it is durable.
    ///
    /// # Errors
    /// [`SponsorError::Refused`] when too many wait or the payer has reached its spending limit; [`SponsorError::Store`].
    pub(crate) async fn store(&self, order: NewOrder) -> Result<Queued, SponsorError> {
        let stopped =
            || SponsorError::Refused(Problem::unavailable("the order was not stored: send it again", 2));
        self.0.try_store(order).await.map_err(|Full| full())?.unwrap_or_else(|| Err(stopped()))
    }
}

/// Stores the orders.
pub(crate) struct OrderSink {
    relay: Arc<Relay>,
    depth: Depth,
}

impl OrderSink {
    pub(crate) fn new(relay: Arc<Relay>) -> Self {
        Self { relay, depth: Depth::default() }
    }
}

#[async_trait]
impl BatchSink<NewOrder, Stored> for OrderSink {
    async fn store(&mut self, orders: &[NewOrder]) -> Result<Vec<Stored>, StoreError> {
        let done = write(&self.relay, orders, &mut self.depth).await?;
        self.relay.outbox.nudge();
        Ok(done)
    }
}

/// Messages waiting for the chain: counted once per block, plus what was queued since.
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

/// Stores all of the orders or none.
async fn write(relay: &Relay, orders: &[NewOrder], depth: &mut Depth) -> Result<Vec<Stored>, StoreError> {
    depth.look(relay).await?;
    let work = relay.store.begin().await?;
    // Existing rows by payer and key: an order of this batch may duplicate another.
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

/// Queues an order's message; returns its row, which is not stored yet.
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
