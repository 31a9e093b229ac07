//! Resolves the network and the signing key of a command: built-in networks, the user's `gateway/config.toml`, the project's
//! `gateway.toml`, then the command line; later ones win.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gateway_chain::tx::GasPrice;
use gateway_chain::{ChainConfig, PriceSetting};
use gateway_daemon_runtime::SecretSource;
use gateway_daemon_runtime::config::Loader;
use serde::Deserialize;

use crate::arguments::ChainOptions;
use crate::commands::{CommandError, project_file};

/// The built-in networks.
const BUILT_IN: &str = include_str!("networks.toml");
/// The network used if none is named.
const DEFAULT: &str = "devchain";

/// A network and the account that signs on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::commands) struct Network {
    /// Its name; set after reading.
    #[serde(skip)]
    pub(in crate::commands) name: String,
    /// Tendermint RPC.
    pub(super) rpc: String,
    /// The chain's id.
    pub(super) chain_id: String,
    /// The gateway contract; empty if there is none yet.
    pub(super) contract: String,
    /// Denomination of fees.
    pub(super) denom: String,
    /// Price of one gas unit.
    pub(super) gas_price: GasPrice,
    /// Prefix of addresses.
    #[serde(default = "archway")]
    pub(super) prefix: String,
    /// The signing key; needed for sending, not for queries.
    #[serde(default)]
    pub(super) key: Option<SecretSource>,
    /// Name of the key in archwayd's keyring, for printed commands.
    #[serde(default = "my_key")]
    pub(super) key_name: String,
    /// The keyring's backend, for printed commands.
    #[serde(default = "os_keyring")]
    pub(super) keyring_backend: String,
    /// Base address of a relay that is queried about requests.
    #[serde(default)]
    pub(super) relay: Option<String>,
    /// Base address of a code store (global).
    #[serde(default)]
    pub(super) store: Option<String>,
    /// The key for the store's HTTP API.
    #[serde(default)]
    pub(super) store_key: Option<SecretSource>,
}

fn archway() -> String {
    "archway".to_owned()
}

fn my_key() -> String {
    "my-key".to_owned()
}

fn os_keyring() -> String {
    "os".to_owned()
}

/// The parts of the files that concern networks.
#[derive(Deserialize)]
struct Networks {
    network: Option<String>,
    networks: BTreeMap<String, Network>,
}

impl Network {
    /// Resolves the network that the options name, for a project in `folder`.
    ///
    /// # Errors
    /// `ConfigError::File` when a file cannot be read, `ConfigError::Values` when one is wrong; [`CommandError`] when there is
    /// no such network: its text lists the existing ones.
    pub(in crate::commands) fn resolve(options: &ChainOptions, folder: &Path) -> Result<Self, CommandError> {
        Self::resolve_with(options, folder, user_file().as_deref())
    }

    fn resolve_with(
        options: &ChainOptions,
        folder: &Path,
        user: Option<&Path>,
    ) -> Result<Self, CommandError> {
        let built_in: toml::Value = toml::from_str(BUILT_IN)?;
        let project = folder.join(project_file::FILE);
        let mut loader = Loader::new().overrides(built_in);
        for file in user.into_iter().chain([project.as_path()]).filter(|file| file.exists()) {
            loader = loader.file(file)?;
        }
        let Networks { network, mut networks } = loader.load().map_err(|e| {
            let reason = e.to_string();
            format!("{reason}{}", project_file::twice(&reason))
        })?;
        let name = options.network.clone().or(network).unwrap_or_else(|| DEFAULT.to_owned());
        let names = networks.keys().cloned().collect::<Vec<_>>().join(", ");
        let mut found = networks
            .remove(&name)
            .ok_or_else(|| format!("there is no network {name:?}; there are {names}"))?;
        found.name = name;
        for secret in [&mut found.key, &mut found.store_key].into_iter().flatten() {
            beside(secret, folder);
        }
        found.apply(options);
        Ok(found)
    }

    fn apply(&mut self, options: &ChainOptions) {
        let set = |place: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                place.clone_from(value);
            }
        };
        set(&mut self.rpc, &options.rpc);
        set(&mut self.chain_id, &options.chain_id);
        set(&mut self.contract, &options.contract);
        if let Some(file) = &options.key_file {
            self.key = Some(SecretSource::File(file.clone()));
        }
        if options.gas_price.is_some() {
            self.gas_price = options.gas_price.unwrap_or(self.gas_price);
        }
    }

    /// Returns the configuration of the connection.
    pub(super) fn chain_config(&self) -> ChainConfig {
        ChainConfig {
            prefix: self.prefix.clone(),
            denom: self.denom.clone(),
            gas_price: PriceSetting::Fixed(self.gas_price),
            ..ChainConfig::new(&self.rpc, &self.chain_id, &self.contract)
        }
    }

    /// Returns the contract's address.
    ///
    /// # Errors
    /// [`CommandError`]: the network has none; the text says where to set it.
    pub(in crate::commands) fn contract(&self) -> Result<&str, CommandError> {
        if self.contract.is_empty() {
            let name = &self.name;
            let local = if name == "devchain" {
                "; `gateway demo --keep --home net` runs a network and writes net/network.toml, which gateway.toml takes as it is"
            } else {
                ""
            };
            return Err(format!(
                "the network {name} has no contract: set `contract` under [networks.{name}] in gateway.toml, or give --contract{local}"
            )
            .into());
        }
        Ok(&self.contract)
    }
}

/// Resolves a secret's relative path against the project's folder, wherever the command is run.
fn beside(secret: &mut SecretSource, folder: &Path) {
    secret.map_paths(|path| {
        if path.is_relative() {
            *path = folder.join(&*path);
        }
    });
}

/// Returns the path of the user's own configuration: `gateway/config.toml` in the configuration folder.
fn user_file() -> Option<PathBuf> {
    let from = |variable: &str| std::env::var_os(variable).filter(|v| !v.is_empty()).map(PathBuf::from);
    let folder = from("XDG_CONFIG_HOME").or_else(|| from("HOME").map(|home| home.join(".config")))?;
    Some(folder.join("gateway").join("config.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(options: &ChainOptions, user: &str, project: &str) -> Result<Network, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        std::fs::write(&file, user).unwrap();
        std::fs::write(folder.path().join(project_file::FILE), project).unwrap();
        Network::resolve_with(options, folder.path(), Some(&file)).map_err(|e| e.to_string())
    }

    #[test]
    fn the_command_line_wins_over_the_project_over_the_user_over_what_is_built_in() {
        let user = "[networks.archway]\ncontract = \"archway1user\"\nkey = { file = \"/keys/me\" }\n";
        let project = "network = \"archway\"\n[project]\nname = \"p\"\ncode = \"p.ts\"\n[networks.archway]\ncontract = \"archway1project\"\n";
        let network = resolve(&ChainOptions::default(), user, project).unwrap();
        assert_eq!((network.chain_id.as_str(), network.contract.as_str()), ("archway-1", "archway1project"));
        assert_eq!(network.key, Some(SecretSource::File("/keys/me".into())));
        let options = ChainOptions { contract: Some("archway1line".to_owned()), ..ChainOptions::default() };
        assert_eq!(resolve(&options, user, project).unwrap().contract, "archway1line");
    }

    #[test]
    fn what_is_missing_or_mistyped_is_named() {
        let options = ChainOptions { network: Some("moon".to_owned()), ..ChainOptions::default() };
        let error = resolve(&options, "", "").unwrap_err();
        assert!(error.contains("moon") && error.contains("archway, constantine, devchain"), "{error}");
        let error = resolve(&ChainOptions::default(), "[networks.devchain]\nrcp = \"x\"\n", "").unwrap_err();
        assert!(error.contains("rcp"), "{error}");
        let none = resolve(&ChainOptions::default(), "", "").unwrap();
        assert!(none.contract().unwrap_err().to_string().contains("[networks.devchain]"));
    }

    #[test]
    fn a_relative_key_path_starts_at_the_project() {
        let network =
            resolve(&ChainOptions::default(), "", "[networks.devchain]\nkey = { file = \"a.key\" }\n")
                .unwrap();
        let Some(SecretSource::File(file)) = network.key else { panic!("{:?}", network.key) };
        assert!(file.is_absolute() && file.ends_with("a.key"), "{}", file.display());
    }
}
