//! Starts, kills, watches and stops the daemons.

use std::time::Duration;

use crate::config_files;
use crate::network::START_LIMIT;
use crate::wait::until;
use crate::{Daemon, Localnet, LocalnetError};

/// Epochs that may pass before nodes are drawn: the one that they register in, the next one, and what starting takes.
const EPOCHS: u32 = 4;

impl Localnet {
    /// Starts every daemon that is not running, and waits until each is ready.
    ///
    /// # Errors
    /// [`LocalnetError::File`] or [`LocalnetError::Start`] if a daemon cannot be started, [`LocalnetError::Died`] if one ends
    /// by itself, [`LocalnetError::TimedOut`] if one is not ready within two minutes.
    pub async fn start_all_daemons(&mut self) -> Result<(), LocalnetError> {
        self.start_global().await?;
        self.start_nodes().await?;
        self.start_relay().await
    }

    /// Kills every daemon at once.
    pub async fn kill_all_daemons(&mut self) {
        for daemon in [&mut self.global, &mut self.relay].into_iter().chain(&mut self.nodes) {
            daemon.kill().await;
        }
    }

    /// Starts global and waits until it is ready.
    ///
    /// # Errors
    /// As [`Daemon::start`]; [`LocalnetError::Died`] if it ends by itself, [`LocalnetError::TimedOut`] if it is not ready
    /// within two minutes.
    pub async fn start_global(&mut self) -> Result<(), LocalnetError> {
        self.global.start()?;
        until_ready(&self.global, self.addresses.global.to_string()).await
    }

    /// Starts the relay and waits until it is ready.
    ///
    /// # Errors
    /// As [`Daemon::start`]; [`LocalnetError::Died`] if it ends by itself, [`LocalnetError::TimedOut`] if it is not ready
    /// within two minutes.
    pub async fn start_relay(&mut self) -> Result<(), LocalnetError> {
        self.relay.start()?;
        until_ready(&self.relay, self.addresses.relay.to_string()).await
    }

    pub(crate) async fn start_nodes(&mut self) -> Result<(), LocalnetError> {
        for node in self.nodes.iter_mut() {
            if !node.is_running() {
                node.start()?;
            }
        }
        for (node, address) in self.nodes.iter().zip(&self.addresses.nodes) {
            until_ready(node, address.to_string()).await?;
        }
        Ok(())
    }

    /// Stops a chain made for the network: a devchain in order, a wasmd as a power cut would.
    ///
    /// # Errors
    /// [`LocalnetError::Devchain`] if it ended with an error.
    pub async fn stop_chain(&mut self) -> Result<(), LocalnetError> {
        self.chain.stop().await
    }

    /// Restarts a stopped chain from where it was, at its old address.
    ///
    /// # Errors
    /// [`LocalnetError::Devchain`], [`LocalnetError::Start`], or [`LocalnetError::TimedOut`] if it makes no block.
    pub async fn start_chain(&mut self) -> Result<(), LocalnetError> {
        self.chain.start_again().await
    }

    /// Kills every node's daemon.
    pub async fn pause_nodes(&mut self) {
        for node in &mut self.nodes {
            node.kill().await;
        }
    }

    /// Starts every node's daemon that is not running.
    ///
    /// # Errors
    /// As [`Daemon::start`]; [`LocalnetError::Died`] if one ends by itself, [`LocalnetError::TimedOut`] if one does not answer
    /// within two minutes.
    pub async fn resume_nodes(&mut self) -> Result<(), LocalnetError> {
        for node in self.nodes.iter_mut().filter(|node| !node.is_running()) {
            node.start()?;
        }
        // Not until they are ready: on a chain that refuses transactions they report that they are not.
        for (node, address) in self.nodes.iter().zip(&self.addresses.nodes) {
            until_answers(node, address, "health").await?;
        }
        Ok(())
    }

    /// Returns a node's VRF secret, for tests that attest with its key.
    #[must_use]
    pub fn node_secret(&self, index: usize) -> [u8; 32] {
        config_files::vrf_secret_of(&self.config.home, index)
    }

    pub(crate) async fn until_nodes_are_active(&self) -> Result<(), LocalnetError> {
        let wanted = u64::try_from(self.config.nodes).unwrap_or(u64::MAX);
        let blocks = u32::try_from(self.config.epoch_blocks).unwrap_or(u32::MAX).saturating_mul(EPOCHS);
        let limit = START_LIMIT.saturating_add(self.config.block_time.saturating_mul(blocks));
        until("the nodes' first epoch", limit, || async {
            Ok((self.counter().await?.total_units >= wanted).then_some(()))
        })
        .await?;
        self.check()
    }

    /// Returns an error that names the daemon that has ended by itself, if one has.
    ///
    /// # Errors
    /// [`LocalnetError::Died`] for the first one.
    pub fn check(&self) -> Result<(), LocalnetError> {
        self.chain.check()?;
        [&self.global, &self.relay].into_iter().chain(&self.nodes).try_for_each(Daemon::check)
    }

    /// Returns name and process id of everything that runs for the network besides this process.
    #[must_use]
    pub fn processes(&self) -> Vec<(String, u32)> {
        let daemons = [&self.global, &self.relay].into_iter().chain(&self.nodes);
        let daemons = daemons.filter_map(|daemon| Some((daemon.name().to_owned(), daemon.pid()?)));
        let chain = self.chain.wasmd().and_then(|chain| Some(("wasmd".to_owned(), chain.pid()?)));
        daemons.chain(chain).collect()
    }

    /// Waits until a daemon ends by itself; returns an error that says which and how.
    pub async fn watch(&self) -> LocalnetError {
        let mut look = tokio::time::interval(Duration::from_millis(250));
        loop {
            look.tick().await;
            if let Err(error) = self.check() {
                return error;
            }
        }
    }

    /// Stops the daemons, then the chain.
    ///
    /// # Errors
    /// [`LocalnetError::Devchain`] if the devchain ended with an error; otherwise [`LocalnetError::Died`] for the first daemon
    /// that did not stop when asked, or had failed.
    pub async fn shutdown(mut self) -> Result<(), LocalnetError> {
        let mut first = Ok(());
        for daemon in [&mut self.relay, &mut self.global].into_iter().chain(&mut self.nodes) {
            first = first.and(daemon.stop().await);
        }
        self.chain.shutdown().await?;
        first
    }
}

/// Waits until a daemon reports that it is ready.
async fn until_ready(daemon: &Daemon, address: String) -> Result<(), LocalnetError> {
    until_answers(daemon, &address, "ready").await
}

/// Waits until a path of a daemon answers with success.
async fn until_answers(
    daemon: &Daemon,
    address: &dyn std::fmt::Display,
    path: &str,
) -> Result<(), LocalnetError> {
    let url = format!("http://{address}/{path}");
    let what = format!("{} to answer /{path}", daemon.name());
    until(&what, START_LIMIT, || async {
        daemon.check()?;
        let ready = reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success());
        Ok(ready.then_some(()))
    })
    .await
}
