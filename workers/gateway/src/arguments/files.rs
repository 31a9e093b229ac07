//! Options of commands that create and check files: keys, configurations, copies of databases.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use gateway_daemon_runtime::secret::PassphraseSource;

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Makes a key for a node's draws (VRF) and prints its public half.
    Vrf(NewKey),
    /// Makes a key for an account on the chain and prints its address.
    Account(NewAccount),
    /// Encrypts a key with a passphrase: Argon2id and AES-256-GCM. In a configuration:
    /// `key = { encrypted = { file = "…", passphrase = { file = "…" } } }`, or `{ env = "NAME" }`, or `"terminal"`.
    Encrypt(EncryptKey),
    /// Prints the address of an account's key, wherever it is kept.
    Address(KeyAddress),
}

/// A key to encrypt.
#[derive(Debug, Args)]
pub(crate) struct EncryptKey {
    /// File with the key: what `gateway key` made, or a mnemonic.
    #[arg(long)]
    pub from: PathBuf,
    /// File to write; it must not exist. Delete the open one when this one has been tried.
    #[arg(long)]
    pub out: PathBuf,
    /// Memory that opening it takes (Argon2id, three passes), KiB: less makes guessing the passphrase cheaper.
    #[arg(long, default_value_t = 65_536, value_parser = clap::value_parser!(u32).range(8..=1_048_576))]
    pub memory_kib: u32,
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// Where a passphrase is kept.
#[derive(Debug, Args)]
pub(crate) struct Passphrase {
    /// File with the passphrase. [default: it is asked for at the terminal]
    #[arg(long, conflicts_with = "passphrase_env")]
    pub passphrase_file: Option<PathBuf>,
    /// Name of the environment variable with the passphrase.
    #[arg(long)]
    pub passphrase_env: Option<String>,
}

impl Passphrase {
    /// Returns where it is; `None` if no option says.
    pub(crate) fn named(&self) -> Option<PassphraseSource> {
        let file = self.passphrase_file.clone().map(PassphraseSource::File);
        file.or_else(|| self.passphrase_env.clone().map(PassphraseSource::Env))
    }
}

/// An account's key.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("key").required(true).args(["key_file", "encrypted", "keyring"]))]
pub(crate) struct KeyAddress {
    /// File with the key, open: a mnemonic of 12 to 24 words, or 64 hexadecimal digits.
    #[arg(long)]
    pub key_file: Option<PathBuf>,
    /// File that `gateway key encrypt` made.
    #[arg(long)]
    pub encrypted: Option<PathBuf>,
    /// Home of a chain's program with a keyring, such as `~/.archway`.
    #[arg(long, requires = "name")]
    pub keyring: Option<PathBuf>,
    /// Name of the key in the keyring.
    #[arg(long)]
    pub name: Option<String>,
    /// The keyring's backend. Others than these ask other programs and are not supported.
    #[arg(long, value_enum, default_value_t = Backend::File)]
    pub backend: Backend,
    #[command(flatten)]
    pub passphrase: Passphrase,
    /// Prefix of the chain's addresses.
    #[arg(long, default_value = "archway")]
    pub prefix: String,
}

/// A keyring's backend.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Backend {
    /// With a passphrase.
    File,
    /// For development: without one.
    Test,
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
