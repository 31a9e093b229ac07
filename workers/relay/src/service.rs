//! Puts a relay together and runs it until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use gateway_chain::{BlockNotifier, ChainReader, Follower, GatewayQuery, Outbox, Signer};
use gateway_daemon_runtime::health::Health;
use gateway_daemon_runtime::{Backoff, CancellationToken, TaskGroup};
use gateway_http::{ApiKeys, Server};
use gateway_store::Store;
use tokio::sync::{Notify, watch};

use crate::beacon::Beacon;
use crate::config::RelayConfig;
use crate::context::{Attested, Relay};
use crate::error::RelayError;
use crate::feed::Feed;
use crate::ingest::{self, Ingest};
use crate::{http, intake, publisher};

/// Time the tasks get to end after they were told to.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a relay that starts waits for its chain.
const FIRST_CONTACT: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5)).limit(20);

/// Runs a relay until `cancel`.
///
/// # Errors
/// The configuration is wrong, the chain is another one, or a task of the relay failed.
pub async fn run(config: RelayConfig, cancel: CancellationToken) -> Result<(), RelayError> {
    config.validate()?;
    let server = gateway_http::bind(config.listen, config.http.clone()).await?;
    let Some(chain) = gateway_chain::connect(&config.chain, FIRST_CONTACT, &cancel).await? else {
        return Ok(());
    };
    let mut group = TaskGroup::new(&cancel);
    let block_notifier = BlockNotifier::websocket(&mut group, &config.chain)?;
    start(config, chain, block_notifier, server, group).await
}

/// The relay on a given chain, block_signal and listener.
pub(crate) async fn start(
    config: RelayConfig,
    chain: Arc<dyn ChainReader>,
    block_notifier: BlockNotifier,
    server: Server,
    mut group: TaskGroup,
) -> Result<(), RelayError> {
    let cancel = group.token();
    let api_keys = ApiKeys::load(&config.api_keys)?;
    let signer = Signer::load(&config.key, &config.chain.prefix)?;
    let store = Store::open(config.database.expose()).await?;
    let stored = Arc::new(store.clone());
    let outbox =
        Outbox::spawn(&mut group, chain.clone(), signer, stored, &config.chain, config.outbox.clone())?;
    tracing::info!(address = %server.address(), account = outbox.address(), "relay");

    let cursor = store.cursors().get(ingest::CURSOR).await?;
    let (intake, writer) = intake::channel();
    let relay = Arc::new(Relay {
        query: GatewayQuery::new(chain.clone(), config.chain.contract.as_str()),
        chain_id: config.chain.chain_id.clone(),
        outbox,
        api_keys,
        max_fee: config.max_fee,
        height: watch::Sender::new(cursor.unwrap_or_default()),
        publish_wake: Notify::new(),
        attested: Attested::default(),
        feed: Feed::new(),
        intake,
        beacon: Beacon::default(),
        lookups: Relay::lookups(),
        longest_wait: config.http.longest_wait(),
        cancel: cancel.clone(),
        store,
    });

    let health = Health::new();
    let readiness = health.register("chain");
    let connections = block_notifier.connections();
    let (poll, reconcile_blocks) = (config.chain.poll_interval, config.reconcile_blocks);
    let follow = relay.clone();
    group.spawn("follower", move |cancel| async move {
        // Without a cursor the relay begins with the contract's present state, not with the chain's history. With one it
        // goes on from there, and still compares: the database may come from a backup.
        let first = ingest::retry_until_answered(&cancel, || ingest::begin(&follow, cursor)).await;
        let height = match first {
            Err(_) if cancel.is_cancelled() => return Ok(()),
            first => first?,
        };
        let follower = Follower::new(chain, block_notifier, height.saturating_add(1)).poll_every(poll);
        ingest::follow(follow, Ingest { follower, connections, reconcile_blocks, readiness }, cancel).await
    });
    let (publish, store) = (relay.clone(), relay.store.clone());
    group.spawn("intake", move |cancel| writer.run(store, cancel));
    group.spawn("publisher", move |cancel| publisher::publish(publish, config.publish, cancel));

    server.spawn(&mut group, http::router(relay), health);
    Ok(group.run(DRAIN).await?)
}
