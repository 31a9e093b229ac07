//! The command line's grammar. What a command does is in `commands`.

#[cfg(feature = "node")]
mod amount;
#[cfg(feature = "node")]
mod chain;
#[cfg(feature = "node")]
mod engine;
mod files;
mod networks;
#[cfg(feature = "node")]
mod operate;
#[cfg(feature = "node")]
mod project_code;
#[cfg(feature = "node")]
mod run;
#[cfg(feature = "node")]
mod schedule;

#[cfg(feature = "node")]
pub(crate) use chain::{
    ChainOptions, Contract, ContractAction, Deploy, Node, NodeCommand, OutputFormat, OverrideOptions,
    Project, ProjectAction, Request, ShowResult,
};
#[cfg(feature = "node")]
pub(crate) use engine::{Engine, EngineAction};
pub(crate) use files::{
    Backend, Backup, Config, DaemonKind, EncryptKey, Key, KeyAddress, NewAccount, NewKey, Restore,
};
#[cfg(feature = "node")]
pub(crate) use networks::{Bench, Demo};
pub(crate) use networks::{Devchain, Explorer};
#[cfg(feature = "node")]
pub(crate) use operate::{
    ConfiguredDaemon, Explain, Secret, SecretAction, Status, Subscription, SubscriptionAction,
};
#[cfg(feature = "node")]
pub(crate) use project_code::{
    Build, Code, CodeAction, Dev, Init, ReportFormat, StoreOptions, Template, Test,
};
#[cfg(feature = "node")]
pub(crate) use run::{Check, Run, VmConformance, secret_source};
#[cfg(feature = "node")]
pub(crate) use schedule::{NewSchedule, Schedule, ScheduleAction};

use std::path::PathBuf;

use clap::{ArgMatches, Args, Parser, Subcommand, ValueEnum};

/// A decentralised gateway from smart contracts on Archway to the web.
#[derive(Debug, Parser)]
#[command(name = "gateway", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// Log filter: a level, or targets with levels (`info`, `gateway_relay=debug,info`).
    #[arg(long, global = true, env = "GATEWAY_LOG", hide_env_values = true, default_value = "info")]
    pub log: String,
    /// Format of log lines.
    #[arg(long, global = true, env = "GATEWAY_LOG_FORMAT", hide_env_values = true, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

/// Returns whether a program reads the command's output, and its error with it: `--output json`.
pub(crate) fn wants_json(matches: &ArgMatches) -> bool {
    let output = matches.try_get_raw("output").ok().flatten().and_then(|mut values| values.next());
    output.is_some_and(|value| value == "json")
        || matches.subcommand().is_some_and(|(_, below)| wants_json(below))
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    /// Human-readable text.
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
    /// Runs a node, or sends its operator's messages to the contract.
    #[cfg(feature = "node")]
    Node(Node),
    /// Runs global: settings and counter over HTTP, the code store, the keeper.
    Global(Daemon),
    /// Runs a signer: holds keys of daemons in a process of its own, and signs over a Unix socket what its configuration allows.
    Signer(SignerDaemon),
    /// Serves the explorer: a page that shows a network and verifies its results in the browser.
    Explorer(Explorer),
    /// Runs a development chain with the Tendermint RPC.
    Devchain(Devchain),
    /// Prints the message that registers a node, with the proof of possession of its key.
    #[cfg(feature = "node")]
    Identity(Identity),
    /// Runs a project's code as a committee would, in the worker that production uses.
    ///
    /// Exits with 0 if enough nodes agree on a value, 3 if they agree on an error, 4 if they do not agree, 5 if
    /// they do not agree and a limit of the machine or the network kept a node from an outcome, 1 if the command itself
    /// failed, 2 if its arguments are wrong.
    #[cfg(feature = "node")]
    Run(Run),
    /// Compiles a project's code and prints what registering it takes. Exits with 3 if it does not compile or has no function to
    /// call.
    #[cfg(feature = "node")]
    Check(Check),
    /// Creates a project's folder from a template: code, test cases, a recording, `gateway.toml`. Needs no network.
    #[cfg(feature = "node")]
    Init(Init),
    /// Bundles a project's source and the npm modules it imports into one file, with the same bytes on every machine.
    ///
    /// Says what the file is made of, and which globals of Node and of browsers it uses that no node has. Takes `entry` under
    /// `[project]` in `gateway.toml`, the npm package esbuild in the version that the message names, and no network.
    #[cfg(feature = "node")]
    Build(Build),
    /// Serves a page on this machine to write a project on: editor, input, nodes, result, differences, logs, fetches and limits
    /// used, anew on each change, in the worker that production uses.
    #[cfg(feature = "node")]
    Dev(Dev),
    /// Runs a project's test cases on simulated nodes and compares the agreed outcomes with the expected ones.
    ///
    /// Exits with 0 if every case is as expected, 3 if one is not, 1 if the command itself failed, 2 if its arguments
    /// are wrong.
    #[cfg(feature = "node")]
    Test(Test),
    /// Deploys a project: compiles the code, publishes it where nodes load it from, registers the project, or adds a version and
    /// activates it.
    #[cfg(feature = "node")]
    Deploy(Deploy),
    /// Lists and shows projects, and sends their owners' messages.
    #[cfg(feature = "node")]
    Project(Project),
    /// Sends a request to a project and pays its fee.
    ///
    /// With `--wait`, exits with 0 if the result is a value, 3 if it is an agreed error, 4 if the request expired; 1 if
    /// the command itself failed, 2 if its arguments are wrong.
    #[cfg(feature = "node")]
    Request(Request),
    /// Shows a request's result or state.
    ///
    /// Exits with 0 if the result is a value, 3 if it is an agreed error, 4 if the request expired, 5 if it is open; 1
    /// if the command itself failed, 2 if its arguments are wrong.
    #[cfg(feature = "node")]
    Result(ShowResult),
    /// Deploys, migrates, configures and pauses the gateway contract; deploys, sends to and queries contracts that ask it.
    #[cfg(feature = "node")]
    Contract(Contract),
    /// Shows and changes subscriptions: balances out of which contracts and people ask without sending funds along.
    #[cfg(feature = "node")]
    Subscription(Subscription),
    /// Seals values to nodes: keys of APIs that a project's code asks, which nobody but nodes can read.
    #[cfg(feature = "node")]
    Secret(Secret),
    /// Seals a project's code to nodes: private code, which nobody but nodes can read.
    #[cfg(feature = "node")]
    Code(Code),
    /// Shows, begins and ends schedules: requests that keepers open when they are due.
    #[cfg(feature = "node")]
    Schedule(Schedule),
    /// Shows which engine requests are attested with, and changes it: announced by the admin, declared by nodes, in force from an epoch
    /// on.
    #[cfg(feature = "node")]
    Engine(Engine),
    /// Explains an error class, an abstention or a refusal: what it means, usual causes, what to do. Or a request: what happened to
    /// it and when, who attested what, what is missing, what happens next.
    #[cfg(feature = "node")]
    Explain(Explain),
    /// Shows chain, contract, nodes, daemons, balances and backlog on one screen.
    ///
    /// Exits with 0 if all is well, 3 if something is not, 1 if the command itself failed, 2 if its arguments are wrong.
    #[cfg(feature = "node")]
    Status(Status),
    /// Checks whether a daemon can work on this machine with its configuration: keys, disk, clock, RPC endpoints, contract,
    /// balance; for a node also the sandbox, the engine and its registration. Changes nothing.
    ///
    /// Exits with 0 if nothing stands in the way, 3 if something does, 1 if the command itself failed, 2 if its
    /// arguments are wrong.
    #[cfg(feature = "node")]
    Doctor(ConfiguredDaemon),
    /// Compares a daemon's database with the contract, row by row, also while the daemon runs. Changes nothing.
    ///
    /// Exits with 0 if they agree, 3 if they do not, 1 if the command itself failed, 2 if its arguments are wrong.
    #[cfg(feature = "node")]
    Audit(ConfiguredDaemon),
    /// Runs a folder of test262 files in the worker and prints one line for each: pass, fail or skip.
    #[cfg(feature = "node")]
    VmConformance(VmConformance),
    /// Creates and encrypts keys, and prints their addresses.
    #[command(subcommand)]
    Key(Key),
    /// Prints and checks configuration files.
    #[command(subcommand)]
    Config(Config),
    /// Prints the completions of a shell: `gateway completions bash > /etc/bash_completion.d/gateway`.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes a manual page for each command.
    Man {
        /// Folder for the pages; created if missing.
        folder: PathBuf,
    },
    /// Backs up a daemon's SQLite database, also while the daemon runs.
    Backup(Backup),
    /// Restores a database from a backup and ends the work that was in progress in it.
    Restore(Restore),
}

#[derive(Debug, Args)]
pub(crate) struct Daemon {
    /// Configuration file (TOML). `gateway config template` prints one with every key explained.
    #[arg(long)]
    pub config: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SignerDaemon {
    /// Configuration file (TOML); docs/operating.md has one under "A signer".
    #[arg(long)]
    pub config: PathBuf,
}

#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct Identity {
    #[command(flatten)]
    pub node: NodeIdentity,
    /// Address of the account that will register the node.
    #[arg(long)]
    pub operator: String,
}

/// What a node is registered with.
#[cfg(feature = "node")]
#[derive(Debug, Args)]
pub(crate) struct NodeIdentity {
    /// The node's configuration file.
    #[arg(long)]
    pub config: PathBuf,
    /// The node's display name.
    #[arg(long)]
    pub moniker: String,
    /// Where the node can be reached, if it wants to be.
    #[arg(long, default_value = "")]
    pub endpoint: String,
}

#[cfg(test)]
mod tests;
