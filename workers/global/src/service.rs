//! Assembles global and runs it until it is cancelled.

use std::sync::Arc;

use gateway_chain::GatewayQuery;
use gateway_daemon_runtime::CancellationToken;
use gateway_http::{Listen, Routes};
use gateway_service::{Account, Connection, Daemon};
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
/// [`GlobalError::Config`], [`GlobalError::Chain`] when it is the wrong chain, [`GlobalError::Tasks`] when a task failed, and
/// the start-up errors of its parts.
pub async fn run(config: GlobalConfig, cancel: CancellationToken) -> Result<(), GlobalError> {
    config.validate()?;
    let listen = Listen { service: Some(config.listen), admin: config.admin_listen };
    match Daemon::begin(listen, &config.http, &config.chain, &cancel).await? {
        Some((daemon, routes, connection)) => start(config, daemon, routes, connection).await,
        None => Ok(()),
    }
}

/// Starts global on a chain that has answered.
pub(crate) async fn start(
    config: GlobalConfig,
    mut daemon: Daemon,
    routes: Routes,
    connection: Connection,
) -> Result<(), GlobalError> {
    let Connection { chain, notifier } = connection;
    let code = CodeStore::open(&config.code_dir).map_err(GlobalError::Own)?;
    let sealed_code = SealedCodeStore::open(&config.code_dir).map_err(GlobalError::Own)?;
    let Some(opened) = config.account().open(&mut daemon, chain, None).await? else { return Ok(()) };
    let Account { chain, store, outbox, api_keys, progress, .. } = opened;

    let query = GatewayQuery::new(chain, config.chain.contract.as_str());
    let height = watch::Sender::new(0);
    let cache = Cache::new(query.clone(), height.subscribe());
    let keeper = Keeper { query, outbox, store, height, progress, expire_limit: config.expire_limit };
    let poll = config.chain.poll_interval;
    daemon.group().spawn("keeper", move |cancel| keeper.run(notifier, poll, cancel));

    let chain_id = config.chain.chain_id.clone();
    routes.serve(http::router(Arc::new(Global { cache, chain_id, code, sealed_code, api_keys })));
    daemon.run().await
}
