//! Configuration of global: its chain, its key, its database, and where code is kept.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use gateway_chain::{ChainConfig, OutboxConfig};
use gateway_daemon_runtime::{SecretSource, SecretUrl, check_bounds, documented};
use gateway_http::{ApiKeyConfig, HttpConfig};
use gateway_service::AccountConfig;
use serde::{Deserialize, Serialize};

use crate::code_store::CodeStore;
use crate::error::GlobalError;

documented! {
    /// Configuration of global. The chain, the key, the database and the code folder have no defaults.
    #[derive(Clone, Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct GlobalConfig {
        /// Address the HTTP service listens on. Default `127.0.0.1:7200`.
        #[serde(default = "listen")]
        pub listen: SocketAddr,
        /// Address of `/health`, `/ready` and `/metrics`. Default: the HTTP service answers them too.
        #[serde(default)]
        pub admin_listen: Option<SocketAddr>,
        /// The database: sqlite:path or postgres://user:password@host/name. Not one that another daemon uses.
        #[serde(skip_serializing)]
        pub database: SecretUrl,
        /// The key of the account that pays for the keeper: a mnemonic or 64 hexadecimal digits (`gateway key account`).
        /// Other places for a key: an encrypted file, a keyring, a variable, a signer (docs/operating.md, "Keys").
        pub key: SecretSource,
        /// The chain and the contract.
        pub chain: ChainConfig,
        /// Folder of the code store; made where it does not exist.
        pub code_dir: PathBuf,
        /// How transactions are batched and retried.
        #[serde(default)]
        pub outbox: OutboxConfig,
        /// Bounds of the HTTP service.
        #[serde(default)]
        pub http: HttpConfig,
        /// Who may store code; callers send the secret as `Authorization: Bearer …`. Anybody may read it who knows its hash.
        #[serde(default)]
        pub api_keys: Vec<ApiKeyConfig>,
        /// Most overdue requests ended by one message, 1 to 100. Default 30.
        #[serde(default = "expire_limit")]
        pub expire_limit: u32,
    }
}

fn listen() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 7200))
}

fn expire_limit() -> u32 {
    30
}

impl GlobalConfig {
    /// Returns the configuration that the account and the database need.
    pub(crate) fn account(&self) -> AccountConfig<'_> {
        let Self { database, key, chain, outbox, api_keys, .. } = self;
        AccountConfig { database, standby: false, key, chain, outbox, api_keys }
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// [`GlobalError::Config`]: the first field outside its bound, with the bound.
    pub fn validate(&self) -> Result<(), GlobalError> {
        self.chain.validate()?;
        self.outbox.validate()?;
        self.http.validate()?;
        check_bounds([((1..=100).contains(&self.expire_limit), "expire_limit", "1 to 100")])?;
        Ok(())
    }

    /// Checks that what the configuration refers to exists here: keys that can be read, the database's folder, a code folder.
    ///
    /// # Errors
    /// For the first thing that is missing or unusable: [`GlobalError::Store`] for the database, [`GlobalError::Chain`] for the
    /// account's key, [`GlobalError::ApiKey`] for an API key, [`GlobalError::Own`] for the code folder.
    pub fn preflight(&self) -> Result<(), GlobalError> {
        self.account().preflight()?;
        CodeStore::open(&self.code_dir).map_err(GlobalError::Own)?;
        Ok(())
    }
}
