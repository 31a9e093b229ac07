//! The grammar of the commands that work on a project's folder without a chain: `init` and `test`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Folder and template.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Folder to make; it must not exist or be empty. Its name becomes the project's.
    pub folder: PathBuf,
    /// The template.
    #[arg(long, value_enum, default_value_t = Template::Json)]
    pub template: Template,
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

/// Which cases to run.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The project's folder, with its `gateway.toml`; or one file of cases in it.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Only cases whose name contains this.
    #[arg(long)]
    pub only: Option<String>,
    /// How the report looks.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub report: ReportFormat,
    /// Where a case is not as expected, write what was found into its file.
    #[arg(long)]
    pub update: bool,
    /// Let the code reach plain HTTP servers on this machine, where its manifest lists `localhost`. No node does.
    #[arg(long)]
    pub localhost: bool,
    /// Run again whenever a file of the folder changes.
    #[arg(long)]
    pub watch: bool,
}

/// How a report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people.
    Text,
    /// JSON.
    Json,
    /// JUnit's XML.
    Junit,
}
