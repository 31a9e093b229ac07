//! Options of commands that run or show a chain or a whole network: `demo`, `bench`, `devchain`, `explorer`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Leave everything running at the end and print the addresses.
    #[arg(long)]
    pub keep: bool,
    /// Number of nodes, 3 to 20.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(3..=20))]
    pub nodes: u16,
    /// Time between blocks.
    #[arg(long, default_value = "500ms", value_parser = block_time)]
    pub block_time: Duration,
    /// Folder for databases, keys and logs. [default: a temporary one, removed at the end]
    #[arg(long)]
    pub home: Option<PathBuf>,
    #[command(flatten)]
    pub on: OnChain,
}

/// The chain of a network of its own.
#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct OnChain {
    /// The chain: `devchain` in this process, `wasmd=PATH` for one run by that binary, `rpc=URL` for one that runs already and
    /// on which --chain-key has coins.
    #[arg(long = "chain", value_name = "CHAIN", default_value = "devchain")]
    pub chain: String,
    /// File with the key that pays on a running chain: 64 hexadecimal digits or 24 words. The network's accounts get 20 ARCH
    /// each; their keys are derived from this one.
    #[arg(long)]
    pub chain_key: Option<PathBuf>,
}

#[cfg(feature = "node")]
impl OnChain {
    /// Returns the selected chain.
    pub(crate) fn kind(&self) -> Result<gateway_localnet::ChainKind, String> {
        match (self.chain.strip_prefix("rpc="), &self.chain_key) {
            (Some(url), Some(key)) => {
                Ok(gateway_localnet::ChainKind::Rpc { url: url.to_owned(), key: key.clone() })
            }
            (Some(_), None) => {
                Err("--chain rpc=URL needs --chain-key, the file of a key with coins there".to_owned())
            }
            (None, Some(_)) => Err("--chain-key is for --chain rpc=URL only".to_owned()),
            (None, None) => self.chain.parse().map_err(|e| format!("--chain: {e}, or rpc=URL")),
        }
    }
}

#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Requests to send.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub requests: u32,
    /// Requests a second, sent whether or not earlier ones have their results.
    #[arg(long, default_value = "5", value_parser = rate)]
    pub rate: f64,
    /// The input of each request, a JSON text. [default: what the example project takes, or null at a running relay]
    #[arg(long, allow_hyphen_values = true)]
    pub input: Option<String>,
    /// Nodes of the network, 3 to 20.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(3..=20))]
    pub nodes: u16,
    /// Time between the network's blocks.
    #[arg(long, default_value = "500ms", value_parser = block_time)]
    pub block_time: Duration,
    /// Blocks of the network's epochs. Nodes are drawn from the second one on, so a network of long epochs is ready late.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(4..=100_000))]
    pub epoch_blocks: u64,
    /// Sends no load: prints what the processes use in this time while they have nothing to do.
    #[arg(long, value_parser = idle_time, conflicts_with_all = ["requests", "rate", "relay"])]
    pub idle: Option<Duration>,
    #[command(flatten)]
    pub on: OnChain,
    /// Address of a running relay, such as http://127.0.0.1:8080, instead of a network of its own. The relay pays.
    #[arg(long, requires_all = ["project", "api_key_file"], conflicts_with_all = ["nodes", "block_time", "epoch_blocks", "chain"])]
    pub relay: Option<String>,
    /// The project that the running relay is asked for.
    #[arg(long, requires = "relay")]
    pub project: Option<u64>,
    /// File with the API key for the running relay.
    #[arg(long, requires = "relay")]
    pub api_key_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Explorer {
    /// Where the page is served.
    #[arg(long, default_value = "127.0.0.1:7300")]
    pub listen: SocketAddr,
    /// Tendermint RPC of a node of the chain, as a browser reaches it; it must allow the page's origin (CometBFT:
    /// cors_allowed_origins).
    #[arg(long)]
    pub rpc: String,
    /// Address of the gateway contract.
    #[arg(long)]
    pub contract: String,
    /// A relay, as a browser reaches it: for attestations before they are published and for statistics. It must allow the
    /// page's origin (http.cors_origins).
    #[arg(long)]
    pub relay: Option<String>,
    /// Global, as a browser reaches it: for the code in its store.
    #[arg(long)]
    pub global: Option<String>,
    /// A further origin that readers may name in the page's settings; repeatable.
    #[arg(long = "connect")]
    pub connect: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Devchain {
    /// Address of the Tendermint RPC.
    #[arg(long, default_value = "127.0.0.1:26657")]
    pub listen: SocketAddr,
    /// Folder for the state. [default: none, nothing is kept]
    #[arg(long)]
    pub home: Option<PathBuf>,
    /// The chain's id.
    #[arg(long, default_value = "devchain-1")]
    pub chain_id: String,
    /// Time between blocks.
    #[arg(long, default_value = "500ms", value_parser = block_time)]
    pub block_time: Duration,
    /// An account with coins at genesis, as `address=amount`; repeatable.
    #[arg(long = "account", value_parser = genesis_account)]
    pub accounts: Vec<(String, u128)>,
}

fn block_time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|e| e.to_string())?;
    if (Duration::from_millis(50)..=Duration::from_secs(60)).contains(&time) {
        Ok(time)
    } else {
        Err("takes 50ms to 60s".to_owned())
    }
}

#[cfg(feature = "node")]
fn idle_time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|e| e.to_string())?;
    let takes = Duration::from_secs(1)..=Duration::from_secs(24 * 3600);
    if takes.contains(&time) { Ok(time) } else { Err("takes 1s to 24h".to_owned()) }
}

#[cfg(feature = "node")]
fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
    if (0.01..=1_000.0).contains(&rate) { Ok(rate) } else { Err("takes 0.01 to 1000".to_owned()) }
}

fn genesis_account(text: &str) -> Result<(String, u128), String> {
    let (address, amount) = text.split_once('=').ok_or("takes address=amount")?;
    let amount = amount.parse().map_err(|_| format!("{amount:?} is not a whole number of coins"))?;
    Ok((address.to_owned(), amount))
}
