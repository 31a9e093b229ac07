//! The grammar of `gateway engine`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gateway_api::EngineId;

use super::ChainOptions;

/// A command on engines.
#[derive(Debug, Args)]
pub(crate) struct Engine {
    #[command(subcommand)]
    pub action: EngineAction,
    #[command(flatten)]
    pub chain: ChainOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EngineAction {
    /// Shows the ids of this executable's engine, one a profile, and of those that a node's configuration names in `engine.others`.
    /// Asks no chain.
    Show {
        /// A node's configuration file.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Announces the engine with which the requests of coming epochs are attested. For the contract's admin.
    ///
    /// If fewer units than `--min-ready` are declared able to run it when its epoch begins, it waits for the next epoch.
    Announce {
        /// Its id in the profile `jitless`. [default: that of this executable]
        #[arg(long, requires = "jit")]
        jitless: Option<EngineId>,
        /// Its id in the profile `jit`. [default: that of this executable]
        #[arg(long, requires = "jitless")]
        jit: Option<EngineId>,
        /// Its first epoch, 2 to 1000 after the current one. [default: the third after the current one]
        #[arg(long)]
        from_epoch: Option<u64>,
        /// Units that must be ready, in basis points of all that draw.
        #[arg(long, default_value_t = 8000, value_parser = clap::value_parser!(u16).range(0..=10_000))]
        min_ready: u16,
    },
    /// Withdraws the announced engine before its epoch begins. For the contract's admin.
    Withdraw,
    /// Declares which engines a node can run: this executable's, and those of the executables that its configuration names in
    /// `engine.others`. For the node's operator or daemon.
    Ready {
        /// The node.
        node: u32,
        /// The node's configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Shows which engine requests are attested with, which one is announced, and which nodes can run them.
    Status,
}
