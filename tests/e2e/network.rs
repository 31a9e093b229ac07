//! A network for one test.

use std::time::Duration;

use gateway_localnet::{ChainKind, Localnet, LocalnetConfig};
use tempfile::TempDir;

/// Starts five nodes, a relay and global on a chain with fast blocks; the folder goes with the network.
pub(crate) async fn start() -> (Localnet, TempDir) {
    start_with(|_| ()).await
}

/// The same with another configuration.
pub(crate) async fn start_with(change: impl FnOnce(&mut LocalnetConfig)) -> (Localnet, TempDir) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut config = LocalnetConfig::new(env!("CARGO_BIN_EXE_gateway").into(), home.path().to_owned());
    config.chain = chain();
    config.block_time = Duration::from_millis(match config.chain {
        ChainKind::Devchain => 200,
        ChainKind::Wasmd { .. } | ChainKind::Rpc { .. } => 300,
    });
    change(&mut config);
    let net = Localnet::start(config, |_| ()).await.expect("a network");
    (net, home)
}

/// The chain that the environment names, or the devchain.
fn chain() -> ChainKind {
    std::env::var("E2E_CHAIN").map_or(ChainKind::Devchain, |text| text.parse().expect("E2E_CHAIN"))
}
