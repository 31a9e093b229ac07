//! Starts what a sending daemon has besides its chain: its database, its outbox and the watches over both.

use std::error::Error;
use std::sync::Arc;

use gateway_chain::{Chain, ChainConfig, Outbox, OutboxClient, OutboxConfig, Signer};
use gateway_daemon_runtime::{SecretSource, SecretUrl};
use gateway_http::{ApiKeyConfig, ApiKeys};
use gateway_store::{Owner, Store};

use crate::daemon::Daemon;
use crate::error::DaemonError;
use crate::progress::Progress;
use crate::standby;

/// The parts of a daemon's configuration that its account and its database need.
pub struct AccountConfig<'a> {
    /// The database.
    pub database: &'a SecretUrl,
    /// Whether the daemon waits while another process holds the database.
    pub standby: bool,
    /// The account's key.
    pub key: &'a SecretSource,
    /// The chain and the contract.
    pub chain: &'a ChainConfig,
    /// How transactions are batched and retried.
    pub outbox: &'a OutboxConfig,
    /// Whose requests it accepts.
    pub api_keys: &'a [ApiKeyConfig],
}

/// An account that sends, and the database that holds what it sends.
pub struct Account {
    /// The chain, which answers only while it is the one that the database has followed.
    pub chain: Arc<dyn Chain>,
    /// How far the daemon had followed the chain before.
    pub cursor: Option<u64>,
    /// The database.
    pub store: Store,
    /// Sends the transactions.
    pub outbox: OutboxClient,
    /// Whose requests are accepted.
    pub api_keys: ApiKeys,
    /// How far the daemon has followed the chain.
    pub progress: Progress,
}

impl AccountConfig<'_> {
    /// Checks that what the configuration refers to exists here: the database's folder, and keys that can be read.
    ///
    /// # Errors
    /// For the first thing that is missing or unusable: [`DaemonError::Store`] for the database, [`DaemonError::Chain`] for the
    /// account's key, [`DaemonError::ApiKey`] for an API key.
    pub fn preflight<Own: Error + 'static>(&self) -> Result<(), DaemonError<Own>> {
        Store::check_address(self.database.expose())?;
        Signer::load(self.key, &self.chain.prefix)?;
        ApiKeys::load(self.api_keys)?;
        Ok(())
    }

    /// Opens the database, claims it for the chain, the contract and the account, and starts sending and watching. Waits while
    /// another process holds the database, if the daemon may be a standby, and while the chain is not the one that the database
    /// has followed, whose height is kept as the `cursor`; `None` if the daemon is stopped first.
    ///
    /// # Errors
    /// [`DaemonError::ApiKey`], [`DaemonError::Chain`] for the account's key, [`DaemonError::Store`] when the database cannot
    /// be used, belongs to another daemon or was taken over.
    pub async fn open<Own: Error + 'static>(
        &self,
        daemon: &mut Daemon,
        chain: Arc<dyn Chain>,
        cursor: Option<&str>,
    ) -> Result<Option<Account>, DaemonError<Own>> {
        let api_keys = ApiKeys::load(self.api_keys)?;
        let signer = Signer::load(self.key, &self.chain.prefix)?;
        let (chain_id, contract) = (self.chain.chain_id.as_str(), self.chain.contract.as_str());
        let owner = Owner { chain_id, contract, account: Some(signer.address()) };
        let url = self.database.expose();
        let (store, claim) = if self.standby {
            let Some(claimed) = standby::wait(daemon, url, &owner).await? else { return Ok(None) };
            claimed
        } else {
            let store = Store::connect(url).await?;
            let claim = store.claim(&owner).await?;
            (store, claim)
        };
        daemon.hold(claim);
        let cursor = match cursor {
            Some(name) => store.cursors().get(name).await?,
            None => None,
        };
        let Some(chain) = daemon.same_chain(chain, &store, cursor).await? else { return Ok(None) };
        let readiness = daemon.health().register("outbox");
        let outbox = Outbox::spawn(
            daemon.group(),
            chain.clone(),
            signer,
            Arc::new(store.clone()),
            self.chain,
            self.outbox.clone(),
            readiness,
        )?;
        tracing::info!(account = outbox.address(), "the account sends");
        daemon.watch_funds(chain.clone(), outbox.address().to_owned(), self.chain);
        let progress = daemon.watch_chain(chain.clone());
        Ok(Some(Account { chain, cursor, store, outbox, api_keys, progress }))
    }
}
