//! Describes the running network in the form of a project's `gateway.toml`, with funded keys, so that the developer's commands
//! reach it; and as shell variables.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use gateway_localnet::Localnet;

use super::DemoError;

/// The files written, by their absolute paths.
pub(super) struct NetworkFiles {
    /// For a project's `gateway.toml`.
    pub(super) toml: PathBuf,
    /// For a shell.
    pub(super) shell: PathBuf,
}

/// Writes `network.toml`, `network.sh` and the user's key into the folder of the network.
///
/// # Errors
/// [`DemoError::NetworkFile`].
pub(super) fn write(net: &Localnet, home: &Path) -> Result<NetworkFiles, DemoError> {
    let home = std::path::absolute(home).map_err(|source| fault(home, source))?;
    let key = home.join("user.key");
    put_secret(&key, &net.user_key())?;
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
    let files = NetworkFiles { toml: home.join("network.toml"), shell: home.join("network.sh") };
    put(&files.toml, &format!("\n{whole}"))?;
    put(&files.shell, &variables(net, &home))?;
    Ok(files)
}

/// Returns addresses and paths as variables, quoted for any folder name.
fn variables(net: &Localnet, home: &Path) -> String {
    let api_key = home.join("api.key").display().to_string();
    let (relay, global) = (net.relay_url(), net.global_url());
    let pairs = [
        ("RPC", net.chain().rpc_url()),
        ("CHAIN_ID", net.chain_id()),
        ("CONTRACT", net.contract()),
        ("CONSUMER", net.consumer()),
        ("RELAY", relay.as_str()),
        ("GLOBAL", global.as_str()),
        ("API_KEY_FILE", api_key.as_str()),
    ];
    pairs.map(|(name, value)| format!("export {name}='{}'\n", value.replace('\'', "'\\''"))).concat()
}

fn secret_file(path: &Path) -> toml::Value {
    toml::Table::from_iter([("file".to_owned(), toml::Value::from(path.display().to_string()))]).into()
}

fn put(file: &Path, text: &str) -> Result<(), DemoError> {
    std::fs::write(file, text).map_err(|source| fault(file, source))
}

/// Writes a file that only its owner can read, as keys require.
fn put_secret(file: &Path, text: &str) -> Result<(), DemoError> {
    let opened = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(file);
    opened.and_then(|mut opened| opened.write_all(text.as_bytes())).map_err(|source| fault(file, source))
}

fn fault(file: &Path, source: std::io::Error) -> DemoError {
    DemoError::NetworkFile { file: file.to_owned(), source }
}
