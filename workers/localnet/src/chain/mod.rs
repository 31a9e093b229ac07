//! The chain a network runs on, behind one type: the devchain in this process, a wasmd started for it, or a chain that is
//! already running.

mod devchain;
mod existing;
mod wasmd;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use gateway_devchain::{Devchain, DevchainConfig};

use crate::{DevAccount, LocalnetConfig, LocalnetError};

pub use wasmd::{Wasmd, WasmdConfig};

/// The denom of every chain here.
pub(crate) const DENOM: &str = "aarch";
/// A second denom, of which the accounts of a chain made for a network have the same amount.
pub const OTHER_DENOM: &str = "uother";
/// The id of a chain made for a network.
pub(crate) const CHAIN_ID: &str = "localnet-1";
/// What each account has at genesis: a million ARCH.
const GENESIS_COINS: u128 = 1_000_000_000_000_000_000_000_000;

/// Which chain to run on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ChainKind {
    /// The devchain, in this process.
    #[default]
    Devchain,
    /// The network's own wasmd.
    Wasmd {
        /// Its binary.
        program: PathBuf,
    },
    /// A chain that is already running.
    Rpc {
        /// Its Tendermint RPC over HTTP.
        url: String,
        /// File with the key of an account that has coins there: 64 hexadecimal digits or 24 words.
        key: PathBuf,
    },
}

impl ChainKind {
    /// Derives an account of a network on this chain: with a publicly known key if the chain is made for it, and with a key
    /// that only the holder of the paying key can compute if coins have a price.
    ///
    /// # Errors
    /// [`LocalnetError::Answer`] if the key cannot be read.
    pub(crate) fn account(&self, name: &str) -> Result<DevAccount, LocalnetError> {
        match self {
            Self::Devchain | Self::Wasmd { .. } => DevAccount::named(name),
            Self::Rpc { key, .. } => existing::account(key, name),
        }
    }

    /// Starts the chain, or connects to it, and ensures that the accounts have coins.
    pub(crate) async fn start(
        &self,
        net: &LocalnetConfig,
        accounts: &[&DevAccount],
    ) -> Result<LocalChain, LocalnetError> {
        let funded = || accounts.iter().map(|a| (a.address().to_owned(), GENESIS_COINS)).collect();
        match self {
            Self::Devchain => devchain::start(net, funded()).await,
            Self::Wasmd { program } => {
                let mut config = WasmdConfig::new(program.clone(), net.home.join("wasmd"));
                config.block_time = net.block_time;
                config.accounts = funded();
                config.other_denoms = vec![OTHER_DENOM.to_owned()];
                let wasmd = Wasmd::start(config).await?;
                Ok(LocalChain::new(wasmd.rpc_url(), CHAIN_ID, Process::Wasmd(Box::new(wasmd))))
            }
            Self::Rpc { url, key } => existing::join(url, key, accounts).await,
        }
    }
}

impl FromStr for ChainKind {
    type Err = String;

    /// Parses `devchain` or `wasmd=PATH`; a running chain needs a key besides its address and has no such text.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None if text == "devchain" => Ok(Self::Devchain),
            Some(("wasmd", path)) if !path.is_empty() => Ok(Self::Wasmd { program: path.into() }),
            _ => Err(format!("{text:?} is no chain: takes devchain or wasmd=PATH")),
        }
    }
}

impl fmt::Display for ChainKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Devchain => f.write_str("a devchain in this process"),
            Self::Wasmd { program } => write!(f, "a chain run by {}", program.display()),
            Self::Rpc { url, .. } => write!(f, "the chain at {url}"),
        }
    }
}

/// What keeps the chain running.
enum Process {
    Devchain(Devchain, Box<DevchainConfig>),
    /// A stopped devchain that can be restarted.
    Stopped(Box<DevchainConfig>),
    Wasmd(Box<Wasmd>),
    Elsewhere,
}

/// A running chain.
pub struct LocalChain {
    rpc: String,
    id: String,
    process: Process,
}

impl LocalChain {
    fn new(rpc: String, id: impl Into<String>, process: Process) -> Self {
        Self { rpc, id: id.into(), process }
    }

    /// Returns the Tendermint RPC's address.
    #[must_use]
    pub fn rpc_url(&self) -> &str {
        &self.rpc
    }

    /// Returns the chain's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the devchain, if it is one: its faults and its height are accessible in this process.
    #[must_use]
    pub fn devchain(&self) -> Option<&Devchain> {
        match &self.process {
            Process::Devchain(chain, _) => Some(chain),
            Process::Stopped(_) | Process::Wasmd(_) | Process::Elsewhere => None,
        }
    }

    /// Returns the process of the chain, if it has a separate one.
    #[must_use]
    pub fn wasmd(&self) -> Option<&Wasmd> {
        match &self.process {
            Process::Wasmd(chain) => Some(chain),
            Process::Devchain(..) | Process::Stopped(_) | Process::Elsewhere => None,
        }
    }

    /// Returns an error that says how the chain ended, if it has ended by itself.
    pub(crate) fn check(&self) -> Result<(), LocalnetError> {
        self.wasmd().map_or(Ok(()), Wasmd::check)
    }

    /// Stops a chain made for the network; leaves any other alone.
    pub(crate) async fn shutdown(self) -> Result<(), LocalnetError> {
        match self.process {
            Process::Devchain(chain, _) => Ok(chain.shutdown().await?),
            Process::Wasmd(chain) => {
                chain.stop().await;
                Ok(())
            }
            Process::Stopped(_) | Process::Elsewhere => Ok(()),
        }
    }

    /// Stops a chain made for the network: a devchain in order, a wasmd as a power cut would.
    pub(crate) async fn stop(&mut self) -> Result<(), LocalnetError> {
        match std::mem::replace(&mut self.process, Process::Elsewhere) {
            Process::Devchain(chain, config) => {
                self.process = Process::Stopped(config);
                chain.shutdown().await?;
            }
            Process::Wasmd(mut chain) => {
                chain.kill().await;
                self.process = Process::Wasmd(chain);
            }
            other => self.process = other,
        }
        Ok(())
    }

    /// Restarts a stopped chain at its old address, from where it was.
    pub(crate) async fn start_again(&mut self) -> Result<(), LocalnetError> {
        match std::mem::replace(&mut self.process, Process::Elsewhere) {
            Process::Stopped(config) => {
                let chain = Devchain::start((*config).clone()).await?;
                self.process = Process::Devchain(chain, config);
            }
            Process::Wasmd(mut chain) => {
                let started = chain.start_again().await;
                self.process = Process::Wasmd(chain);
                started?;
            }
            other => self.process = other,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_named_by_text() {
        assert_eq!("devchain".parse(), Ok(ChainKind::Devchain));
        assert_eq!("wasmd=/a/wasmd".parse(), Ok(ChainKind::Wasmd { program: "/a/wasmd".into() }));
        for wrong in ["", "wasmd", "wasmd=", "rpc=http://node", "archwayd=/a"] {
            assert!(wrong.parse::<ChainKind>().is_err(), "{wrong}");
        }
    }
}
