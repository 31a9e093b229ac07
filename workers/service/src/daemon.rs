//! Starts a daemon: health from the first second, then the chain, then its tasks; and stops it in order.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use gateway_chain::{BlockNotifier, Chain, ChainConfig, ChainError, ChainReader};
use gateway_daemon_runtime::health::{Health, Readiness};
use gateway_daemon_runtime::task_group::GroupError;
use gateway_daemon_runtime::{Backoff, CancellationToken, TaskGroup};
use gateway_http::{HttpConfig, Listen, Routes, Server};
use gateway_store::{Claim, Store, StoreError};

use crate::error::DaemonError;
use crate::funds;
use crate::progress::{self, Progress};
use crate::same_chain::{self, Memory, SameChain};

/// Time the tasks get to end after a stop.
const DRAIN: Duration = Duration::from_secs(10);
/// Pauses between attempts to reach the chain at the start: endless, because a chain that is down is not the daemon's fault.
const CONTACT: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
/// One attempt.
const ONCE: Backoff = Backoff::new(Duration::ZERO, Duration::ZERO).limit(0);

/// A daemon that already answers `/health` and `/ready`, and whose tasks live and die together.
pub struct Daemon {
    group: TaskGroup,
    health: Health,
    chain: Readiness,
    /// The database, if there is one, for as long as the daemon runs.
    claim: Option<Claim>,
}

/// A chain that has answered.
pub struct Connection {
    /// Reads the chain and sends to it.
    pub chain: Arc<dyn Chain>,
    /// Announces its blocks.
    pub notifier: BlockNotifier,
}

impl Daemon {
    /// Serves health at once; the returned [`Routes`] accept the service's own routes once it can answer them.
    pub fn start(server: Server, cancel: &CancellationToken) -> (Self, Routes) {
        let mut group = TaskGroup::new(cancel);
        let health = Health::new();
        let chain = health.register("chain");
        let routes = server.spawn(&mut group, health.clone());
        (Self { group, health, chain, claim: None }, routes)
    }

    /// Listens, serves health at once and connects to the chain, however long that takes. `None` if the stop came first.
    ///
    /// # Errors
    /// [`DaemonError::Http`] when an address cannot be listened on, [`DaemonError::Chain`] as [`Daemon::connect`].
    pub async fn begin<Own: Error + 'static>(
        listen: Listen,
        http: &HttpConfig,
        chain: &ChainConfig,
        cancel: &CancellationToken,
    ) -> Result<Option<(Self, Routes, Connection)>, DaemonError<Own>> {
        let server = gateway_http::bind(listen, http.clone()).await?;
        tracing::info!(address = ?server.address(), admin = ?server.admin_address(), "listening");
        let (mut daemon, routes) = Self::start(server, cancel);
        let connection = daemon.connect(chain).await?;
        Ok(connection.map(|connection| (daemon, routes, connection)))
    }

    /// Returns the readiness of the daemon's parts.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// Returns the tasks.
    pub fn group(&mut self) -> &mut TaskGroup {
        &mut self.group
    }

    /// Connects to the chain, however long that takes; `/ready` gives the reason. `None` if the stop came first.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`] and other errors that waiting does not cure.
    pub async fn connect(&mut self, config: &ChainConfig) -> Result<Option<Connection>, ChainError> {
        let cancel = self.group.token();
        let mut delays = CONTACT.delays();
        let chain = loop {
            match gateway_chain::connect(config, ONCE, &cancel).await {
                Ok(Some(chain)) => break chain,
                Ok(None) => return Ok(None),
                Err(error) if error.is_retryable() => {
                    self.chain.not_ready(format!("no contact with the chain yet: {error}"));
                    let delay = delays.next().unwrap_or(CONTACT.max);
                    tokio::select! {
                        () = cancel.cancelled() => return Ok(None),
                        () = tokio::time::sleep(delay) => {}
                    }
                }
                Err(error) => return Err(error),
            }
        };
        chain.supervise(&mut self.group);
        let notifier = BlockNotifier::websocket(&mut self.group, config)?;
        Ok(Some(Connection { chain, notifier }))
    }

    /// Holds a database for this daemon until it has ended, and ends the daemon if another process takes it over. Reports
    /// readiness of `database`.
    pub fn hold(&mut self, claim: Claim) {
        let (readiness, kept, all) = (self.health.register("database"), claim.clone(), self.group.token());
        self.claim = Some(claim);
        self.group.spawn("database lock", move |cancel| async move {
            let end = kept.keep(readiness, cancel).await;
            // Before `run`, nothing observes tasks that end.
            all.cancel();
            end
        });
    }

    /// Returns the chain once it is the one that the database has followed. While it is not, now or later, the daemon is not
    /// ready and nothing is read from it. `cursor` is the last processed height. `None` if the stop came first.
    ///
    /// # Errors
    /// [`StoreError`], [`StoreError::Replaced`] when the stop came because another process took over the database.
    pub async fn same_chain(
        &mut self,
        chain: Arc<dyn Chain>,
        store: &Store,
        cursor: Option<u64>,
    ) -> Result<Option<Arc<dyn Chain>>, StoreError> {
        let cancel = self.group.token();
        let same = Arc::new(SameChain::new(chain, Memory::read(store, cursor).await?));
        loop {
            match same.status().await {
                Ok(_) => break,
                Err(error) => self.chain.not_ready(error.to_string()),
            }
            tokio::select! {
                () = cancel.cancelled() => return self.still_ours().map(|()| None),
                () = tokio::time::sleep(CONTACT.max) => {}
            }
        }
        let (kept, store) = (same.clone(), store.clone());
        self.group.spawn("chain memory", move |cancel| same_chain::keep(kept, store, cancel));
        Ok(Some(same))
    }

    /// Watches whether the chain makes progress and this daemon keeps up, and reports it as readiness of `chain`.
    pub fn watch_chain(&mut self, chain: Arc<dyn ChainReader>) -> Progress {
        let (progress, readiness) = (Progress::default(), self.chain.clone());
        let watched = progress.clone();
        self.group.spawn("chain watch", move |cancel| async move {
            progress::watch(chain, watched, readiness, cancel).await;
            Ok::<(), ChainError>(())
        });
        progress
    }

    /// Watches whether an account can pay for transactions, and reports it as readiness of `funds`.
    pub fn watch_funds(&mut self, chain: Arc<dyn ChainReader>, account: String, config: &ChainConfig) {
        let readiness = self.health.register("funds");
        let watch = funds::Funds {
            chain,
            account,
            denom: config.denom.clone(),
            least: config.gas_price.expected().fee(funds::GAS),
        };
        self.group.spawn("funds watch", move |cancel| async move {
            watch.run(readiness, cancel).await;
            Ok::<(), ChainError>(())
        });
    }

    /// Runs until a task ends or the stop comes. The database belongs to this process until all tasks have ended.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] when another process has taken over the database; otherwise [`GroupError`]: the tasks that
    /// failed, or did not end in time.
    pub async fn run<E: From<StoreError> + From<GroupError>>(self) -> Result<(), E> {
        let end = self.group.run(DRAIN).await;
        self.claim.as_ref().map_or(Ok(()), Claim::still_ours)?;
        Ok(end?)
    }

    fn still_ours(&self) -> Result<(), StoreError> {
        self.claim.as_ref().map_or(Ok(()), Claim::still_ours)
    }
}
