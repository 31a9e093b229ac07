//! A real chain with one validator: wasmd, initialised in its own folder and run as a child process on free ports.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::{CHAIN_ID, DENOM};
use crate::network::START_LIMIT;
use crate::wait::until;
use crate::{Daemon, LocalnetError, ports};

/// The validator's coins, and its stake.
const VALIDATOR_COINS: &str = "1000000000000000000000000aarch";
const VALIDATOR_STAKE: &str = "1000000000aarch";

/// The configuration of a wasmd.
#[derive(Clone, Debug)]
pub struct WasmdConfig {
    /// The binary.
    pub program: PathBuf,
    /// Its folder; created if missing.
    pub home: PathBuf,
    /// The time from a commit to the next block's proposal; a block takes some ten milliseconds more.
    pub block_time: Duration,
    /// Address and coins of each genesis account.
    pub accounts: Vec<(String, u128)>,
    /// Further denoms, of which each of those accounts has the same amount; each sorts after the chain's own.
    pub other_denoms: Vec<String>,
    /// Gas limit of a block.
    pub max_block_gas: u64,
    /// The node's minimum gas price, such as `2aarch`.
    pub min_gas_price: String,
    /// Values of `config.toml` to change, by table and key.
    pub settings: Vec<(&'static str, &'static str, toml::Value)>,
    /// Further arguments of `start`.
    pub arguments: Vec<String>,
    /// Further genesis accounts, as its `auth` module has them; coins come from `accounts`.
    pub auth_accounts: Vec<Value>,
}

impl WasmdConfig {
    /// Returns the defaults: blocks of 300 ms, Archway's gas limit per block, no fees.
    #[must_use]
    pub fn new(program: PathBuf, home: PathBuf) -> Self {
        Self {
            program,
            home,
            block_time: Duration::from_millis(300),
            accounts: Vec::new(),
            other_denoms: Vec::new(),
            max_block_gas: 300_000_000,
            min_gas_price: format!("0{DENOM}"),
            settings: Vec::new(),
            arguments: Vec::new(),
            auth_accounts: Vec::new(),
        }
    }
}

/// A running wasmd. Killed on drop.
#[derive(Debug)]
pub struct Wasmd {
    daemon: Daemon,
    rpc: String,
}

impl Wasmd {
    /// Initialises the chain and starts it; returns when it has its first block.
    ///
    /// # Errors
    /// [`LocalnetError::Start`] if the binary cannot be run, [`LocalnetError::Answer`] if it refuses, and
    /// [`LocalnetError::TimedOut`] if no block comes within two minutes.
    pub async fn start(config: WasmdConfig) -> Result<Self, LocalnetError> {
        let home = config.home.as_path();
        let temporary = home.join("tmp");
        std::fs::create_dir_all(&temporary).map_err(LocalnetError::file(&temporary))?;
        initialise(&config).await?;
        write_genesis(&config)?;
        write_settings(&config)?;
        let [rpc, p2p, grpc] = ports::free(3)?[..] else {
            return Err(LocalnetError::answer("looking for free ports", "there are too few"));
        };
        let (rpc_address, p2p_address) = (format!("tcp://{rpc}"), format!("tcp://{p2p}"));
        let mut arguments = with_home(home, &["start"]);
        arguments.extend(
            ["--rpc.laddr", &rpc_address, "--p2p.laddr", &p2p_address, "--log_level", "warn"]
                .map(str::to_owned),
        );
        arguments.extend(["--minimum-gas-prices".to_owned(), config.min_gas_price.clone()]);
        arguments
            .extend(["--grpc-web.enable=false", "--api.enable=false", "--grpc.address"].map(str::to_owned));
        // Without gRPC and the API a node does not support Simulate, not even over the RPC (server/start.go of the SDK).
        arguments.push(grpc.to_string());
        arguments.extend(config.arguments.iter().cloned());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut daemon = Daemon::new("wasmd", &config.program, &arguments, home);
        daemon.set_environment("TMPDIR", &temporary);
        daemon.start()?;
        let chain = Self { daemon, rpc: format!("http://{rpc}") };
        chain.until_above(0).await?;
        Ok(chain)
    }

    /// Waits until it has a block above this height, and returns that block's.
    async fn until_above(&self, height: u64) -> Result<u64, LocalnetError> {
        let url = format!("{}/status", self.rpc);
        until(&format!("wasmd's first block above {height}"), START_LIMIT, || async {
            self.check()?;
            let Ok(answer) = reqwest::get(&url).await else { return Ok(None) };
            let status: Value = answer.json().await.unwrap_or(Value::Null);
            let latest = status.pointer("/result/sync_info/latest_block_height").and_then(Value::as_str);
            Ok(latest.and_then(|latest| latest.parse().ok()).filter(|latest| *latest > height))
        })
        .await
    }

    /// Kills it as a power cut would.
    pub(crate) async fn kill(&mut self) {
        self.daemon.kill().await;
    }

    /// Restarts it from where it was, at its old address; returns when it has made a block. Until then it may answer `/status`
    /// and fail queries.
    pub(crate) async fn start_again(&mut self) -> Result<(), LocalnetError> {
        self.daemon.start()?;
        let stored = self.until_above(0).await?;
        self.until_above(stored).await.map(drop)
    }

    /// Returns the Tendermint RPC's address.
    #[must_use]
    pub fn rpc_url(&self) -> String {
        self.rpc.clone()
    }

    /// Returns the process id while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.daemon.pid()
    }

    pub(crate) fn check(&self) -> Result<(), LocalnetError> {
        self.daemon.check()
    }

    /// Ends it. Its state is deleted with its folder, so a graceful stop is unnecessary.
    pub async fn stop(mut self) {
        self.daemon.kill().await;
    }
}

fn with_home(home: &Path, arguments: &[&str]) -> Vec<String> {
    let home = home.to_string_lossy().into_owned();
    arguments.iter().map(|&a| a.to_owned()).chain(["--home".to_owned(), home]).collect()
}

/// Creates keys, genesis and the validator with the binary's own commands.
async fn initialise(config: &WasmdConfig) -> Result<(), LocalnetError> {
    let keyring = ["--keyring-backend", "test"];
    let steps: [&[&str]; 5] = [
        &["init", "validator", "--chain-id", CHAIN_ID, "--default-denom", DENOM],
        &["keys", "add", "validator", keyring[0], keyring[1]],
        &["genesis", "add-genesis-account", "validator", VALIDATOR_COINS, keyring[0], keyring[1]],
        &["genesis", "gentx", "validator", VALIDATOR_STAKE, "--chain-id", CHAIN_ID, keyring[0], keyring[1]],
        &["genesis", "collect-gentxs"],
    ];
    for step in steps {
        let output = tokio::process::Command::new(&config.program)
            .args(with_home(&config.home, step))
            .env("TMPDIR", config.home.join("tmp"))
            .output()
            .await
            .map_err(|source| LocalnetError::Start { name: config.program.display().to_string(), source })?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            return Err(LocalnetError::answer(format!("wasmd {}", step.join(" ")), why));
        }
    }
    Ok(())
}

/// Sets the accounts' coins and the blocks' limit in the genesis.
fn write_genesis(config: &WasmdConfig) -> Result<(), LocalnetError> {
    let path = config.home.join("config/genesis.json");
    let text = std::fs::read(&path).map_err(LocalnetError::file(&path))?;
    let mut genesis: Value =
        serde_json::from_slice(&text).map_err(|e| LocalnetError::answer("reading wasmd's genesis", e))?;
    set(&mut genesis, "/consensus/params/block/max_gas", json!(config.max_block_gas.to_string()))?;
    // If left empty, it is the sum of all balances.
    set(&mut genesis, "/app_state/bank/supply", json!([]))?;
    let listed = |account: &Value, address: &str| {
        account.pointer("/base_vesting_account/base_account/address").and_then(Value::as_str) == Some(address)
    };
    let plain = config.accounts.iter().filter(|(a, _)| !config.auth_accounts.iter().any(|v| listed(v, a)));
    let plain = plain.map(|(address, _)| {
        json!({
            "@type": "/cosmos.auth.v1beta1.BaseAccount",
            "address": address, "pub_key": null, "account_number": "0", "sequence": "0",
        })
    });
    let accounts: Vec<Value> = plain.chain(config.auth_accounts.iter().cloned()).collect();
    extend(&mut genesis, "/app_state/auth/accounts", accounts)?;
    let balances = config.accounts.iter().map(|(address, amount)| {
        let denoms = std::iter::once(DENOM).chain(config.other_denoms.iter().map(String::as_str));
        let coins = denoms.map(|denom| json!({ "denom": denom, "amount": amount.to_string() }));
        json!({ "address": address, "coins": coins.collect::<Vec<_>>() })
    });
    extend(&mut genesis, "/app_state/bank/balances", balances.collect())?;
    std::fs::write(&path, genesis.to_string()).map_err(LocalnetError::file(&path))
}

fn missing(pointer: &str) -> LocalnetError {
    LocalnetError::answer("reading wasmd's genesis", format!("it has no {pointer}"))
}

fn set(genesis: &mut Value, pointer: &str, value: Value) -> Result<(), LocalnetError> {
    *genesis.pointer_mut(pointer).ok_or_else(|| missing(pointer))? = value;
    Ok(())
}

fn extend(genesis: &mut Value, pointer: &str, values: Vec<Value>) -> Result<(), LocalnetError> {
    let list = genesis.pointer_mut(pointer).and_then(Value::as_array_mut);
    list.ok_or_else(|| missing(pointer))?.extend(values);
    Ok(())
}

/// Sets the block time and further requested values in `config.toml`.
fn write_settings(config: &WasmdConfig) -> Result<(), LocalnetError> {
    let path = config.home.join("config/config.toml");
    let text = std::fs::read_to_string(&path).map_err(LocalnetError::file(&path))?;
    let mut settings: toml::Table =
        toml::from_str(&text).map_err(|e| LocalnetError::answer("reading wasmd's config.toml", e))?;
    let milliseconds = |time: Duration| toml::Value::String(format!("{}ms", time.as_millis()));
    let pace = [
        ("consensus", "timeout_commit", milliseconds(config.block_time)),
        ("consensus", "timeout_propose", milliseconds(Duration::from_secs(1))),
        ("rpc", "pprof_laddr", toml::Value::String(String::new())),
    ];
    for (table, key, value) in pace.into_iter().chain(config.settings.iter().cloned()) {
        let table = settings.get_mut(table).and_then(toml::Value::as_table_mut);
        let table = table.ok_or_else(|| LocalnetError::answer("changing wasmd's config.toml", key))?;
        table.insert(key.to_owned(), value);
    }
    let text =
        toml::to_string(&settings).map_err(|e| LocalnetError::answer("writing wasmd's config.toml", e))?;
    std::fs::write(&path, text).map_err(LocalnetError::file(&path))
}
