//! The network: brought up in the order an operator would, and taken down without leaving a process behind.

use crate::account::PREFIX;
use crate::config_files::{self, Addresses};
use crate::wait::until;
use crate::{Daemon, DevAccount, LocalnetError};
use gateway_api::{InstantiateMsg, NodeResponse, Settings};
use gateway_chain::{ChainConfig, ChainReader, GatewayQuery, RpcChain};
use gateway_devchain::{Devchain, DevchainConfig};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The chain's id.
const CHAIN_ID: &str = "localnet-1";
/// The chain's denom.
pub(crate) const DENOM: &str = "aarch";
/// What each account has at genesis: a million ARCH.
const GENESIS_COINS: u128 = 1_000_000_000_000_000_000_000_000;
/// How long starting a daemon or the whole network may take.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(120);

/// What a local network is made of.
#[derive(Clone, Debug)]
pub struct LocalnetConfig {
    /// The `gateway` binary.
    pub program: PathBuf,
    /// Folder for keys, configuration, databases and logs.
    pub home: PathBuf,
    /// Number of nodes.
    pub nodes: usize,
    /// Time between blocks.
    pub block_time: Duration,
    /// Blocks an epoch lasts.
    pub epoch_blocks: u64,
    /// Blocks from a request to its expiry.
    pub ttl_blocks: u64,
    /// What daemons log.
    pub log: String,
}

impl LocalnetConfig {
    /// Five nodes, a block every 500 ms, short epochs.
    #[must_use]
    pub fn new(program: PathBuf, home: PathBuf) -> Self {
        Self {
            program,
            home,
            nodes: 5,
            block_time: Duration::from_millis(500),
            epoch_blocks: 4,
            ttl_blocks: 120,
            log: "info".to_owned(),
        }
    }

    fn settings(&self) -> Settings {
        Settings {
            denom: DENOM.to_owned(),
            epoch_blocks: self.epoch_blocks,
            block_time_ms: u32::try_from(self.block_time.as_millis()).unwrap_or(u32::MAX).max(100),
            ttl_blocks: self.ttl_blocks,
            ..Settings::default()
        }
    }
}

/// A running network.
pub struct Localnet {
    pub(crate) config: LocalnetConfig,
    pub(crate) chain: Devchain,
    pub(crate) reader: Arc<RpcChain>,
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
    /// Brings a network up: chain, contracts, global, nodes with stake, relay. `tell` hears each step in words.
    ///
    /// # Errors
    /// Any part fails, or takes longer than two minutes.
    pub async fn start(config: LocalnetConfig, tell: impl Fn(&str)) -> Result<Self, LocalnetError> {
        std::fs::create_dir_all(&config.home).map_err(LocalnetError::file(&config.home))?;
        let named = |name: &str| DevAccount::named(name);
        let (developer, user, relay, global) =
            (named("developer")?, named("user")?, named("relay")?, named("global")?);
        let operators =
            (1..=config.nodes).map(|i| named(&format!("operator-{i}"))).collect::<Result<Vec<_>, _>>()?;

        tell("starting a chain in this process");
        let everybody = [&developer, &user, &relay, &global].into_iter().chain(&operators);
        let chain = Devchain::start(DevchainConfig {
            chain_id: CHAIN_ID.to_owned(),
            bech32_prefix: PREFIX.to_owned(),
            denom: DENOM.to_owned(),
            block_time: config.block_time,
            genesis_accounts: everybody.map(|a| (a.address().to_owned(), GENESIS_COINS)).collect(),
            ..DevchainConfig::default()
        })
        .await?;

        let mut chain_config = ChainConfig::new(chain.rpc_url(), CHAIN_ID, "");
        chain_config.gas_price = gateway_chain::tx::GasPrice::from_integer(1);
        let reader = RpcChain::new(&chain_config).map_err(LocalnetError::chain("connecting to the chain"))?;
        let reader = Arc::new(reader);

        tell("uploading the contracts and instantiating them");
        let (contract, consumer) = deploy(&config, &chain_config, &reader, &developer).await?;
        chain_config.contract.clone_from(&contract);

        let addresses = Addresses::choose(config.nodes)?;
        let file = config_files::write(&config, &chain_config, &addresses, &relay, &global)?;
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

        tell("starting global, which keeps the counter moving and stores code");
        net.start_global().await?;
        tell(&format!("registering {} nodes with their stake", net.config.nodes));
        for index in 0..net.config.nodes {
            net.register_node(index, &file.nodes[index]).await?;
        }
        tell("starting the nodes and the relay");
        net.start_nodes().await?;
        net.start_relay().await?;
        tell("waiting for the epoch in which the nodes may draw (two after the one they registered in)");
        net.until_nodes_are_active().await?;
        Ok(net)
    }

    /// Starts every daemon that is not running, and waits until each is ready.
    ///
    /// # Errors
    /// A daemon cannot be started or does not become ready.
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

    async fn start_global(&mut self) -> Result<(), LocalnetError> {
        self.global.start()?;
        until_ready(&self.global, self.addresses.global.to_string()).await
    }

    /// Starts the relay and waits until it is ready.
    ///
    /// # Errors
    /// It cannot be started or does not become ready.
    pub async fn start_relay(&mut self) -> Result<(), LocalnetError> {
        self.relay.start()?;
        until_ready(&self.relay, self.addresses.relay.to_string()).await
    }

    async fn start_nodes(&mut self) -> Result<(), LocalnetError> {
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

    /// Kills every node's daemon.
    pub async fn pause_nodes(&mut self) {
        for node in &mut self.nodes {
            node.kill().await;
        }
    }

    /// Starts every node's daemon that is not running.
    ///
    /// # Errors
    /// One cannot be started or does not become ready.
    pub async fn resume_nodes(&mut self) -> Result<(), LocalnetError> {
        self.start_nodes().await
    }

    /// A node's VRF secret, for tests that speak with its key.
    #[must_use]
    pub fn node_secret(&self, index: usize) -> [u8; 32] {
        config_files::vrf_secret_of(index)
    }

    async fn until_nodes_are_active(&self) -> Result<(), LocalnetError> {
        let wanted = u64::try_from(self.config.nodes).unwrap_or(u64::MAX);
        until("the nodes' first epoch", START_LIMIT, || async {
            Ok((self.counter().await?.total_units >= wanted).then_some(()))
        })
        .await?;
        self.check()
    }

    /// Says which daemon has ended by itself, if one has.
    ///
    /// # Errors
    /// One has.
    pub fn check(&self) -> Result<(), LocalnetError> {
        [&self.global, &self.relay].into_iter().chain(&self.nodes).try_for_each(Daemon::check)
    }

    /// Waits until a daemon ends by itself, and says which and how.
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
    /// A daemon did not stop when asked, or had failed.
    pub async fn shutdown(mut self) -> Result<(), LocalnetError> {
        let mut first = Ok(());
        for daemon in [&mut self.relay, &mut self.global].into_iter().chain(&mut self.nodes) {
            first = first.and(daemon.stop().await);
        }
        self.chain.shutdown().await?;
        first
    }

    /// The embedded chain.
    #[must_use]
    pub fn chain(&self) -> &Devchain {
        &self.chain
    }

    /// The nodes' daemons, in order of registration.
    pub fn nodes_mut(&mut self) -> &mut [Daemon] {
        &mut self.nodes
    }

    /// The relay's daemon.
    pub fn relay_mut(&mut self) -> &mut Daemon {
        &mut self.relay
    }

    /// The contract's address.
    #[must_use]
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// The example consumer's address.
    #[must_use]
    pub fn consumer(&self) -> &str {
        &self.consumer
    }

    /// The chain's id.
    #[must_use]
    pub fn chain_id(&self) -> &str {
        CHAIN_ID
    }

    /// The relay's address.
    #[must_use]
    pub fn relay_url(&self) -> String {
        format!("http://{}", self.addresses.relay)
    }

    /// Global's address.
    #[must_use]
    pub fn global_url(&self) -> String {
        format!("http://{}", self.addresses.global)
    }

    /// What reads the chain.
    #[must_use]
    pub fn reader(&self) -> Arc<RpcChain> {
        self.reader.clone()
    }

    /// Typed queries to the contract.
    #[must_use]
    pub fn query(&self) -> GatewayQuery {
        let reader: Arc<dyn ChainReader> = self.reader.clone();
        GatewayQuery::new(reader, self.contract.as_str())
    }

    /// The nodes as the contract knows them.
    ///
    /// # Errors
    /// The query fails.
    pub async fn registered_nodes(&self) -> Result<Vec<NodeResponse>, LocalnetError> {
        let query = gateway_api::QueryMsg::Nodes { start_after: None, limit: None };
        let page: gateway_api::NodesResponse =
            self.query().ask(&query).await.map_err(LocalnetError::chain("asking for the nodes"))?;
        Ok(page.nodes)
    }
}

/// Waits until a daemon says that it is ready.
async fn until_ready(daemon: &Daemon, address: String) -> Result<(), LocalnetError> {
    let url = format!("http://{address}/ready");
    let what = format!("{} to be ready", daemon.name());
    until(&what, START_LIMIT, || async {
        daemon.check()?;
        let ready = reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success());
        Ok(ready.then_some(()))
    })
    .await
}

/// Uploads and instantiates both contracts.
async fn deploy(
    config: &LocalnetConfig,
    chain: &ChainConfig,
    reader: &Arc<RpcChain>,
    developer: &DevAccount,
) -> Result<(String, String), LocalnetError> {
    let deployer = developer.deployer(reader.clone(), chain)?;
    let doing = |what: &str| LocalnetError::chain(what.to_owned());
    let upload = async |wasm: &[u8], name: &str| {
        deployer.store_code(wasm.to_vec()).await.map_err(LocalnetError::chain(format!("uploading {name}")))
    };
    let gateway = upload(include_bytes!("../../../artifacts/gateway.wasm"), "the gateway contract").await?;
    let consumer =
        upload(include_bytes!("../../../artifacts/consumer_example.wasm"), "the example consumer").await?;
    let message = serde_json::to_vec(&InstantiateMsg { admin: None, settings: config.settings() })
        .map_err(|e| LocalnetError::answer("writing the contract's first message", e))?;
    let address = deployer
        .instantiate(gateway.code_id, "gateway", message, Some(developer.address()), &[])
        .await
        .map_err(doing("instantiating the gateway contract"))?
        .address;
    let message = serde_json::json!({ "gateway": address }).to_string().into_bytes();
    let consumer = deployer
        .instantiate(consumer.code_id, "consumer", message, None, &[])
        .await
        .map_err(doing("instantiating the example consumer"))?
        .address;
    Ok((address, consumer))
}
