//! Assembles a relay and runs it until it is cancelled.

use std::sync::Arc;

use gateway_chain::GatewayQuery;
use gateway_daemon_runtime::CancellationToken;
use gateway_http::{Listen, Routes};
use gateway_service::{Account, ChainMirror, Connection, Daemon, in_turns};
use tokio::sync::{Notify, watch};

use crate::beacon_state::Beacon;
use crate::config::RelayConfig;
use crate::context::{Attested, Relay};
use crate::error::RelayError;
use crate::feed::Feed;
use crate::fees::Fees;
use crate::gathering::RoundTickets;
use crate::intake::AttestationSink;
use crate::mirror_cache::MirrorCache;
use crate::orders::{OrderSink, Orders};
use crate::round_tickets;
use crate::{batches, http, mirror, publisher, receiver};

/// Runs a relay until `cancel`; as a standby, if configured, while another process holds its database.
///
/// # Errors
/// [`RelayError::Config`], [`RelayError::Chain`] when it is the wrong chain, [`RelayError::Store`] when another process holds
/// the database, [`RelayError::Tasks`] when a task failed, and the start-up errors of its parts.
pub async fn run(config: RelayConfig, cancel: CancellationToken) -> Result<(), RelayError> {
    config.validate()?;
    in_turns(config.standby, || turn(config.clone(), cancel.clone())).await
}

async fn turn(config: RelayConfig, cancel: CancellationToken) -> Result<(), RelayError> {
    let listen = Listen { service: Some(config.listen), admin: config.admin_listen };
    match Daemon::begin(listen, &config.http, &config.chain, &cancel).await? {
        Some((daemon, routes, connection)) => start(config, daemon, routes, connection).await,
        None => Ok(()),
    }
}

/// Starts the relay on a chain that has answered.
pub(crate) async fn start(
    config: RelayConfig,
    mut daemon: Daemon,
    routes: Routes,
    connection: Connection,
) -> Result<(), RelayError> {
    let Connection { chain, notifier } = connection;
    let explorer = config.explorer().map(gateway_explorer::router).transpose().map_err(RelayError::Own)?;
    let opened = config.account().open(&mut daemon, chain, Some(mirror::CURSOR)).await?;
    let Some(opened) = opened else { return Ok(()) };
    let Account { chain, store, outbox, api_keys, progress, cursor } = opened;

    let (intake, attestation_writer) = batches::channel();
    let (orders, order_writer) = batches::channel();
    let relay = Arc::new(Relay {
        query: GatewayQuery::new(chain.clone(), config.chain.contract.as_str()),
        broadcaster: chain,
        chain_id: config.chain.chain_id.clone(),
        outbox,
        api_keys,
        max_fee: config.max_fee,
        daily_spend: config
            .daily_spend
            .iter()
            .filter_map(|(name, most)| Some((name.clone(), most.parse().ok()?)))
            .collect(),
        broadcasts: config.broadcast_transactions,
        height: watch::Sender::new(cursor.unwrap_or_default()),
        publish_wake: Notify::new(),
        gap_noted: Notify::new(),
        retention: config.retention_blocks,
        attested: Attested::default(),
        cache: MirrorCache::default(),
        fees: Fees::default(),
        feed: Feed::new(),
        intake,
        orders: Orders(orders),
        beacon: Beacon::default(),
        round_tickets: RoundTickets::default(),
        lookups: Relay::lookups(),
        longest_wait: config.http.longest_wait(),
        cancel: daemon.group().token(),
        store,
    });

    let following = ChainMirror {
        query: relay.query.clone(),
        notifier,
        poll: config.chain.poll_interval,
        reconcile_blocks: config.reconcile_blocks,
        progress,
    };
    let group = daemon.group();
    let sink = relay.clone();
    group.spawn("mirror", move |cancel| async move { following.run(&*sink, cursor, &cancel).await });
    let (publish, store) = (relay.clone(), relay.store.clone());
    let (kept, blocks) = (relay.store.clone(), config.retention_blocks);
    group.spawn("retention", move |cancel| gateway_service::prune(kept, mirror::CURSOR, blocks, cancel));
    let filling = relay.clone();
    group.spawn_resumed("back-fill", move |cancel| mirror::fill(filling.clone(), cancel));
    let receiving = relay.clone();
    group.spawn("receiver", move |cancel| receiver::receive(receiving, cancel));
    let ticket_relay = relay.clone();
    group.spawn("round tickets", move |cancel| round_tickets::relay_tickets(ticket_relay, cancel));
    group.spawn("intake", move |cancel| {
        attestation_writer.run("attestations", AttestationSink(store), cancel)
    });
    let ordering = OrderSink::new(relay.clone());
    group.spawn("orders", move |cancel| order_writer.run("sponsored requests", ordering, cancel));
    group.spawn("publisher", move |cancel| publisher::publish(publish, config.publish, cancel));

    let mut router = http::router(relay);
    if let Some(explorer) = explorer {
        router = router.merge(explorer);
    }
    routes.serve(router);
    daemon.run().await
}
