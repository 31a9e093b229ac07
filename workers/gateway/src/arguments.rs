//! The command line's grammar. What a command does is in `commands`.

use clap::{Args, Parser, Subcommand, ValueEnum};
#[cfg(feature = "node")]
use gateway_api::AgreementRule;
#[cfg(feature = "node")]
use gateway_daemon_runtime::{SecretSource, SecretString};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A decentralised gateway from smart contracts on Archway to the web.
#[derive(Debug, Parser)]
#[command(name = "gateway", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// What is logged: a level, or targets with levels (`info`, `gateway_relay=debug,info`).
    #[arg(long, global = true, env = "GATEWAY_LOG", hide_env_values = true, default_value = "info")]
    pub log: String,
    /// How log lines look.
    #[arg(long, global = true, env = "GATEWAY_LOG_FORMAT", hide_env_values = true, value_enum, default_value_t = LogFormat::Text)]
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
    #[cfg(feature = "node")]
    Demo(Demo),
    /// Sends requests at a steady rate and prints how long their results take: on a network of its own, or at a running relay.
    #[cfg(feature = "node")]
    Bench(Bench),
    /// Runs a relay.
    Relay(Daemon),
    /// Runs a node.
    #[cfg(feature = "node")]
    Node(Daemon),
    /// Runs global: settings and counter over HTTP, the code store, the keeper.
    Global(Daemon),
    /// Serves the explorer: a page that shows a network and verifies its results in the browser.
    Explorer(Explorer),
    /// Runs a development chain that speaks the Tendermint RPC.
    Devchain(Devchain),
    /// Prints the message that registers a node, with the proof that its key is held.
    #[cfg(feature = "node")]
    Identity(Identity),
    /// Runs a project's code as a committee would, in the worker that production uses.
    ///
    /// Exits with 0 where enough nodes agree on a value, 3 where they agree on an error, 4 where they do not agree, 5 where
    /// they do not agree and a limit of the machine or the network kept a node from an outcome, 1 where the command itself
    /// failed, 2 where its arguments are wrong.
    #[cfg(feature = "node")]
    Run(Run),
    /// Compiles a project's code and prints what registering it takes. Exits with 3 where it does not compile.
    #[cfg(feature = "node")]
    Check(Check),
    /// Runs a folder of test262 files in the worker: one line a file, pass, fail or skip.
    #[cfg(feature = "node")]
    VmConformance(VmConformance),
    /// Makes keys.
    #[command(subcommand)]
    Key(Key),
    /// Looks at configuration files.
    #[command(subcommand)]
    Config(Config),
    /// Copies a daemon's SQLite database while the daemon runs.
    Backup(Backup),
    /// Puts a copy in the place of a lost database and ends what was under way in it.
    Restore(Restore),
}

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
    /// Folder for databases, keys and logs; a temporary one that is removed where absent.
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
    /// The chain that is meant.
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
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub requests: u32,
    /// Requests a second, sent whether or not earlier ones have their results.
    #[arg(long, default_value = "5", value_parser = rate)]
    pub rate: f64,
    /// The input of each request, a JSON text. [default: what the example project takes, or null at a running relay]
    #[arg(long)]
    pub input: Option<String>,
    /// Nodes of the network, 3 to 20.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(3..=20))]
    pub nodes: u16,
    /// Time between the network's blocks.
    #[arg(long, default_value = "500ms", value_parser = block_time)]
    pub block_time: Duration,
    #[command(flatten)]
    pub on: OnChain,
    /// Address of a running relay, such as http://127.0.0.1:8080, instead of a network of its own. The relay pays.
    #[arg(long, requires_all = ["project", "api_key_file"], conflicts_with_all = ["nodes", "block_time", "chain"])]
    pub relay: Option<String>,
    /// The project that the running relay is asked for.
    #[arg(long, requires = "relay")]
    pub project: Option<u64>,
    /// File with the API key for the running relay.
    #[arg(long, requires = "relay")]
    pub api_key_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Daemon {
    /// Configuration file (TOML). `gateway config template` prints one to begin with.
    #[arg(long)]
    pub config: PathBuf,
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
    /// A further origin that readers may name in the page's settings; may be given often.
    #[arg(long = "connect")]
    pub connect: Vec<String>,
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

/// What to run and as whom.
#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The code: an ES module with a default export, or a script that defines `mainFunction`.
    pub file: PathBuf,
    /// The input, a JSON text.
    #[arg(long, default_value = "null")]
    pub input: String,
    /// Nodes to run it on, 1 to 64.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub nodes: u16,
    /// How outcomes are made one: `exact`, or `median:BPS` with the tolerance in basis points of the median.
    #[arg(long, default_value = "exact", value_parser = agreement_rule)]
    pub rule: AgreementRule,
    /// Seats of the committee, each node holding one; as many as there are nodes where absent.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=101))]
    pub committee: Option<u32>,
    /// Seats that must agree, in basis points of the committee.
    #[arg(long, default_value_t = 6000, value_parser = clap::value_parser!(u16).range(5001..=10_000))]
    pub quorum: u16,
    /// Each node starts this much after the one before.
    #[arg(long, default_value = "0s", value_parser = humantime::parse_duration)]
    pub skew: Duration,
    /// Answer the first fetches with a status instead, as `STATUS:COUNT`.
    #[arg(long, value_parser = failing_fetches)]
    pub fail: Option<(u16, u32)>,
    /// Let so many of the first fetches run into their time-out.
    #[arg(long, default_value_t = 0)]
    pub timeout: u32,
    /// Write the first node's fetches and their answers to a file.
    #[arg(long)]
    pub record: Option<PathBuf>,
    /// Answer fetches from such a file; nothing reaches the network.
    #[arg(long, conflicts_with_all = ["record", "fail", "timeout"])]
    pub replay: Option<PathBuf>,
    /// Compile to machine code, as projects with the profile `jit` do.
    #[arg(long)]
    pub jit: bool,
    /// Longest run, milliseconds of wall time.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(50..=60_000))]
    pub wall_ms: u32,
    /// Largest result, bytes of its canonical form.
    #[arg(long, default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub max_result_bytes: u32,
    /// Let the code reach plain HTTP servers on this machine, where its manifest lists `localhost`. No node does.
    #[arg(long)]
    pub localhost: bool,
    /// A secret for the code, as the operator of a node would set it: `NAME=VALUE@HOST`, where the value may be `env:VARIABLE` or
    /// `file:PATH`. May be given more than once.
    #[arg(long = "secret", value_name = "NAME=VALUE@HOST", value_parser = secret)]
    pub secrets: Vec<SecretArgument>,
    /// Run again whenever the file changes.
    #[arg(long)]
    pub watch: bool,
}

/// A secret on the command line.
#[cfg(feature = "node")]
#[derive(Clone)]
pub(crate) struct SecretArgument {
    pub name: String,
    pub value: SecretString,
    pub host: String,
}

#[cfg(feature = "node")]
impl std::fmt::Debug for SecretArgument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=***@{}", self.name, self.host)
    }
}

#[cfg(feature = "node")]
fn secret(text: &str) -> Result<SecretArgument, String> {
    let parts = text.split_once('=').and_then(|(name, rest)| Some((name, rest.rsplit_once('@')?)));
    let Some((name, (value, host))) =
        parts.filter(|(name, (value, host))| !name.is_empty() && !value.is_empty() && !host.is_empty())
    else {
        return Err("write NAME=VALUE@HOST, for example KEY=env:WEATHER_KEY@api.example.com".to_owned());
    };
    let source = match (value.strip_prefix("env:"), value.strip_prefix("file:")) {
        (Some(variable), _) => Some(SecretSource::Env(variable.to_owned())),
        (_, Some(path)) => Some(SecretSource::File(path.into())),
        _ => None,
    };
    let value = match source {
        Some(source) => source.load().map_err(|e| e.to_string())?,
        None => SecretString::new(value.to_owned()),
    };
    Ok(SecretArgument { name: name.to_owned(), value, host: host.to_owned() })
}

#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The code.
    pub file: PathBuf,
    /// Name of the project in the message that registers it.
    #[arg(long, default_value = "my project")]
    pub name: String,
}

#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct VmConformance {
    /// A checkout of test262, or a folder with its layout.
    pub folder: PathBuf,
    /// Only files whose path contains this.
    #[arg(long)]
    pub only: Option<String>,
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

/// Options of `gateway backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The database as in the configuration: sqlite:path.
    #[arg(long)]
    pub(crate) database: String,
    /// The copy; it must not exist.
    #[arg(long)]
    pub(crate) out: PathBuf,
}

/// Options of `gateway restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The copy.
    #[arg(long)]
    pub(crate) from: PathBuf,
    /// The database as in the configuration: sqlite:path; the file must not exist.
    #[arg(long)]
    pub(crate) database: String,
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

#[cfg(feature = "node")]
fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("{text:?} is not a number"))?;
    if (0.01..=1_000.0).contains(&rate) { Ok(rate) } else { Err("takes 0.01 to 1000".to_owned()) }
}

#[cfg(feature = "node")]
fn failing_fetches(text: &str) -> Result<(u16, u32), String> {
    let (status, count) = text.split_once(':').ok_or("takes STATUS:COUNT, such as 429:2")?;
    let status: u16 = status.parse().map_err(|_| format!("{status:?} is not an HTTP status"))?;
    let count = count.parse().map_err(|_| format!("{count:?} is not a number of fetches"))?;
    if (100..=599).contains(&status) {
        Ok((status, count))
    } else {
        Err("a status takes 100 to 599".to_owned())
    }
}

#[cfg(feature = "node")]
fn agreement_rule(text: &str) -> Result<AgreementRule, String> {
    if text == "exact" {
        return Ok(AgreementRule::Exact {});
    }
    let tolerance = text.strip_prefix("median:").ok_or("takes exact, or median:BPS such as median:50")?;
    let wrong = || format!("{tolerance:?} is not a tolerance of 0 to 10000 basis points");
    let tolerance_bps: u16 = tolerance.parse().map_err(|_| wrong())?;
    if tolerance_bps <= 10_000 { Ok(AgreementRule::Median { tolerance_bps }) } else { Err(wrong()) }
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

    /// The help of a command and of everything below it.
    #[cfg(feature = "node")]
    fn help_of(command: &mut clap::Command, path: &str, out: &mut String) {
        let path = format!("{path}{}", command.get_name());
        out.push_str(&format!("\n## {path}\n\n```text\n{}```\n", command.render_long_help()));
        for below in command.get_subcommands_mut().filter(|c| c.get_name() != "help") {
            help_of(below, &format!("{path} "), out);
        }
    }

    #[test]
    #[cfg(feature = "node")]
    fn the_committed_help_is_fresh() {
        let mut text =
            "# The command line\n\nWritten by `REGENERATE_CLI=1 cargo test -p gateway help_is_fresh`.\n"
                .to_owned();
        help_of(&mut Arguments::command().term_width(100), "", &mut text);
        let text: String = text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
        if std::env::var_os("REGENERATE_CLI").is_some() {
            std::fs::write(file, &text).unwrap();
        }
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        assert!(
            committed == text,
            "docs/cli.md is stale: REGENERATE_CLI=1 cargo test -p gateway help_is_fresh"
        );
    }

    #[test]
    fn bounds_are_named() {
        let error =
            Arguments::try_parse_from(["gateway", "demo", "--block-time", "1ms"]).unwrap_err().to_string();
        assert!(error.contains("takes 50ms to 60s"), "{error}");
        let error =
            Arguments::try_parse_from(["gateway", "devchain", "--account", "x"]).unwrap_err().to_string();
        assert!(error.contains("takes address=amount"), "{error}");
        #[cfg(feature = "node")]
        for (arguments, word) in [
            (&["--rate", "0"][..], "takes 0.01 to 1000"),
            (&["--relay", "http://relay"], "--project"),
            (&["--project", "1"], "--relay"),
        ] {
            let arguments = ["gateway", "bench"].iter().chain(arguments);
            let error = Arguments::try_parse_from(arguments).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
