//! Puts a node together and runs it until it is told to stop.

use crate::config::NodeConfig;
use crate::context::{Context, News, Ready};
use crate::error::NodeError;
use crate::fallback_submission::Account;
use crate::membership::{Membership, find};
use crate::{beacon, deliver, follow, http, job_runner, resend};
use gateway_chain::{BlockNotifier, GatewayQuery};
use gateway_daemon_runtime::health::Health;
use gateway_daemon_runtime::metrics::Metrics;
use gateway_daemon_runtime::{Backoff, CancellationToken, SecretSource, TaskGroup};
use gateway_engine::{CodeLoader, Engine, WorkerCommand};
use gateway_protocol::SecretKey;
use gateway_store::Store;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Time-out of one call to a relay.
const RELAY_TIMEOUT: Duration = Duration::from_secs(10);
/// Time the tasks have to end.
const DRAIN: Duration = Duration::from_secs(10);

const CONNECT: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(10));

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
    let key = load_key(&config.key)?;
    tracing::info!(key = %key.public(), "node starting");
    let store = Store::open(config.database.expose()).await?;
    let client = gateway_daemon_runtime::http::client(RELAY_TIMEOUT)?;
    let loader = CodeLoader::new(config.loader())?;
    let health = Health::new();
    let ready = Ready { chain: health.register("chain"), node: health.register("node") };
    let listener = match config.listen {
        Some(address) => Some((http::listen(address).await?, address)),
        None => None,
    };
    let Some(chain) = gateway_chain::connect(&config.chain, CONNECT, &cancel).await? else {
        return Ok(());
    };
    let query = GatewayQuery::new(chain.clone(), config.chain.contract.as_str());
    if let Some(expected) = config.node {
        check_id(&query, &key, expected).await?;
    }
    let engine = Arc::new(Engine::start(config.vm(worker)).await?);
    let mut group = TaskGroup::new(&cancel);
    let account = match &config.account {
        Some(settings) => Some(Account::start(&mut group, chain, &store, &config.chain, settings)?),
        None => None,
    };
    let context = Arc::new(Context {
        chain_id: config.chain.chain_id.clone(),
        query,
        store: store.clone(),
        membership: Membership::new(key.public()),
        key,
        executor: engine.clone(),
        loader,
        relays: config.relays.clone(),
        account,
        client,
        workers: config.engine.workers,
        reconcile_blocks: config.reconcile_blocks,
        overdue_blocks: config.overdue_blocks,
        news: watch::Sender::new(News::default()),
        ready,
    });

    let block_notifier = BlockNotifier::websocket(&mut group, &config.chain)?;
    if let Some((listener, address)) = listener {
        // Another part of this process may have the recorder already; then it serves the metrics.
        let metrics = Metrics::install().ok();
        if let Some(metrics) = metrics.clone() {
            group.spawn("metrics", |cancel| async move {
                metrics.upkeep(cancel).await;
                Ok::<(), NodeError>(())
            });
        }
        group.spawn("http", |cancel| http::serve(listener, address, health, metrics, cancel));
    }
    spawn(&mut group, context, block_notifier, config.chain.poll_interval);
    let end = group.run(DRAIN).await;
    if let Some(engine) = Arc::into_inner(engine) {
        engine.shutdown().await;
    }
    store.close().await?;
    Ok(end?)
}

/// Starts the tasks that make a node.
pub(crate) fn spawn(
    group: &mut TaskGroup,
    context: Arc<Context>,
    block_notifier: BlockNotifier,
    poll: Duration,
) {
    let shared = context.clone();
    group.spawn("follow", |cancel| follow::follow(shared, block_notifier, poll, cancel));
    let shared = context.clone();
    group.spawn("run", |cancel| job_runner::run_jobs(shared, cancel));
    let shared = context.clone();
    group.spawn("deliver", |cancel| deliver::deliver(shared, cancel));
    let shared = context.clone();
    group.spawn("overdue", |cancel| resend::watch(shared, cancel));
    group.spawn("beacon", |cancel| beacon::take_part(context, cancel));
}

async fn check_id(
    query: &GatewayQuery,
    key: &SecretKey,
    expected: gateway_api::NodeId,
) -> Result<(), NodeError> {
    match find(query, key.public()).await? {
        Some(node) if node.node != expected => Err(NodeError::WrongNode { expected, found: node.node }),
        _ => Ok(()),
    }
}

fn load_key(source: &SecretSource) -> Result<SecretKey, NodeError> {
    let text = source.load()?;
    let mut bytes = [0u8; 32];
    hex::decode_to_slice(text.expose(), &mut bytes)
        .map_err(|_| NodeError::KeyFormat { from: source.to_string() })?;
    let key = SecretKey::from_bytes(&bytes);
    bytes.fill(0);
    Ok(key?)
}
