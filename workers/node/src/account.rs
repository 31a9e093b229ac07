//! The node's own account, if it has one: its key's outbox, which pays for what no relay submits to the contract.

use std::sync::Arc;

use gateway_chain::{Chain, ChainConfig, Outbox, OutboxClient, Signer};
use gateway_daemon_runtime::TaskGroup;
use gateway_daemon_runtime::health::Readiness;
use gateway_store::Store;

use crate::config::AccountSettings;
use crate::error::NodeError;

/// The account's outbox, and when it is used.
pub(crate) struct Account {
    outbox: OutboxClient,
    after_blocks: u64,
}

impl Account {
    /// Starts the account's outbox on the node's database.
    ///
    /// # Errors
    /// [`NodeError::Chain`] when the key cannot be read or a setting is out of bounds.
    pub(crate) fn start(
        group: &mut TaskGroup,
        chain: Arc<dyn Chain>,
        store: &Store,
        chain_config: &ChainConfig,
        settings: &AccountSettings,
        readiness: Readiness,
    ) -> Result<Self, NodeError> {
        let signer = Signer::load(&settings.key, &chain_config.prefix)?;
        let (store, config) = (Arc::new(store.clone()), settings.outbox.clone());
        let outbox = Outbox::spawn(group, chain, signer, store, chain_config, config, readiness)?;
        tracing::info!(
            account = outbox.address(),
            after_blocks = settings.after_blocks,
            "fallback submission is on"
        );
        Ok(Self { outbox, after_blocks: settings.after_blocks })
    }

    /// Returns the blocks without a relay's receipt after which the node submits its attestation itself.
    pub(crate) fn after_blocks(&self) -> u64 {
        self.after_blocks
    }

    /// Returns the account's address.
    pub(crate) fn address(&self) -> &str {
        self.outbox.address()
    }

    /// Wakes the outbox after something was queued.
    pub(crate) fn nudge(&self) {
        self.outbox.nudge();
    }
}
