//! Configuration of a relay: its chain, its key, its database, and its callers.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use gateway_api::limits;
use gateway_chain::{ChainConfig, OutboxConfig};
use gateway_daemon_runtime::{SecretSource, SecretUrl, check_bounds, documented};
use gateway_http::{ApiKeyConfig, HttpConfig};
use gateway_service::AccountConfig;
use serde::{Deserialize, Serialize};

use crate::error::RelayError;

documented! {
    /// Configuration of a relay. The chain, the key and the database have no defaults.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct RelayConfig {
        /// Address the HTTP service listens on. Default `127.0.0.1:7100`.
        #[serde(default = "listen")]
        pub listen: SocketAddr,
        /// Address of `/health`, `/ready` and `/metrics`. Default: the HTTP service answers them too.
        #[serde(default)]
        pub admin_listen: Option<SocketAddr>,
        /// The database: sqlite:path or postgres://user:password@host/name.
        #[serde(skip_serializing)]
        pub database: SecretUrl,
        /// Whether the relay waits, ready to take over, while another one with the same key has the database, which must be
        /// PostgreSQL's then. Default no: it ends.
        #[serde(default)]
        pub standby: bool,
        /// The key of the account that pays for publishing: a mnemonic or 64 hexadecimal digits (`gateway key account`).
        /// Other places for a key: an encrypted file, a keyring, a variable, a signer (docs/operating.md, "Keys").
        pub key: SecretSource,
        /// The chain and the contract.
        pub chain: ChainConfig,
        /// How transactions are batched and retried.
        #[serde(default)]
        pub outbox: OutboxConfig,
        /// How results are batched.
        #[serde(default)]
        pub publish: PublishConfig,
        /// Bounds of the HTTP service.
        #[serde(default)]
        pub http: HttpConfig,
        /// Who may have requests paid by the relay; callers send the secret as `Authorization: Bearer …`.
        #[serde(default)]
        pub api_keys: Vec<ApiKeyConfig>,
        /// Highest fee of one sponsored request, in the chain's smallest unit. Default 5000000000000000000 (5 ARCH).
        #[serde(default = "max_fee")]
        pub max_fee: u64,
        /// Most that the holder of an API key may spend a day (UTC), by the key's name, in the chain's smallest unit as a text of digits.
        /// Fees count as they are sent, before what is not used returns. Default: no bound.
        #[serde(default)]
        pub daily_spend: BTreeMap<String, String>,
        /// Whether signed transactions to the contract are handed on to the chain (`POST /v1/transactions`). Default yes.
        #[serde(default = "yes")]
        pub broadcast_transactions: bool,
        /// Blocks below the newest for which rows of ended requests and events are kept; 0 keeps everything. Default 500000.
        #[serde(default = "retention_blocks")]
        pub retention_blocks: u64,
        /// Blocks between two comparisons of the mirror with the contract, at least 1. Default 50.
        #[serde(default = "reconcile_blocks")]
        pub reconcile_blocks: u64,
        /// Whether the explorer's page is served at `/`, where everybody can verify results in a browser. Default false.
        #[serde(default)]
        pub ui: bool,
        /// The chain's RPC as the page's readers reach it. Default: the relay's own, the first where it has several; set this where
        /// that address carries a key.
        #[serde(default)]
        pub ui_rpc: Option<String>,
        /// Global's address as the page's readers reach it, for the code of its store. Default: none.
        #[serde(default)]
        pub ui_global: Option<String>,
    }
}

documented! {
    /// How results are batched into messages.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    pub struct PublishConfig {
        /// Most results in one message, 1 to 256. Default 40.
        pub max_results: usize,
        /// Most attestations in one message, at least 512 (those of one result). Default 600.
        pub max_attestations: usize,
        /// Most bytes of one message, at least 131072 (one large result). Default 262144.
        pub max_bytes: usize,
    }
}

impl Default for PublishConfig {
    fn default() -> Self {
        Self { max_results: 40, max_attestations: 600, max_bytes: 256 << 10 }
    }
}

fn listen() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 7100))
}

fn yes() -> bool {
    true
}

fn max_fee() -> u64 {
    5_000_000_000_000_000_000
}

fn retention_blocks() -> u64 {
    500_000
}

fn reconcile_blocks() -> u64 {
    50
}

impl RelayConfig {
    /// Returns the explorer's addresses, if its page is served.
    pub(crate) fn explorer(&self) -> Option<gateway_explorer::ExplorerConfig> {
        self.ui.then(|| gateway_explorer::ExplorerConfig {
            rpc: self.ui_rpc.as_deref().or(self.chain.rpc.preferred()).unwrap_or_default().to_owned(),
            contract: self.chain.contract.clone(),
            relay: Some(String::new()),
            global: self.ui_global.clone(),
            connect: Vec::new(),
        })
    }

    /// Returns the configuration that the account and the database need.
    pub(crate) fn account(&self) -> AccountConfig<'_> {
        let Self { database, standby, key, chain, outbox, api_keys, .. } = self;
        AccountConfig { database, standby: *standby, key, chain, outbox, api_keys }
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// [`RelayError::Config`]: the first field outside its bound, with the bound.
    pub fn validate(&self) -> Result<(), RelayError> {
        self.chain.validate()?;
        self.outbox.validate()?;
        self.http.validate()?;
        let PublishConfig { max_results, max_attestations, max_bytes } = self.publish;
        check_bounds([
            ((1..=limits::MAX_PUBLICATIONS).contains(&max_results), "publish.max_results", "1 to 256"),
            (max_attestations >= limits::MAX_ATTESTATIONS, "publish.max_attestations", "at least 512"),
            (max_bytes >= 128 << 10, "publish.max_bytes", "at least 131072 bytes"),
            (self.reconcile_blocks > 0, "reconcile_blocks", "at least 1 block"),
            (
                !self.standby || !self.database.expose().starts_with("sqlite"),
                "standby",
                "a database that two machines reach: set database to postgres://…, or take standby away",
            ),
            (
                self.daily_spend.values().all(|most| most.parse::<u128>().is_ok()),
                "daily_spend",
                "texts of digits, for example \"5000000000000000000\"",
            ),
            (
                self.daily_spend.keys().all(|name| self.api_keys.iter().any(|key| key.name == *name)),
                "daily_spend",
                "names of api_keys",
            ),
        ])?;
        Ok(())
    }

    /// Checks that what the configuration refers to exists here: keys that can be read, and the database's folder.
    ///
    /// # Errors
    /// For the first thing that is missing or unusable: [`RelayError::Store`] for the database, [`RelayError::Chain`] for the
    /// account's key, [`RelayError::ApiKey`] for an API key.
    pub fn preflight(&self) -> Result<(), RelayError> {
        self.account().preflight()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

    fn load(extra: &str) -> Result<RelayConfig, String> {
        let text = format!(
            "database = 'postgres://user:hunter2@localhost/relay'\nkey = {{ env = 'KEY' }}\n{extra}\n[chain]\n\
             rpc = 'http://127.0.0.1:1'\nchain_id = 'dev-1'\ncontract = '{CONTRACT}'\n"
        );
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("relay.toml");
        std::fs::write(&path, text).unwrap();
        let config: RelayConfig = gateway_daemon_runtime::config::Loader::new()
            .file(&path)
            .unwrap()
            .load()
            .map_err(|e| e.to_string())?;
        config.validate().map_err(|e| e.to_string())?;
        Ok(config)
    }

    #[test]
    fn defaults_are_valid_and_secrets_do_not_print() {
        let config = load("").unwrap();
        assert_eq!(config.listen.port(), 7100);
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn unknown_keys_and_bounds_are_named() {
        assert!(load("reconcile = 3").unwrap_err().contains("reconcile"));
        assert_eq!(load("reconcile_blocks = 0").unwrap_err(), "reconcile_blocks takes at least 1 block");
        assert!(load("publish = { max_results = 300 }").unwrap_err().contains("1 to 256"));
    }

    #[test]
    fn a_standby_needs_a_database_that_another_machine_reaches() {
        let mut config = load("standby = true").unwrap();
        assert!(config.account().standby);
        config.database = SecretUrl::parse("sqlite:relay.db".to_owned()).unwrap();
        let error = config.validate().unwrap_err().to_string();
        assert!(error.contains("standby") && error.contains("postgres://"), "{error}");
    }
}
