//! The network: brought up in the order an operator would, and taken down without leaving a process behind.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gateway_api::{NodeResponse, Settings};
use gateway_chain::{ChainConfig, ChainReader, Endpoints, GatewayQuery};

use crate::chain::{ChainKind, DENOM, LocalChain};
use crate::config_files::{self, Addresses};
use crate::deploy::deploy;
use crate::{Daemon, DevAccount, FaultProxy, LocalnetError};

/// How long starting a daemon or the whole network may take.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(120);

/// The configuration of a local network.
#[derive(Clone, Debug)]
pub struct LocalnetConfig {
    /// The `gateway` binary.
    pub program: PathBuf,
    /// Folder for keys, configuration, databases and logs.
    pub home: PathBuf,
    /// The chain it runs on.
    pub chain: ChainKind,
    /// Number of nodes.
    pub nodes: usize,
    /// Time between blocks.
    pub block_time: Duration,
    /// Blocks an epoch lasts.
    pub epoch_blocks: u64,
    /// Blocks from a request to its expiry.
    pub ttl_blocks: u64,
    /// The daemons' log filter.
    pub log: String,
    /// Whether the daemons reach the chain through a [`FaultProxy`](crate::FaultProxy).
    pub fault_proxy: bool,
    /// Whether a devchain keeps its state in the folder, so that it can be stopped and restarted; blocks then wait for the
    /// disk.
    pub restartable_chain: bool,
}

impl LocalnetConfig {
    /// Returns the defaults: five nodes, a block every 500 ms, short epochs.
    #[must_use]
    pub fn new(program: PathBuf, home: PathBuf) -> Self {
        Self {
            program,
            home,
            chain: ChainKind::default(),
            nodes: 5,
            block_time: Duration::from_millis(500),
            epoch_blocks: 4,
            ttl_blocks: 120,
            log: "info".to_owned(),
            fault_proxy: false,
            restartable_chain: false,
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        let usual = Settings::default();
        Settings {
            denom: DENOM.to_owned(),
            epoch_blocks: self.epoch_blocks,
            block_time_ms: u32::try_from(self.block_time.as_millis()).unwrap_or(u32::MAX).max(100),
            ttl_blocks: self.ttl_blocks,
            // One relay pays for nearly all requests of a local network.
            max_open_per_payer: usual.max_open_per_project,
            ..usual
        }
    }
}

/// A running network.
pub struct Localnet {
    pub(crate) config: LocalnetConfig,
    pub(crate) chain: LocalChain,
    pub(crate) proxy: Option<FaultProxy>,
    pub(crate) reader: Arc<Endpoints>,
    pub(crate) chain_config: ChainConfig,
    pub(crate) contract: String,
    pub(crate) consumer: String,
    pub(crate) addresses: Addresses,
    pub(crate) developer: DevAccount,
    pub(crate) user: DevAccount,
    pub(crate) operators: Vec<DevAccount>,
    pub(crate) global: Daemon,
    pub(crate) relay: Daemon,
    pub(crate) nodes: Vec<Daemon>,
}

impl Localnet {
    /// Brings a network up: chain, contracts, global, nodes with stake, relay. `progress` is called with a description of each step.
    ///
    /// # Errors
    /// [`LocalnetError::File`] if the folder or a file in it cannot be used; [`LocalnetError::Start`], [`LocalnetError::Died`]
    /// or [`LocalnetError::Devchain`] if a process or the devchain does not start or ends; [`LocalnetError::Chain`] if a
    /// transaction or query fails; [`LocalnetError::Answer`] if a part does not answer as it should;
    /// [`LocalnetError::TimedOut`] if a part takes longer than two minutes.
    pub async fn start(config: LocalnetConfig, progress: impl Fn(&str)) -> Result<Self, LocalnetError> {
        std::fs::create_dir_all(&config.home).map_err(LocalnetError::file(&config.home))?;
        let named = |name: &str| config.chain.account(name);
        let (developer, user, relay, global) =
            (named("developer")?, named("user")?, named("relay")?, named("global")?);
        let numbered = |what: &str| {
            (1..=config.nodes).map(|i| named(&format!("{what}-{i}"))).collect::<Result<Vec<_>, _>>()
        };
        // A node's account belongs to its daemon alone; its operator's belongs to a person.
        let (operators, accounts) = (numbered("operator")?, numbered("node")?);

        progress(&format!("starting {}", config.chain));
        let everybody: Vec<_> =
            [&developer, &user, &relay, &global].into_iter().chain(&operators).chain(&accounts).collect();
        let chain = config.chain.start(&config, &everybody).await?;

        let mut chain_config = ChainConfig::new(chain.rpc_url(), chain.id(), "");
        if !matches!(config.chain, ChainKind::Rpc { .. }) {
            chain_config.gas_price = gateway_chain::tx::GasPrice::from_integer(1).into();
        }
        let reader =
            Endpoints::new(&chain_config).map_err(LocalnetError::chain("connecting to the chain"))?;
        let reader = Arc::new(reader);

        progress("uploading the contracts and instantiating them");
        let (contract, consumer) = deploy(&config, &chain_config, &reader, &developer).await?;
        chain_config.contract.clone_from(&contract);

        let proxy = match config.fault_proxy {
            true => Some(FaultProxy::start(chain.rpc_url()).await?),
            false => None,
        };
        let mut daemons_chain = chain_config.clone();
        if let Some(proxy) = &proxy {
            daemons_chain.rpc = proxy.url().into();
        }
        let addresses = Addresses::choose(config.nodes)?;
        let file = config_files::write(&config, &daemons_chain, &addresses, &relay, &global, &accounts)?;
        let daemon = |name: &str, command: &str, file: &PathBuf| {
            let file = file.to_string_lossy();
            Daemon::new(
                name,
                &config.program,
                &["--log", &config.log, command, "--config", &file],
                &config.home,
            )
        };
        let mut net = Self {
            global: daemon("global", "global", &file.global),
            relay: daemon("relay", "relay", &file.relay),
            nodes: file
                .nodes
                .iter()
                .enumerate()
                .map(|(i, f)| daemon(&format!("node-{}", i + 1), "node", f))
                .collect(),
            chain,
            proxy,
            reader,
            chain_config,
            contract,
            consumer,
            addresses,
            developer,
            user,
            operators,
            config,
        };

        progress("starting global, which keeps the counter moving and stores code");
        net.start_global().await?;
        progress(&format!("registering {} nodes with their stake", net.config.nodes));
        for (index, account) in accounts.iter().enumerate() {
            net.register_node(index, &file.nodes[index], account).await?;
        }
        progress("starting the nodes and the relay");
        net.start_nodes().await?;
        net.start_relay().await?;
        progress("waiting for the epoch in which the nodes may draw (two after the one they registered in)");
        net.until_nodes_are_active().await?;
        Ok(net)
    }

    /// Returns the chain.
    #[must_use]
    pub fn chain(&self) -> &LocalChain {
        &self.chain
    }

    /// Returns the proxy between the daemons and the chain, if configured.
    #[must_use]
    pub fn proxy(&self) -> Option<&FaultProxy> {
        self.proxy.as_ref()
    }

    /// Returns the height of the chain's last block.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the chain does not answer.
    pub async fn height(&self) -> Result<u64, LocalnetError> {
        let status = self.reader.status().await;
        Ok(status.map_err(LocalnetError::chain("asking the chain for its height"))?.height)
    }

    /// Returns the nodes' daemons, in order of registration.
    pub fn nodes_mut(&mut self) -> &mut [Daemon] {
        &mut self.nodes
    }

    /// Returns the account that owns the projects registered here, and governs the contract.
    #[must_use]
    pub const fn developer(&self) -> &DevAccount {
        &self.developer
    }

    /// Returns global's daemon, which is also the keeper.
    pub fn global_mut(&mut self) -> &mut Daemon {
        &mut self.global
    }

    /// Returns the relay's daemon.
    pub fn relay_mut(&mut self) -> &mut Daemon {
        &mut self.relay
    }

    /// Returns the contract's address.
    #[must_use]
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// Returns the example consumer's address.
    #[must_use]
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// Returns the chain's id.
    #[must_use]
    pub fn chain_id(&self) -> &str {
        self.chain.id()
    }

    /// Returns the relay's address.
    #[must_use]
    pub fn relay_url(&self) -> String {
        format!("http://{}", self.addresses.relay)
    }

    /// Returns the key for the relay's and global's HTTP APIs.
    #[must_use]
    pub fn api_key(&self) -> &'static str {
        config_files::API_KEY
    }

    /// Returns global's address.
    #[must_use]
    pub fn global_url(&self) -> String {
        format!("http://{}", self.addresses.global)
    }

    /// Returns a node's address, which answers `/ready`; `None` if there is no such node.
    #[must_use]
    pub fn node_url(&self, index: usize) -> Option<String> {
        self.addresses.nodes.get(index).map(|address| format!("http://{address}"))
    }

    /// Returns the reader of the chain.
    #[must_use]
    pub fn reader(&self) -> Arc<Endpoints> {
        self.reader.clone()
    }

    /// Returns a handle for typed queries to the contract.
    #[must_use]
    pub fn query(&self) -> GatewayQuery {
        let reader: Arc<dyn ChainReader> = self.reader.clone();
        GatewayQuery::new(reader, self.contract.as_str())
    }

    /// Returns the nodes known to the contract.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the query fails.
    pub async fn registered_nodes(&self) -> Result<Vec<NodeResponse>, LocalnetError> {
        let nodes = gateway_chain::paging::nodes(&self.query()).await;
        nodes.map_err(LocalnetError::chain("asking for the nodes"))
    }
}
