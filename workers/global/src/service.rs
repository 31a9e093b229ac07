//! Assembles global and runs it until it is cancelled.

use std::sync::Arc;

use gateway_chain::{GatewayQuery, Outbox, Signer};
use gateway_daemon_runtime::CancellationToken;
use gateway_http::{ApiKeys, Listen, Routes};
use gateway_service::{Connection, Daemon};
use gateway_store::{Owner, Store};
use tokio::sync::watch;

use crate::cache::Cache;
use crate::code_store::CodeStore;
use crate::config::GlobalConfig;
use crate::error::GlobalError;
use crate::http::{self, Global};
use crate::keeper::Keeper;
use crate::sealed_code_store::SealedCodeStore;

/// Runs global until `cancel`.
///
/// # Errors
/// [`GlobalError::Config`], [`GlobalError::Chain`] where the chain is another one, [`GlobalError::Tasks`] where a task
/// failed, and what its parts fail to start with.
pub async fn run(config: GlobalConfig, cancel: CancellationToken) -> Result<(), GlobalError> {
    config.validate()?;
    let listen = Listen { service: Some(config.listen), admin: config.admin_listen };
    let server = gateway_http::bind(listen, config.http.clone()).await?;
    tracing::info!(address = ?server.address(), admin = ?server.admin_address(), "global listening");
    let (mut daemon, routes) = Daemon::start(server, &cancel);
    match daemon.connect(&config.chain).await? {
        Some(connection) => start(config, daemon, routes, connection).await,
        None => Ok(()),
    }
}

/// Global on a chain that has answered.
pub(crate) async fn start(
    config: GlobalConfig,
    mut daemon: Daemon,
    routes: Routes,
    connection: Connection,
) -> Result<(), GlobalError> {
    let Connection { chain, notifier } = connection;
    let api_keys = ApiKeys::load(&config.api_keys)?;
    let signer = Signer::load(&config.key, &config.chain.prefix)?;
    let code = CodeStore::open(&config.code_dir)?;
    let sealed_code = SealedCodeStore::open(&config.code_dir)?;
    let store = Store::open(config.database.expose()).await?;
    let (chain_id, contract) = (config.chain.chain_id.as_str(), config.chain.contract.as_str());
    let _claim = store.claim(&Owner { chain_id, contract, account: Some(signer.address()) }).await?;
    let readiness = daemon.health().register("outbox");
    let outbox = Outbox::spawn(
        daemon.group(),
        chain.clone(),
        signer,
        Arc::new(store.clone()),
        &config.chain,
        config.outbox.clone(),
        readiness,
    )?;
    tracing::info!(account = outbox.address(), "global starting");
    daemon.watch_funds(chain.clone(), outbox.address().to_owned(), &config.chain);
    let progress = daemon.watch_chain(chain.clone());

    let query = GatewayQuery::new(chain, config.chain.contract.as_str());
    let height = watch::Sender::new(0);
    let cache = Cache::new(query.clone(), height.subscribe());
    let keeper = Keeper { query, outbox, store, height, progress, expire_limit: config.expire_limit };
    let poll = config.chain.poll_interval;
    daemon.group().spawn("keeper", move |cancel| keeper.run(notifier, poll, cancel));

    let chain_id = config.chain.chain_id.clone();
    routes.serve(http::router(Arc::new(Global { cache, chain_id, code, sealed_code, api_keys })));
    Ok(daemon.run().await?)
}
