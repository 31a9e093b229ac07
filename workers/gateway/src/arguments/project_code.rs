//! The grammar of the commands that work on a project's code: `init`, `build`, `dev` and `test` without a chain, and `code`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ChainOptions, OutputFormat};

/// Folder and template.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Folder to create; it must be empty or not exist yet. Its name becomes the project's.
    pub folder: PathBuf,
    /// The template.
    #[arg(long, value_enum, default_value_t = Template::Json)]
    pub template: Template,
    /// Format of the list of files.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// A project's template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// The price of a coin: the median of three exchanges.
    Price,
    /// The temperature at a place, for a parametric insurance.
    Weather,
    /// The final score of a match.
    Sports,
    /// The latest release of a GitHub repository.
    Github,
    /// A field of any JSON document on the web.
    Json,
    /// Random numbers from the request's seed: dice, shuffles, draws.
    Random,
    /// A text classified by a language model, with an operator's secret.
    Llm,
    /// Proof that a web page's owner has an account on the chain.
    Social,
    /// The reserves behind a token, summed over published accounts.
    Reserves,
    /// Whether a flight was late, and by how much.
    Flight,
    /// The metadata of an NFT, checked and hashed.
    Nft,
    /// A read of a contract on an EVM chain, by several RPC servers.
    EvmRead,
}

/// What to bundle.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The project's folder, with its `gateway.toml`.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// The bundler's program. [default: `node_modules/.bin/esbuild` in the folder or above it, or `esbuild` on the PATH]
    #[arg(long)]
    pub esbuild: Option<PathBuf>,
    /// Format of the report.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// What the page shows.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The project's folder, with its `gateway.toml`.
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Where the page is served; an address of this machine alone.
    #[arg(long, default_value = "127.0.0.1:7400")]
    pub listen: SocketAddr,
    /// A secret for the code, as a node's operator would set it: `NAME=VALUE@HOST`, where the value may be `env:VARIABLE` or
    /// `file:PATH`. Repeatable.
    #[arg(long = "secret", value_name = "NAME=VALUE@HOST", value_parser = super::run::secret)]
    pub secrets: Vec<super::run::SecretArgument>,
    /// Let the code reach plain HTTP servers on this machine, where its manifest lists `localhost`. No node does.
    #[arg(long)]
    pub localhost: bool,
}

/// Which cases to run.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The project's folder, with its `gateway.toml`; or one file of cases in it.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Run only the cases whose name contains this text.
    #[arg(long)]
    pub only: Option<String>,
    /// Format of the report.
    #[arg(long, visible_alias = "output", value_enum, default_value_t = ReportFormat::Text)]
    pub report: ReportFormat,
    /// Write the actual outcome of each case that fails into its file.
    #[arg(long)]
    pub update: bool,
    /// Let the code reach plain HTTP servers on this machine, where its manifest lists `localhost`. No node does.
    #[arg(long)]
    pub localhost: bool,
    /// Rerun whenever a file in the folder changes.
    #[arg(long)]
    pub watch: bool,
}

/// Format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Human-readable text.
    Text,
    /// JSON.
    Json,
    /// JUnit's XML.
    Junit,
}

/// A command on private code.
#[derive(Debug, Args)]
pub(crate) struct Code {
    #[command(subcommand)]
    pub action: CodeAction,
    #[command(flatten)]
    pub chain: ChainOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CodeAction {
    /// Encrypts code for a project and seals its key to every node that has published its encryption key, and sends both to the code
    /// store, which never has the plain code; again after nodes have joined or changed their keys. Every such node can read the
    /// code. What `gateway deploy --private` does when it deploys.
    Seal {
        /// The file: the bytes whose hash the project's version pins, with `store` among its sources.
        file: PathBuf,
        /// The project.
        #[arg(long)]
        project: u64,
        #[command(flatten)]
        store: StoreOptions,
    },
}

/// Which code store.
#[derive(Debug, Args)]
pub(crate) struct StoreOptions {
    /// Address of the code store, instead of the network's.
    #[arg(long)]
    pub store: Option<String>,
    /// File with the API key of the code store, instead of the network's.
    #[arg(long)]
    pub store_key_file: Option<PathBuf>,
}
