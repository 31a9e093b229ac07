//! A network for one test.

use gateway_localnet::{Localnet, LocalnetConfig};
use std::time::Duration;

/// A network and the folder that goes with it.
pub(crate) struct TestNetwork {
    pub(crate) net: Localnet,
    _home: tempfile::TempDir,
}

/// Starts five nodes, a relay and global on a chain with fast blocks.
pub(crate) async fn start() -> TestNetwork {
    start_with(|_| ()).await
}

/// The same with another configuration.
pub(crate) async fn start_with(change: impl FnOnce(&mut LocalnetConfig)) -> TestNetwork {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut config = LocalnetConfig::new(env!("CARGO_BIN_EXE_gateway").into(), home.path().to_owned());
    config.block_time = Duration::from_millis(200);
    change(&mut config);
    let net = Localnet::start(config, |_| ()).await.expect("a network");
    TestNetwork { net, _home: home }
}
