//! Describes the running network as a project's `gateway.toml` does, with keys that have coins, so that the developer's commands reach it.

use std::path::{Path, PathBuf};

use gateway_localnet::Localnet;

use super::DemoError;

/// Writes `network.toml` and the user's key into the folder of the network; returns the former's absolute path.
///
/// # Errors
/// [`DemoError::NetworkFile`].
pub(super) fn write(net: &Localnet, home: &Path) -> Result<PathBuf, DemoError> {
    let home = std::path::absolute(home).map_err(|source| fault(home, source))?;
    let key = home.join("user.key");
    put(&key, &net.user_key())?;
    let mut network = toml::Table::new();
    let mut set = |name: &str, value: toml::Value| network.insert(name.to_owned(), value);
    set("rpc", net.chain().rpc_url().into());
    set("chain_id", net.chain_id().into());
    set("contract", net.contract().into());
    set("relay", net.relay_url().into());
    set("store", net.global_url().into());
    set("store_key", secret_file(&home.join("api.key")));
    set("key", secret_file(&key));
    let networks = toml::Table::from_iter([("devchain".to_owned(), toml::Value::Table(network))]);
    let whole = toml::Table::from_iter([("networks".to_owned(), toml::Value::Table(networks))]);
    let file = home.join("network.toml");
    put(&file, &format!("\n{whole}"))?;
    Ok(file)
}

fn secret_file(path: &Path) -> toml::Value {
    toml::Table::from_iter([("file".to_owned(), toml::Value::from(path.display().to_string()))]).into()
}

fn put(file: &Path, text: &str) -> Result<(), DemoError> {
    std::fs::write(file, text).map_err(|source| fault(file, source))
}

fn fault(file: &Path, source: std::io::Error) -> DemoError {
    DemoError::NetworkFile { file: file.to_owned(), source }
}
