//! Configuration of a signer: its socket, the one chain and contract that it signs for, its keys.

use std::path::PathBuf;

use gateway_daemon_runtime::remote_signer::KeyKind;
use gateway_daemon_runtime::{OutOfBounds, SecretSource, check_bounds};
use serde::Deserialize;

use crate::error::SignerError;

/// Configuration of a signer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerConfig {
    /// The socket that daemons connect to. Whoever can open it can have things signed.
    pub socket: PathBuf,
    /// The socket's permissions, octal. Default `0600`; `0660` where daemons run as users of the signer's group.
    #[serde(default = "socket_mode")]
    pub socket_mode: String,
    /// The file in which commitments are kept, one process at a time.
    pub journal: PathBuf,
    /// The only chain that is signed for.
    pub chain_id: String,
    /// The only contract that is signed for.
    pub contract: String,
    /// Prefix of addresses. Default `archway`.
    #[serde(default = "prefix")]
    pub prefix: String,
    /// Denomination of fees and funds. Default `aarch`.
    #[serde(default = "denom")]
    pub denom: String,
    /// The keys, 1 to 64.
    pub keys: Vec<KeyConfig>,
}

/// A key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyConfig {
    /// The name by which daemons ask for it.
    pub name: String,
    /// `account` or `node`.
    pub kind: KeyKind,
    /// Where it is kept.
    pub key: SecretSource,
    /// Of an account: most that one transaction may pay the chain, a text of digits. Default 20000000000000000000 (20 ARCH).
    #[serde(default = "max_fee")]
    pub max_fee: String,
    /// Of an account: most that one transaction may bring the contract, a text of digits. Default 0: a relay that pays for requests
    /// needs more.
    #[serde(default = "max_funds")]
    pub max_funds: String,
}

fn socket_mode() -> String {
    "0600".to_owned()
}

fn prefix() -> String {
    "archway".to_owned()
}

fn denom() -> String {
    "aarch".to_owned()
}

fn max_fee() -> String {
    "20000000000000000000".to_owned()
}

fn max_funds() -> String {
    "0".to_owned()
}

impl SignerConfig {
    /// Returns the socket's permissions.
    pub(crate) fn mode(&self) -> Option<u32> {
        u32::from_str_radix(&self.socket_mode, 8).ok().filter(|mode| *mode <= 0o777)
    }

    /// Checks every bound.
    ///
    /// # Errors
    /// [`SignerError::Chain`] if the contract's address is not valid; otherwise [`SignerError::Config`] for the first field
    /// outside its bound, with the bound.
    pub fn validate(&self) -> Result<(), SignerError> {
        gateway_chain::tx::address("contract", &self.contract, &self.prefix)?;
        let amount = |text: &String| text.parse::<u128>().is_ok();
        let mut names: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        check_bounds([
            (self.mode().is_some(), "socket_mode", "permissions such as \"0600\""),
            ((1..=50).contains(&self.chain_id.len()), "chain_id", "1 to 50 characters"),
            ((1..=64).contains(&self.keys.len()), "keys", "1 to 64"),
            (names.len() == self.keys.len(), "keys", "a name of its own for each"),
            (names.iter().all(|name| (1..=64).contains(&name.len())), "keys.name", "1 to 64 characters"),
            (self.keys.iter().all(|key| amount(&key.max_fee)), "keys.max_fee", "a text of digits"),
            (self.keys.iter().all(|key| amount(&key.max_funds)), "keys.max_funds", "a text of digits"),
        ])
        .map_err(|error: OutOfBounds| error.into())
    }
}
