//! Assembles a node and runs it until it is cancelled.

use std::sync::Arc;
use std::time::Duration;

use gateway_chain::GatewayQuery;
use gateway_daemon_runtime::{CancellationToken, TaskGroup};
use gateway_engine::{CodeLoader, WorkerCommand};
use gateway_http::{HttpConfig, Listen};
use gateway_protocol::Domain;
use gateway_service::{ChainMirror, Connection, Daemon};
use gateway_store::{Owner, Store};
use tokio::sync::{Notify, watch};

use crate::account::Account;
use crate::config::NodeConfig;
use crate::context::{Context, News, Ready};
use crate::due_jobs::DueJobs;
use crate::error::NodeError;
use crate::executor::Engines;
use crate::membership::{Membership, find};
use crate::opened_rounds::OpenedRounds;
use crate::outlet::Outlet;
use crate::private_code::PrivateCode;
use crate::round_tickets;
use crate::run_health::RunHealth;
use crate::sealed_secrets::SealedSecrets;
use crate::vrf_key::VrfKey;
use crate::{beacon, deliver, job_runner, key_guard, resend, standing, sync};

/// Time-out of one call to a relay.
const RELAY_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs a node until `cancel`. `worker` says how to start a VM worker process.
///
/// # Errors
/// See [`NodeError`]: what is wrong with the configuration, or what ended the node.
pub async fn run(
    config: NodeConfig,
    worker: WorkerCommand,
    cancel: CancellationToken,
) -> Result<(), NodeError> {
    config.validate()?;
    let key = VrfKey::load(&config.key)?;
    let server =
        gateway_http::bind(Listen { service: None, admin: config.listen }, HttpConfig::default()).await?;
    tracing::info!(key = %key.public(), admin = ?server.admin_address(), "node starting");
    let (mut daemon, _) = Daemon::start(server, &cancel);
    let health = daemon.health();
    let ready = Ready { node: health.register("node"), jobs: RunHealth::new(health.register("jobs")) };
    let _hold = key_guard::hold(key.public(), &config.chain.contract)?;
    let store = Store::connect(config.database.expose()).await?;
    let (chain_id, contract) = (config.chain.chain_id.as_str(), config.chain.contract.as_str());
    daemon.hold(store.claim(&Owner { chain_id, contract, account: None }).await?);
    let client = gateway_daemon_runtime::http::client(RELAY_TIMEOUT)?;
    let loader = CodeLoader::new(config.loader())?;
    let Some(Connection { chain, notifier }) = daemon.connect(&config.chain).await? else {
        return daemon.run().await;
    };
    let cursor = store.cursors().get(sync::CURSOR).await?;
    let Some(chain) = daemon.same_chain(chain, &store, cursor).await? else { return Ok(()) };
    let query = GatewayQuery::new(chain.clone(), config.chain.contract.as_str());
    if let Some(expected) = config.node {
        check_id(&query, &key, expected).await?;
    }
    let watch_until = key_guard::begin_watch(&store, &query, key.public(), config.watch_blocks).await?;
    let engine = Arc::new(Engines::start(config.vm(worker)?, &config.engine.others).await?);
    let account = match &config.account {
        Some(settings) => {
            let readiness = daemon.health().register("outbox");
            let account =
                Account::start(daemon.group(), chain.clone(), &store, &config.chain, settings, readiness)?;
            daemon.watch_funds(chain.clone(), account.address().to_owned(), &config.chain);
            Some(account)
        }
        None => None,
    };
    let opener = key.opener(&Domain { chain_id, contract }).await?;
    let context = Arc::new(Context {
        chain_id: config.chain.chain_id.clone(),
        query: query.clone(),
        store: store.clone(),
        due_jobs: DueJobs::read(&store).await?,
        membership: Membership::new(key.public()),
        sealed_secrets: SealedSecrets::new(opener.clone()),
        private_code: PrivateCode::new(opener, client.clone(), &config.code.stores),
        key,
        executor: engine.clone(),
        loader,
        relays: config.relays.iter().map(|url| Arc::new(Outlet::new(url, client.clone()))).collect(),
        account,
        workers: config.engine.workers,
        overdue_blocks: config.overdue_blocks,
        watch_until,
        watch_blocks: config.watch_blocks,
        news: watch::Sender::new(News::default()),
        opened_rounds: OpenedRounds::default(),
        standing_changed: Notify::new(),
        ready,
    });
    let progress = daemon.watch_chain(chain);
    let (poll, reconcile_blocks) = (config.chain.poll_interval, config.reconcile_blocks);
    let following = ChainMirror { query, notifier, poll, reconcile_blocks, progress };
    let (kept, blocks) = (store.clone(), config.retention_blocks);
    daemon
        .group()
        .spawn("retention", move |cancel| gateway_service::prune(kept, sync::CURSOR, blocks, cancel));
    spawn(daemon.group(), context, following);
    let end: Result<(), NodeError> = daemon.run().await;
    if let Some(engine) = Arc::into_inner(engine) {
        engine.shutdown().await;
    }
    store.close().await?;
    end
}

/// Starts the tasks that make up a node.
pub(crate) fn spawn(group: &mut TaskGroup, context: Arc<Context>, following: ChainMirror) {
    let shared = context.clone();
    group.spawn("mirror", |cancel| async move {
        let cursor = shared.store.cursors().get(sync::CURSOR).await?;
        following.run(&*shared, cursor, &cancel).await
    });
    // Each finds all it needs in the context and the database.
    macro_rules! spawn {
        ($name:literal, $task:path) => {
            let shared = context.clone();
            group.spawn_resumed($name, move |cancel| $task(shared.clone(), cancel));
        };
    }
    spawn!("run", job_runner::run_jobs);
    spawn!("deliver", deliver::deliver);
    spawn!("resend", resend::watch);
    spawn!("standing", standing::watch);
    spawn!("beacon", beacon::take_part);
    spawn!("round tickets", round_tickets::take_part);
}

async fn check_id(
    query: &GatewayQuery,
    key: &VrfKey,
    expected: gateway_api::NodeId,
) -> Result<(), NodeError> {
    match find(query, key.public()).await? {
        Some(node) if node.node != expected => Err(NodeError::WrongNode { expected, found: node.node }),
        _ => Ok(()),
    }
}
