//! What the relay's tasks share: the database, the chain, and the bells they ring for each other.

use std::time::Duration;

use gateway_chain::{GatewayQuery, OutboxClient};
use gateway_http::ApiKeys;
use gateway_kit::CancellationToken;
use gateway_proof::Domain;
use gateway_store::Store;
use tokio::sync::{Notify, Semaphore, watch};

use crate::feed::Feed;
use crate::intake::Intake;

/// Questions to the chain that HTTP callers may cause at once; more are told to come back.
const LOOKUPS: usize = 8;

/// Shared by all tasks of a relay.
pub(crate) struct Relay {
    pub(crate) store: Store,
    pub(crate) query: GatewayQuery,
    pub(crate) chain_id: String,
    pub(crate) outbox: OutboxClient,
    pub(crate) api_keys: ApiKeys,
    pub(crate) max_fee: Option<u64>,
    /// The newest height whose effects are in the database.
    pub(crate) height: watch::Sender<u64>,
    /// Rung when there may be something to publish.
    pub(crate) bell: Notify,
    pub(crate) feed: Feed,
    pub(crate) intake: Intake,
    pub(crate) lookups: Semaphore,
    /// Longest time an HTTP call may wait for news.
    pub(crate) longest_wait: Duration,
    pub(crate) cancel: CancellationToken,
}

impl Relay {
    pub(crate) fn lookups() -> Semaphore {
        Semaphore::new(LOOKUPS)
    }

    /// The newest height whose effects are in the database.
    pub(crate) fn height(&self) -> u64 {
        *self.height.borrow()
    }

    /// What every preimage is bound to.
    pub(crate) fn domain(&self) -> Domain<'_> {
        Domain { chain_id: &self.chain_id, contract: self.query.contract() }
    }
}
