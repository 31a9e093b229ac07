//! The command line's grammar. What a command does is in `commands`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A decentralised gateway from smart contracts on Archway to the web.
#[derive(Debug, Parser)]
#[command(name = "gateway", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// What is logged: a level, or targets with levels (`info`, `gateway_relay=debug,info`).
    #[arg(long, global = true, env = "GATEWAY_LOG", default_value = "info")]
    pub log: String,
    /// How log lines look.
    #[arg(long, global = true, env = "GATEWAY_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the whole system on this machine: a chain, a relay, nodes, global, and real requests.
    Demo(Demo),
    /// Runs a relay.
    Relay(Daemon),
    /// Runs a node.
    #[cfg(feature = "node")]
    Node(Daemon),
    /// Runs global: settings and counter over HTTP, the code store, the crank.
    Global(Daemon),
    /// Runs a development chain that speaks the Tendermint RPC.
    Devchain(Devchain),
    /// Prints the message that registers a node, with the proof that its key is held.
    #[cfg(feature = "node")]
    Identity(Identity),
    /// Makes keys.
    #[command(subcommand)]
    Key(Key),
    /// Looks at configuration files.
    #[command(subcommand)]
    Config(Config),
}

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
    /// Folder for databases, keys and logs; a temporary one that is removed where absent.
    #[arg(long)]
    pub home: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Daemon {
    /// Configuration file (TOML). `gateway config template` prints one to begin with.
    #[arg(long)]
    pub config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Devchain {
    /// Address of the Tendermint RPC.
    #[arg(long, default_value = "127.0.0.1:26657")]
    pub listen: SocketAddr,
    /// Folder for the state; nothing is kept where absent.
    #[arg(long)]
    pub home: Option<PathBuf>,
    /// The chain's id.
    #[arg(long, default_value = "devchain-1")]
    pub chain_id: String,
    /// Time between blocks.
    #[arg(long, default_value = "500ms", value_parser = block_time)]
    pub block_time: Duration,
    /// An account with coins at genesis, as `address=amount`; may be given often.
    #[arg(long = "account", value_parser = genesis_account)]
    pub accounts: Vec<(String, u128)>,
}

#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct Identity {
    /// The node's configuration file.
    #[arg(long)]
    pub config: PathBuf,
    /// Address of the account that will register the node.
    #[arg(long)]
    pub operator: String,
    /// The node's name for people.
    #[arg(long)]
    pub moniker: String,
    /// Where the node can be reached, if it wants to be.
    #[arg(long, default_value = "")]
    pub endpoint: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Makes a key for a node's draws (VRF) and prints its public half.
    Vrf(NewKey),
    /// Makes a key for an account on the chain and prints its address.
    Account(NewAccount),
}

#[derive(Debug, Args)]
pub(crate) struct NewKey {
    /// File to write the secret to; it must not exist.
    #[arg(long)]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct NewAccount {
    #[command(flatten)]
    pub key: NewKey,
    /// Prefix of the chain's addresses.
    #[arg(long, default_value = "archway")]
    pub prefix: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Prints a configuration file to begin with.
    Template {
        /// For which daemon.
        daemon: DaemonKind,
    },
    /// Says whether a configuration file is right, and what is wrong.
    Validate {
        /// For which daemon.
        daemon: DaemonKind,
        /// The file.
        file: PathBuf,
    },
}

/// A kind of daemon.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DaemonKind {
    /// A relay.
    Relay,
    /// A node.
    #[cfg(feature = "node")]
    Node,
    /// Global.
    Global,
}

fn block_time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|e| e.to_string())?;
    if (Duration::from_millis(50)..=Duration::from_secs(60)).contains(&time) {
        Ok(time)
    } else {
        Err("takes 50ms to 60s".to_owned())
    }
}

fn genesis_account(text: &str) -> Result<(String, u128), String> {
    let (address, amount) = text.split_once('=').ok_or("takes address=amount")?;
    let amount = amount.parse().map_err(|_| format!("{amount:?} is not a whole number of coins"))?;
    Ok((address.to_owned(), amount))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn bounds_are_named() {
        let error =
            Arguments::try_parse_from(["gateway", "demo", "--block-time", "1ms"]).unwrap_err().to_string();
        assert!(error.contains("takes 50ms to 60s"), "{error}");
        let error =
            Arguments::try_parse_from(["gateway", "devchain", "--account", "x"]).unwrap_err().to_string();
        assert!(error.contains("takes address=amount"), "{error}");
    }
}
