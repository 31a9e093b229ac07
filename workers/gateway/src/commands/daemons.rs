//! `gateway relay`, `node`, `global` and `signer`: loads the configuration and runs the daemon until a signal.

use tokio_util::sync::CancellationToken;

use super::CommandError;
use super::configuration::load;
use crate::arguments::Command;
#[cfg(feature = "node")]
use crate::arguments::Node;

/// Runs a daemon; other commands are not handled here.
pub(crate) async fn run(command: Command, cancel: CancellationToken) -> Result<(), CommandError> {
    match command {
        Command::Relay(daemon) => Ok(gateway_relay::run(load(&daemon.config)?, cancel).await?),
        Command::Global(daemon) => Ok(gateway_global::run(load(&daemon.config)?, cancel).await?),
        Command::Signer(daemon) => Ok(gateway_signer::run(load(&daemon.config)?, cancel).await?),
        #[cfg(feature = "node")]
        Command::Node(Node { daemon: Some(daemon), .. }) => {
            let worker = gateway_node::WorkerCommand::this_executable()?;
            Ok(gateway_node::run(load(&daemon.config)?, worker, cancel).await?)
        }
        other => Err(format!("{other:?} is no daemon").into()),
    }
}
