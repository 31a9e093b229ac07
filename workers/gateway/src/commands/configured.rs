//! The common parts of the daemons' configurations, for commands that work with any of them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use gateway_chain::ChainConfig;
use gateway_daemon_runtime::{SecretSource, SecretUrl};
use gateway_global::GlobalConfig;
use gateway_http::ApiKeyConfig;
use gateway_node::NodeConfig;
use gateway_relay::RelayConfig;

use super::CommandError;
use super::configuration::load;
use crate::arguments::DaemonKind;

/// A configured daemon.
pub(super) struct Configured {
    /// The chain and the contract.
    pub(super) chain: ChainConfig,
    /// The database.
    pub(super) database: SecretUrl,
    /// The key of its account, if it has one.
    pub(super) account: Option<SecretSource>,
    /// Every secret that it names.
    pub(super) secrets: Vec<SecretSource>,
    /// Where it listens.
    pub(super) listens: Vec<SocketAddr>,
    /// Folders that it fills, besides the database's.
    pub(super) folders: Vec<PathBuf>,
    /// The whole configuration, if it is a node's.
    pub(super) node: Option<NodeConfig>,
}

impl Configured {
    /// Reads a configuration.
    ///
    /// # Errors
    /// `ConfigError::File` when the file cannot be read, `ConfigError::Values` when it is not a configuration of this daemon.
    /// Bounds are not checked.
    pub(super) fn read(daemon: DaemonKind, file: &Path) -> Result<Self, CommandError> {
        Ok(match daemon {
            DaemonKind::Relay => load::<RelayConfig>(file)?.into(),
            DaemonKind::Node => load::<NodeConfig>(file)?.into(),
            DaemonKind::Global => load::<GlobalConfig>(file)?.into(),
        })
    }

    /// Returns the folder of the database, if it is a file.
    pub(super) fn database_folder(&self) -> Option<PathBuf> {
        let file = self.database.expose().strip_prefix("sqlite:")?;
        let file = Path::new(file.trim_start_matches("//").split('?').next()?);
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")).to_owned())
    }
}

/// Returns a daemon with an account and an HTTP API.
fn serving(
    (chain, database): (ChainConfig, SecretUrl),
    account: SecretSource,
    api_keys: &[ApiKeyConfig],
    listens: [Option<SocketAddr>; 2],
    folders: Vec<PathBuf>,
) -> Configured {
    let secrets = std::iter::once(&account).chain(api_keys.iter().map(|key| &key.secret)).cloned().collect();
    let listens = listens.into_iter().flatten().collect();
    Configured { chain, database, account: Some(account), secrets, listens, folders, node: None }
}

impl From<RelayConfig> for Configured {
    fn from(config: RelayConfig) -> Self {
        let listens = [Some(config.listen), config.admin_listen];
        serving((config.chain, config.database), config.key, &config.api_keys, listens, Vec::new())
    }
}

impl From<GlobalConfig> for Configured {
    fn from(config: GlobalConfig) -> Self {
        let listens = [Some(config.listen), config.admin_listen];
        let folders = vec![config.code_dir];
        serving((config.chain, config.database), config.key, &config.api_keys, listens, folders)
    }
}

impl From<NodeConfig> for Configured {
    fn from(config: NodeConfig) -> Self {
        let account = config.account.as_ref().map(|account| account.key.clone());
        let mut secrets = vec![config.key.clone()];
        secrets.extend(account.clone());
        secrets.extend(config.secrets.iter().map(|secret| secret.value.clone()));
        Self {
            chain: config.chain.clone(),
            database: config.database.clone(),
            account,
            secrets,
            listens: config.listen.into_iter().collect(),
            folders: vec![config.code.cache.clone()],
            node: Some(config),
        }
    }
}
