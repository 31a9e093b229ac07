//! The grammar of the commands with which operators inspect what they run.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::amount::amount;
use super::{ChainOptions, DaemonKind, OutputFormat};

/// What `gateway status` looks at.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Configuration file of a daemon: says where the daemon answers, and names chain and contract where no option does. May be
    /// given often.
    #[arg(long = "config")]
    pub configs: Vec<PathBuf>,
    /// Base address at which a daemon answers `/ready` and `/metrics`. Repeatable.
    #[arg(long = "daemon")]
    pub daemons: Vec<String>,
    #[command(flatten)]
    pub chain: ChainOptions,
}

/// A daemon's configuration, and how what was found in it looks.
#[derive(Debug, Args)]
pub(crate) struct ConfiguredDaemon {
    /// Which daemon.
    pub daemon: DaemonKind,
    /// Its configuration file.
    pub file: PathBuf,
    /// Output format.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// What to explain.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The name of an error class, an abstention or a refusal, such as `js_throw` or `below_quorum`; or the number of a request.
    /// Without one, all names are listed.
    pub what: Option<String>,
    /// Base address of a relay that is asked about the request, instead of the network's. Without any, the contract is asked.
    #[arg(long)]
    pub relay: Option<String>,
    #[command(flatten)]
    pub chain: ChainOptions,
}

/// A command on the secrets of a project that are sealed to nodes.
#[derive(Debug, Args)]
pub(crate) struct Secret {
    #[command(subcommand)]
    pub action: SecretAction,
    #[command(flatten)]
    pub chain: ChainOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretAction {
    /// Seals a value to every node that has published its encryption key, and sets it; again after nodes have joined or changed
    /// their keys. Every such node can read the value. For the project's owner.
    Set {
        /// The project.
        project: u64,
        /// The name by which the code asks for it: `{{secret:NAME}}`.
        name: String,
        /// The only host that it is sent to.
        #[arg(long)]
        host: String,
        /// Where the value is: `env:VARIABLE`, `file:PATH`, or `-` for the standard input.
        #[arg(long)]
        value: String,
    },
    /// Lists a project's secrets, and the nodes that cannot open each.
    List {
        /// The project.
        project: u64,
    },
    /// Removes a secret. For the project's owner.
    Remove {
        /// The project.
        project: u64,
        /// Its name.
        name: String,
        /// Its host.
        #[arg(long)]
        host: String,
    },
}

/// A command on subscriptions.
#[derive(Debug, Args)]
pub(crate) struct Subscription {
    #[command(subcommand)]
    pub action: SubscriptionAction,
    #[command(flatten)]
    pub chain: ChainOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SubscriptionAction {
    /// Creates a subscription and prints its number.
    Create {
        /// Its initial balance, in the smallest unit.
        #[arg(long, default_value_t = 0, value_parser = amount)]
        funds: u128,
        /// A consumer that may send requests at its expense: `ADDRESS[,projects=1+2][,max_fee=N][,allowance=N]`. Repeatable, up to 32 times.
        #[arg(long = "consumer")]
        consumers: Vec<String>,
    },
    /// Shows a subscription: owner, balance, consumers.
    Show {
        /// The subscription.
        subscription: u64,
    },
    /// Adds to a subscription's balance. For anybody.
    Deposit {
        /// The subscription.
        subscription: u64,
        /// Coins, in the smallest unit.
        #[arg(value_parser = amount)]
        amount: u128,
    },
    /// Takes coins out of a subscription's balance. For its owner.
    Withdraw {
        /// The subscription.
        subscription: u64,
        /// Coins, in the smallest unit, or `all`.
        amount: String,
    },
    /// Replaces a subscription's consumers. For its owner.
    Consumers {
        /// The subscription.
        subscription: u64,
        /// As in `create`; without any, nobody may send requests.
        #[arg(long = "consumer")]
        consumers: Vec<String>,
    },
}
