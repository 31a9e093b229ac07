//! Configuration of a node. Holds no secret: keys are referenced by where they are kept.

use std::net::SocketAddr;
use std::path::PathBuf;

use gateway_api::NodeId;
use gateway_chain::{ChainConfig, OutboxConfig, Signer};
use gateway_daemon_runtime::{SecretSource, SecretUrl, check_bounds, documented};
use gateway_engine::{CodeLoaderConfig, EngineConfig, SandboxMode, Secret, WorkerCommand};
use gateway_store::Store;
use serde::{Deserialize, Serialize};

use crate::NodeError;
use crate::vrf_key::VrfKey;

documented! {
    /// Configuration of a node. `chain`, `key`, `relays`, `database` and `code.cache` have no default on purpose.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct NodeConfig {
        /// The chain and the contract.
        pub chain: ChainConfig,
        /// The key that draws (VRF), 64 hexadecimal digits: made by `gateway key vrf`. Two nodes must never share one.
        /// Other places for a key: an encrypted file, a keyring, a variable, a signer (docs/operating.md, "Keys").
        pub key: SecretSource,
        /// The node's id, if it is to be checked; else it is found by the key.
        #[serde(default)]
        pub node: Option<NodeId>,
        /// Base URLs of the relays that attestations are sent to, 1 to 16; one that answers is enough.
        pub relays: Vec<String>,
        /// An account of the node's own: where no relay takes what the node attests, it sends it to the contract itself and pays for the
        /// transaction. Made by `gateway key account`, funded, and used by nothing else. Without it the node depends on relays.
        #[serde(default)]
        pub account: Option<AccountSettings>,
        /// The database: sqlite:path or postgres://user:password@host/name.
        #[serde(skip_serializing)]
        pub database: SecretUrl,
        /// Where code is looked for and kept.
        pub code: CodeSettings,
        /// The VM.
        #[serde(default)]
        pub engine: EngineSettings,
        /// Secrets that this node writes into the requests of projects, which never see them. At most 1024.
        #[serde(default)]
        pub secrets: Vec<SecretSettings>,
        /// Address for `/health`, `/ready` and `/metrics`; none where absent.
        #[serde(default)]
        pub listen: Option<SocketAddr>,
        /// Blocks between two comparisons with the contract's open requests, at least 1. Default 50.
        #[serde(default = "defaults::reconcile_blocks")]
        pub reconcile_blocks: u64,
        /// Blocks below the newest for which finished jobs are kept; 0 keeps everything. Default 500000.
        #[serde(default = "defaults::retention_blocks")]
        pub retention_blocks: u64,
        /// Blocks for which a node that draws already only watches where its database is new or restored, whether another process attests
        /// with its key; 0 for none. Default 50.
        #[serde(default = "defaults::watch_blocks")]
        pub watch_blocks: u64,
        /// Blocks without a result, counted from when an attestation was due, after which an attestation that a relay accepted is
        /// resent: to every relay, and to the contract where there is an account. 1 to 100000. Default 20.
        #[serde(default = "defaults::overdue_blocks")]
        pub overdue_blocks: u64,
    }
}

documented! {
    /// A secret of a project, such as its key for an API.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct SecretSettings {
        /// The project that may use it.
        pub project: u64,
        /// The name by which its code asks for it: `{{secret:NAME}}`.
        pub name: String,
        /// The only host it is sent to.
        pub host: String,
        /// Where the value is kept.
        pub value: SecretSource,
    }
}

documented! {
    /// An account of the node's own. No other daemon may use it: its transactions are numbered.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct AccountSettings {
        /// Where its key is kept: a mnemonic or 64 hexadecimal digits.
        pub key: SecretSource,
        /// Blocks for which no relay accepts an attestation before the node submits it to the contract, 1 to 1000. Default 3.
        #[serde(default = "defaults::after_blocks")]
        pub after_blocks: u64,
        /// How transactions are batched and retried.
        #[serde(default)]
        pub outbox: OutboxConfig,
    }
}

documented! {
    /// Where code is looked for and kept.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct CodeSettings {
        /// Directory of the cache.
        pub cache: PathBuf,
        /// Bytes the cache may take. Default 256 MiB.
        #[serde(default = "defaults::cache_bytes")]
        pub cache_bytes: u64,
        /// Base URLs of code stores, tried in order.
        #[serde(default)]
        pub stores: Vec<String>,
        /// Base URLs of trustless IPFS gateways, tried in order; the engine's own list where absent.
        #[serde(default)]
        pub ipfs_gateways: Option<Vec<String>>,
        /// Take code over plain HTTP from this machine: right where global runs beside the node, for development otherwise. Default no.
        #[serde(default)]
        pub allow_http_loopback: bool,
    }
}

documented! {
    /// The VM.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct EngineSettings {
        /// Runs at the same time, 1 to 256; below 4, one of a second project may run beside them. Default 2.
        pub workers: usize,
        /// What to do where the machine lacks a layer of the sandbox. Default `strict`.
        pub sandbox: SandboxMode,
        /// Whether code may run in the profile `jit`. Off, no executable memory is made on this machine, and the node
        /// abstains from requests of projects that ask for it. Default on.
        pub jit: bool,
        /// Memory that idle warm workers may take together, MiB, 64 to 65536. Default 1024.
        pub warm_mib: u32,
        /// Executables of other releases, at most 3: a request is attested with the engine that its epoch requires, and the
        /// node runs it with the executable that has that engine. Default none.
        pub others: Vec<PathBuf>,
        /// Whether code may call this machine, and over plain HTTP: for development only. Default no.
        pub allow_http_loopback: bool,
    }
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            workers: 2,
            sandbox: SandboxMode::default(),
            jit: true,
            warm_mib: 1_024,
            others: Vec::new(),
            allow_http_loopback: false,
        }
    }
}

mod defaults {
    pub(super) const fn reconcile_blocks() -> u64 {
        50
    }
    pub(super) const fn retention_blocks() -> u64 {
        500_000
    }
    pub(super) const fn watch_blocks() -> u64 {
        50
    }
    pub(super) const fn overdue_blocks() -> u64 {
        20
    }
    pub(super) const fn after_blocks() -> u64 {
        3
    }
    pub(super) const fn cache_bytes() -> u64 {
        256 << 20
    }
}

impl NodeConfig {
    /// Checks every field against its bound.
    ///
    /// # Errors
    /// [`NodeError::Config`] naming the first field that is wrong, or the chain's own error.
    pub fn validate(&self) -> Result<(), NodeError> {
        self.chain.validate()?;
        if let Some(account) = &self.account {
            account.outbox.validate()?;
        }
        let after = self.account.as_ref().map(|account| account.after_blocks);
        let web = |url: &String| url.starts_with("http://") || url.starts_with("https://");
        let plain = |url: &String| url.starts_with("http://");
        check_bounds([
            ((1..=16).contains(&self.relays.len()), "relays", "1 to 16 base URLs"),
            (self.relays.iter().all(web), "relays", "URLs that begin with http:// or https://"),
            (self.code.stores.iter().all(web), "code.stores", "URLs that begin with http:// or https://"),
            (
                self.code.allow_http_loopback || !self.code.stores.iter().any(plain),
                "code.stores",
                "https:// URLs; or http:// ones of this machine, with code.allow_http_loopback = true",
            ),
            ((1..=256).contains(&self.engine.workers), "engine.workers", "1 to 256"),
            ((64..=65_536).contains(&self.engine.warm_mib), "engine.warm_mib", "64 to 65536"),
            (self.engine.others.len() <= 3, "engine.others", "at most 3 executables"),
            (
                self.engine.others.iter().all(|program| program.is_absolute()),
                "engine.others",
                "absolute paths of executables",
            ),
            (after.is_none_or(|n| (1..=1000).contains(&n)), "account.after_blocks", "1 to 1000"),
            (self.secrets.len() <= 1024, "secrets", "at most 1024"),
            (self.watch_blocks <= 100_000, "watch_blocks", "at most 100000"),
            (self.reconcile_blocks > 0, "reconcile_blocks", "at least 1"),
            ((1..=100_000).contains(&self.overdue_blocks), "overdue_blocks", "1 to 100000"),
        ])?;
        Ok(())
    }

    /// Checks that what the configuration refers to exists here: keys that can be read, and the database's folder.
    ///
    /// # Errors
    /// For the first thing that is missing or unusable: [`NodeError::Store`] for the database; [`NodeError::Secret`],
    /// [`NodeError::KeyFormat`], [`NodeError::Key`] or [`NodeError::Signer`] for the VRF key; [`NodeError::Chain`] for the
    /// account's key.
    pub fn preflight(&self) -> Result<(), NodeError> {
        Store::check_address(self.database.expose())?;
        VrfKey::load(&self.key)?;
        if let Some(account) = &self.account {
            Signer::load(&account.key, &self.chain.prefix)?;
        }
        Ok(())
    }

    /// Returns the code loader's configuration.
    pub(crate) fn loader(&self) -> CodeLoaderConfig {
        let mut config = CodeLoaderConfig::new(&self.code.cache);
        config.cache_bytes = self.code.cache_bytes;
        config.stores = self.code.stores.clone();
        if let Some(gateways) = &self.code.ipfs_gateways {
            config.ipfs_gateways = gateways.clone();
        }
        config.allow_http_loopback = self.code.allow_http_loopback;
        config
    }

    /// Returns the engine's configuration.
    ///
    /// # Errors
    /// [`NodeError::Secret`] naming the source of a secret that cannot be read.
    pub(crate) fn vm(&self, worker: WorkerCommand) -> Result<EngineConfig, NodeError> {
        let mut config = EngineConfig::new(worker);
        config.workers = self.engine.workers;
        config.sandbox = self.engine.sandbox;
        config.jit = self.engine.jit;
        config.fetch.allow_http_loopback = self.engine.allow_http_loopback;
        config.warm_memory = u64::from(self.engine.warm_mib) << 20;
        // Every job that the node starts may have to wait for its turn.
        config.queue =
            config.queue.max(self.engine.workers.saturating_mul(crate::job_runner::STARTED_PER_WORKER));
        for SecretSettings { project, name, host, value } in &self.secrets {
            config.fetch.secrets.push(Secret::new(*project, name, host, value.load()?.expose()));
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn minimal() -> Value {
        json!({
            "chain": {
                "rpc": "http://127.0.0.1:26657", "chain_id": "dev-1",
                "contract": "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u",
            },
            "key": { "file": "node.key" },
            "relays": ["http://127.0.0.1:8080"],
            "database": "sqlite:node.db",
            "code": { "cache": "code" },
        })
    }

    #[test]
    fn the_minimum_is_enough_and_each_part_of_it_is_needed() {
        let config: NodeConfig = serde_json::from_value(minimal()).unwrap();
        config.validate().unwrap();
        assert_eq!(config.engine, EngineSettings::default());
        assert!(config.account.is_none());
        let mut more = minimal();
        more["account"] = json!({ "key": { "file": "account.key" } });
        let config: NodeConfig = serde_json::from_value(more).unwrap();
        config.validate().unwrap();
        assert_eq!(config.account.unwrap().after_blocks, 3);
        for field in ["chain", "key", "relays", "database", "code"] {
            let mut less = minimal();
            less.as_object_mut().unwrap().remove(field);
            let error = serde_json::from_value::<NodeConfig>(less).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }

    #[test]
    fn secrets_are_read_for_the_engine_and_a_missing_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        std::fs::write(&file, "hunter2\n").unwrap();
        let mut more = minimal();
        more["secrets"] =
            json!([{ "project": 7, "name": "KEY", "host": "api.example.com", "value": { "file": file } }]);
        let config: NodeConfig = serde_json::from_value(more).unwrap();
        let worker = WorkerCommand { program: "worker".into(), args: Vec::new() };
        let secrets = config.vm(worker.clone()).unwrap().fetch.secrets;
        assert_eq!(format!("{secrets:?}"), "[Secret(KEY of project 7 for api.example.com)]");
        std::fs::remove_file(&file).unwrap();
        let error = config.vm(worker).unwrap_err().to_string();
        assert!(error.contains("key") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn unknown_fields_and_values_out_of_bounds_are_named() {
        let mut more = minimal();
        more["relay"] = json!("x");
        assert!(serde_json::from_value::<NodeConfig>(more).unwrap_err().to_string().contains("relay"));
        for (pointer, value, field) in [
            ("/relays", json!([]), "relays"),
            ("/relays", json!(["ftp://x"]), "relays"),
            ("/code/stores", json!(["x"]), "code.stores"),
            ("/code/stores", json!(["http://127.0.0.1:7200"]), "allow_http_loopback"),
            ("/engine", json!({ "workers": 0 }), "engine.workers"),
            ("/engine", json!({ "others": ["gateway-0.2.0"] }), "engine.others"),
            ("/engine", json!({ "others": ["/a", "/b", "/c", "/d"] }), "engine.others"),
            ("/reconcile_blocks", json!(0), "reconcile_blocks"),
            ("/watch_blocks", json!(100_001), "watch_blocks"),
            ("/overdue_blocks", json!(0), "overdue_blocks"),
            ("/overdue_blocks", json!(100_001), "overdue_blocks"),
            ("/account", json!({ "key": { "file": "a" }, "after_blocks": 0 }), "account.after_blocks"),
            ("/account", json!({ "key": { "file": "a" }, "after_blocks": 1001 }), "account.after_blocks"),
            ("/account", json!({ "key": { "file": "a" }, "outbox": { "max_items": 0 } }), "outbox.max_items"),
            ("/chain/rpc", json!("x"), "chain.rpc"),
        ] {
            let mut wrong = minimal();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            wrong.pointer_mut(parent).unwrap()[key] = value;
            let error = serde_json::from_value::<NodeConfig>(wrong).unwrap().validate().unwrap_err();
            assert!(error.to_string().contains(field), "{error} must name {field}");
        }
    }
}
