//! Puts global together and runs it until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use gateway_chain::{BlockNotifier, ChainReader, GatewayQuery, Outbox, Signer};
use gateway_daemon_runtime::health::Health;
use gateway_daemon_runtime::{Backoff, CancellationToken, TaskGroup};
use gateway_http::{ApiKeys, Server};
use gateway_store::Store;
use tokio::sync::watch;

use crate::cache::Cache;
use crate::code_store::CodeStore;
use crate::config::GlobalConfig;
use crate::error::GlobalError;
use crate::http::{self, Global};
use crate::keeper::Keeper;

/// Time the tasks get to end after they were told to.
const DRAIN: Duration = Duration::from_secs(10);
/// How long global waits for its chain at its start.
const FIRST_CONTACT: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5)).limit(20);

/// Runs global until `cancel`.
///
/// # Errors
/// The configuration is wrong, the chain is another one, or a task of global failed.
pub async fn run(config: GlobalConfig, cancel: CancellationToken) -> Result<(), GlobalError> {
    config.validate()?;
    let server = gateway_http::bind(config.listen, config.http.clone()).await?;
    let Some(chain) = gateway_chain::connect(&config.chain, FIRST_CONTACT, &cancel).await? else {
        return Ok(());
    };
    let mut group = TaskGroup::new(&cancel);
    let block_notifier = BlockNotifier::websocket(&mut group, &config.chain)?;
    start(config, chain, block_notifier, server, group).await
}

/// Global on a given chain, block_signal and listener.
pub(crate) async fn start(
    config: GlobalConfig,
    chain: Arc<dyn ChainReader>,
    block_notifier: BlockNotifier,
    server: Server,
    mut group: TaskGroup,
) -> Result<(), GlobalError> {
    let api_keys = ApiKeys::load(&config.api_keys)?;
    let signer = Signer::load(&config.key, &config.chain.prefix)?;
    let code = CodeStore::open(&config.code_dir)?;
    let store = Store::open(config.database.expose()).await?;
    let stored = Arc::new(store.clone());
    let outbox =
        Outbox::spawn(&mut group, chain.clone(), signer, stored, &config.chain, config.outbox.clone())?;
    tracing::info!(address = %server.address(), account = outbox.address(), "global");

    let query = GatewayQuery::new(chain, config.chain.contract.as_str());
    let height = watch::Sender::new(0);
    let cache = Cache::new(query.clone(), height.subscribe());
    let health = Health::new();
    let readiness = health.register("chain");
    let keeper = Keeper { query, outbox, store, height, expire_limit: config.expire_limit };
    let poll = config.chain.poll_interval;
    group.spawn("keeper", move |cancel| keeper.run(block_notifier, poll, readiness, cancel));

    let chain_id = config.chain.chain_id.clone();
    let global = Arc::new(Global { cache, chain_id, code, api_keys });
    server.spawn(&mut group, http::router(global), health);
    Ok(group.run(DRAIN).await?)
}
