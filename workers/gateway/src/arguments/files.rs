//! Options of commands that make and check files: keys, configurations, copies of databases.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

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
    /// Prints a configuration file with every key explained.
    Template {
        /// For which daemon.
        daemon: DaemonKind,
    },
    /// Checks a configuration file and reports what is wrong.
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
