//! Arguments of the commands that query a chain and sign for a user.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use gateway_api::Overrides;
use gateway_chain::tx::GasPrice;

use super::amount::amount;
use super::{Daemon, NodeIdentity, StoreOptions};

/// Network, signing key and output format.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct ChainOptions {
    /// Network: `archway`, `constantine`, `devchain`, or one of `[networks]` in `gateway.toml` or in the user's
    /// `gateway/config.toml`. [default: what `gateway.toml` says, or devchain]
    #[arg(long, global = true, env = "GATEWAY_NETWORK", hide_env_values = true)]
    pub network: Option<String>,
    /// Address of the gateway contract, instead of the network's.
    #[arg(long, global = true)]
    pub contract: Option<String>,
    /// Address of the chain's Tendermint RPC, instead of the network's.
    #[arg(long, global = true)]
    pub rpc: Option<String>,
    /// The chain's id, instead of the network's.
    #[arg(long, global = true)]
    pub chain_id: Option<String>,
    /// Price of one gas unit, instead of the network's.
    #[arg(long, global = true)]
    pub gas_price: Option<GasPrice>,
    /// File with the key that signs, instead of the network's: a mnemonic, or 64 hexadecimal digits.
    #[arg(long, global = true)]
    pub key_file: Option<PathBuf>,
    /// Print the message and the archwayd command that sends it, and send nothing.
    #[arg(long, global = true)]
    pub generate_only: bool,
    /// Output format.
    #[arg(long, global = true, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// Output format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// Human-readable text.
    #[default]
    Text,
    /// One JSON document.
    Json,
}

/// What to deploy and from where nodes get it.
#[derive(Debug, Args)]
pub(crate) struct Deploy {
    /// The project's folder, with its `gateway.toml`.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Where nodes find the code, in order of preference: `store` (the network's code store, to which it is sent),
    /// `github:OWNER/REPO@COMMIT:PATH`, `ipfs` (of one raw block; the CID is printed), `ipfs:CID`, or an https address. May be
    /// given often.
    #[arg(long = "source", default_value = "store")]
    pub sources: Vec<String>,
    #[command(flatten)]
    pub store: StoreOptions,
    /// Seal the code to the nodes instead of publishing it: the store has the ciphertext alone, and every node can read the code.
    #[arg(long, conflicts_with_all = ["unverified", "generate_only"])]
    pub private: bool,
    /// Number of the project to add a version to. [default: what `gateway.toml` has for the network; without one a
    /// project is registered]
    #[arg(long)]
    pub project: Option<u64>,
    /// Add the version without activating it.
    #[arg(long)]
    pub inactive: bool,
    /// Skip checking that the sources have the code.
    #[arg(long)]
    pub unverified: bool,
    #[command(flatten)]
    pub chain: ChainOptions,
}

/// A command on projects.
#[derive(Debug, Args)]
pub(crate) struct Project {
    #[command(subcommand)]
    pub action: ProjectAction,
    #[command(flatten)]
    pub chain: ChainOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectAction {
    /// Lists projects.
    List {
        /// Start after this number.
        #[arg(long)]
        after: Option<u64>,
        /// Maximum number to list, 1 to 100.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Shows a project: owner, active version with its code and policy, access, fee.
    Show {
        /// The project.
        project: u64,
    },
    /// Lists a project's versions.
    Versions {
        /// The project.
        project: u64,
    },
    /// Activates a version, newer or older: new requests pin it.
    Activate {
        /// The project.
        project: u64,
        /// The version.
        version: u32,
        /// Delay in blocks, 1 to 100000, so that requesters can prepare for it.
        #[arg(long)]
        after_blocks: Option<u64>,
    },
    /// Pauses a project: new requests are refused.
    Pause {
        /// The project.
        project: u64,
    },
    /// Resumes a paused project.
    Resume {
        /// The project.
        project: u64,
    },
    /// Sets who may send requests to a project.
    Access {
        /// The project.
        project: u64,
        /// `anyone`, `owner`, or up to 64 addresses separated by commas.
        requesters: String,
    },
    /// Offers a project to another owner, who must accept.
    Transfer {
        /// The project.
        project: u64,
        /// The next owner's address; without one the offer is withdrawn.
        to: Option<String>,
    },
    /// Accepts a project that was offered to the account.
    Accept {
        /// The project.
        project: u64,
    },
}

/// What is asked for beyond the version's policy.
#[derive(Debug, Args)]
pub(crate) struct OverrideOptions {
    /// Maximum fee of one request, in the smallest unit; a request that would cost more is refused, and a schedule's firing is missed.
    #[arg(long, value_parser = amount)]
    max_fee: Option<u128>,
    /// A larger committee than the policy's, as far as the owner allows.
    #[arg(long)]
    committee: Option<u32>,
    /// A higher quorum than the policy's, basis points, as far as the owner allows.
    #[arg(long)]
    quorum: Option<u16>,
    /// Blocks until a request expires, at most what the settings give.
    #[arg(long)]
    ttl_blocks: Option<u64>,
}

impl OverrideOptions {
    /// Returns them as a request carries them; `None` if none are given.
    pub(crate) fn overrides(&self) -> Option<Overrides> {
        let asked = Overrides {
            committee: self.committee,
            quorum_bps: self.quorum,
            ttl_blocks: self.ttl_blocks,
            max_fee: self.max_fee.map(Into::into),
            ..Overrides::default()
        };
        (asked != Overrides::default()).then_some(asked)
    }
}

/// A request.
#[derive(Debug, Args)]
pub(crate) struct Request {
    /// The project. [default: what `gateway.toml` in this folder has for the network]
    pub project: Option<u64>,
    /// The input, a JSON text.
    #[arg(long, default_value = "null", allow_hyphen_values = true)]
    pub input: String,
    /// The subscription that pays instead of the account, which must be one of its consumers.
    #[arg(long)]
    pub subscription: Option<u64>,
    #[command(flatten)]
    pub overrides: OverrideOptions,
    /// Wait for the result and print it.
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub chain: ChainOptions,
}

/// A request's result.
#[derive(Debug, Args)]
pub(crate) struct ShowResult {
    /// The request.
    pub request: u64,
    /// Wait for the result.
    #[arg(long)]
    pub wait: bool,
    #[command(flatten)]
    pub chain: ChainOptions,
}

/// Runs a node, or sends its operator's messages to the contract.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Node {
    #[command(subcommand)]
    pub action: Option<NodeCommand>,
    #[command(flatten)]
    pub daemon: Option<Daemon>,
}

/// A message of a node's operator.
#[derive(Debug, Subcommand)]
pub(crate) enum NodeCommand {
    /// Registers a node with its stake; it draws from the second epoch after on.
    Register {
        #[command(flatten)]
        identity: NodeIdentity,
        /// The stake, in the smallest unit. [default: one unit of stake]
        #[arg(long, value_parser = amount)]
        stake: Option<u128>,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Shows a node: stake, units, keys, unbonding stake, jail status, and what its operator may claim.
    Status {
        /// The node. [default: the one of the signing account]
        node: Option<u32>,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Reports for each epoch a node's expected seats in results, its seats that agreed, and their rewards.
    Report {
        /// The node. [default: the one of the signing account]
        node: Option<u32>,
        /// Epochs, up to the current one.
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=1000))]
        epochs: u64,
        /// The node's configuration file: adds the seats that it won, from its database.
        #[arg(long)]
        config: Option<PathBuf>,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Adds to a node's stake.
    Stake {
        /// The node.
        node: u32,
        /// Coins, in the smallest unit.
        #[arg(value_parser = amount)]
        amount: u128,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Unbonds stake; the rest must be zero or at least one unit. It may be withdrawn after the unbonding time.
    Unbond {
        /// The node.
        node: u32,
        /// Coins, in the smallest unit, or `all`.
        amount: String,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Withdraws stake whose unbonding time is over.
    Withdraw {
        /// The node.
        node: u32,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Pays the account what it has earned.
    Claim {
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Rotates a node's key to the one in its configuration, which takes effect from the second epoch after.
    Rotate {
        /// The node.
        node: u32,
        /// The node's configuration file, with the new key.
        #[arg(long)]
        config: PathBuf,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Publishes the key to which secrets for a node are sealed. It follows from the node's key: again after a rotation.
    EncryptionKey {
        /// The node.
        node: u32,
        /// The node's configuration file.
        #[arg(long)]
        config: PathBuf,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Sets a node's payout account, and the account that may send the daemon's own messages besides the operator, such as its
    /// encryption key. An account that is not given is reset to the operator.
    Accounts {
        /// The node.
        node: u32,
        /// Receives what the node earns.
        #[arg(long, value_name = "ADDRESS")]
        payout: Option<String>,
        /// Sends the daemon's own messages: the `[account]` of its configuration.
        #[arg(long, value_name = "ADDRESS")]
        daemon: Option<String>,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Updates a node's engine ids and addresses in the contract, for example after an upgrade that changes the engine id.
    Update {
        /// The node.
        node: u32,
        #[command(flatten)]
        identity: NodeIdentity,
        #[command(flatten)]
        chain: ChainOptions,
    },
    /// Unjails a node whose jail time is over, so that it takes part in draws again.
    Unjail {
        /// The node.
        node: u32,
        #[command(flatten)]
        chain: ChainOptions,
    },
}

/// A command on the gateway contract itself, or on one that asks it.
#[derive(Debug, Args)]
pub(crate) struct Contract {
    #[command(subcommand)]
    pub action: ContractAction,
    #[command(flatten)]
    pub chain: ChainOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContractAction {
    /// Uploads a wasm and instantiates it: the gateway contract, or with `--message` any other.
    Deploy {
        /// The wasm.
        wasm: PathBuf,
        /// SHA-256 that the wasm must have, such as `artifacts/checksums.txt` says.
        #[arg(long, required_unless_present = "message")]
        checksum: Option<String>,
        /// File with the settings, JSON. [default: the contract's own, in the network's denom]
        #[arg(long)]
        settings: Option<PathBuf>,
        /// The instantiate message of a contract other than the gateway, JSON.
        #[arg(long, conflicts_with = "settings")]
        message: Option<String>,
        /// The contract's display name.
        #[arg(long, default_value = "gateway")]
        label: String,
    },
    /// Uploads a wasm and migrates the contract to it.
    Migrate {
        /// The wasm.
        wasm: PathBuf,
        /// SHA-256 that the wasm must have.
        #[arg(long)]
        checksum: String,
    },
    /// Shows who governs and the settings; or replaces the settings by those of a file.
    Settings {
        /// File with the settings, JSON: all of them, as they are shown.
        #[arg(long)]
        set: Option<PathBuf>,
    },
    /// Stops new projects, versions, nodes, stake and requests.
    Pause,
    /// Resumes them.
    Resume,
    /// Sends a message to any contract, such as one that asks the gateway; prints the requests that it opened.
    Send {
        /// The contract's address.
        address: String,
        /// The message, JSON.
        message: String,
        /// Coins to send with it, in the smallest unit.
        #[arg(long, default_value_t = 0, value_parser = amount)]
        funds: u128,
    },
    /// Asks any contract, and prints its answer as JSON.
    Query {
        /// The contract's address.
        address: String,
        /// The query, JSON.
        query: String,
    },
}
