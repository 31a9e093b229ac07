//! `gateway explorer`: serves the explorer's page, which queries the chain and a relay itself.

use std::time::Duration;

use gateway_daemon_runtime::TaskGroup;
use gateway_daemon_runtime::health::Health;
use gateway_explorer::ExplorerConfig;
use gateway_http::{HttpConfig, Listen};
use tokio_util::sync::CancellationToken;

use super::CommandError;
use crate::arguments::Explorer as Options;

/// Time that answers in flight get after a stop.
const DRAIN: Duration = Duration::from_secs(10);

pub(crate) async fn run(options: Options, cancel: CancellationToken) -> Result<(), CommandError> {
    let Options { listen, rpc, contract, relay, global, connect } = options;
    let router = gateway_explorer::router(ExplorerConfig { rpc, contract, relay, global, connect })?;
    let server =
        gateway_http::bind(Listen { service: Some(listen), admin: None }, HttpConfig::default()).await?;
    if let Some(address) = server.address() {
        println!("explorer at http://{address}/");
    }
    let mut group = TaskGroup::new(&cancel);
    server.spawn(&mut group, Health::new()).serve(router);
    Ok(group.run(DRAIN).await?)
}
