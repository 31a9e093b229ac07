//! The daemons' configuration files, as an operator would write them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use gateway_chain::ChainConfig;
use sha2::{Digest, Sha256};

use crate::{DevAccount, LocalnetConfig, LocalnetError, ports};

/// The key for the relay's and global's HTTP APIs; publicly known, as every key here.
pub(crate) const API_KEY: &str = "localnet-api-key-that-everybody-knows";

/// Where the daemons listen.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) relay: SocketAddr,
    pub(crate) global: SocketAddr,
    pub(crate) nodes: Vec<SocketAddr>,
}

impl Addresses {
    /// Chooses free ports for a relay, global and so many nodes.
    pub(crate) fn choose(nodes: usize) -> Result<Self, LocalnetError> {
        let mut free = ports::free(nodes + 2)?.into_iter();
        match (free.next(), free.next()) {
            (Some(relay), Some(global)) => Ok(Self { relay, global, nodes: free.collect() }),
            _ => Err(LocalnetError::answer("looking for free ports", "there are too few")),
        }
    }
}

/// The files written.
#[derive(Debug)]
pub(crate) struct ConfigFiles {
    pub(crate) relay: PathBuf,
    pub(crate) global: PathBuf,
    pub(crate) nodes: Vec<PathBuf>,
}

/// Writes every daemon's keys and configuration.
pub(crate) fn write(
    config: &LocalnetConfig,
    chain: &ChainConfig,
    addresses: &Addresses,
    relay: &DevAccount,
    global: &DevAccount,
    nodes: &[DevAccount],
) -> Result<ConfigFiles, LocalnetError> {
    let home = config.home.as_path();
    let api_key = home.join("api.key");
    write_secret(&api_key, API_KEY)?;
    let chain =
        toml::to_string(chain).map_err(|e| LocalnetError::answer("writing the chain's configuration", e))?;
    let [relay_key, global_key] = [relay.write_key(home)?, global.write_key(home)?];

    let service = |name: &str, listen: SocketAddr, key: &Path, own: &str| {
        let text = format!(
            "listen = '{listen}'\ndatabase = 'sqlite:{database}'\nkey = {{ file = '{key}' }}\n{own}\n\
             [[api_keys]]\nname = 'localnet'\nper_minute = 60000\nsecret = {{ file = '{api_key}' }}\n\n[chain]\n{chain}",
            database = home.join(format!("{name}.db")).display(),
            key = key.display(),
            api_key = api_key.display(),
        );
        let path = home.join(format!("{name}.toml"));
        write_file(&path, &text).map(|()| path)
    };
    let code = home.join("code");
    // Top-level keys come before the tables: pages of every origin may read the code store. All callers of a local network, its
    // nodes included, share one address, so its limits must suffice for many.
    let ui = format!(
        "ui = true\nui_global = 'http://{}'\n\n[http]\npeer_per_second = 5000\nclient_waiting = 4096\n",
        addresses.global
    );
    let relay = service("relay", addresses.relay, &relay_key, &ui)?;
    let store = format!("code_dir = '{}'\n\n[http]\ncors_origins = ['*']\n", code.display());
    let global = service("global", addresses.global, &global_key, &store)?;

    let node = |(i, (listen, account)): (usize, (&SocketAddr, &DevAccount))| {
        let name = account.name();
        let account_key = account.write_key(home)?;
        let key = home.join(format!("{name}.vrf"));
        write_secret(&key, &hex::encode(vrf_secret_of(home, i)))?;
        let text = format!(
            "listen = '{listen}'\ndatabase = 'sqlite:{database}'\nkey = {{ file = '{key}' }}\n\
             watch_blocks = 0\nrelays = ['http://{relay}']\n\n[account]\nkey = {{ file = '{account_key}' }}\n\n\
             [engine]\nworkers = 1\nsandbox = 'best_effort'\nallow_http_loopback = true\n\n\
             [code]\nstores = ['http://{global}']\ncache = '{cache}'\nallow_http_loopback = true\n\n\
             [chain]\n{chain}",
            database = home.join(format!("{name}.db")).display(),
            key = key.display(),
            account_key = account_key.display(),
            relay = addresses.relay,
            global = addresses.global,
            cache = home.join(format!("{name}-code")).display(),
        );
        let path = home.join(format!("{name}.toml"));
        write_file(&path, &text).map(|()| path)
    };
    let nodes = addresses.nodes.iter().zip(nodes).enumerate().map(node).collect::<Result<Vec<_>, _>>()?;
    Ok(ConfigFiles { relay, global, nodes })
}

/// Derives a node's VRF secret from its number and the network's folder: networks on one machine share no key, even if their
/// folders have the same name in different places.
pub(crate) fn vrf_secret_of(home: &Path, index: usize) -> [u8; 32] {
    let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
    Sha256::digest(format!("gateway localnet {} node {}", home.display(), index + 1)).into()
}

/// Writes a file that only its owner can read, as an operator's keys are.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), LocalnetError> {
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(LocalnetError::file(path))
}

fn write_file(path: &Path, text: &str) -> Result<(), LocalnetError> {
    std::fs::write(path, text).map_err(LocalnetError::file(path))
}
