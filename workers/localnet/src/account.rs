//! Accounts of a local network: each has a name, a key derived from it and coins at genesis.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_chain::{Chain, ChainConfig, Deployer, Signer};
use sha2::{Digest, Sha256};

use crate::LocalnetError;

/// Prefix of addresses on the local chain.
pub(crate) const PREFIX: &str = "archway";

/// A named account. Its key is public knowledge: never use one outside a local network.
#[derive(Debug)]
pub struct DevAccount {
    name: String,
    secret: [u8; 32],
    address: String,
}

impl DevAccount {
    /// Derives the account of a name.
    ///
    /// # Errors
    /// [`LocalnetError::Chain`] if the digest of the name is no valid key, which has a probability of 2^-128.
    pub fn named(name: &str) -> Result<Self, LocalnetError> {
        Self::with_secret(name, Sha256::digest(format!("gateway localnet account {name}")).into())
    }

    /// Creates an account with a given key.
    pub(crate) fn with_secret(name: &str, secret: [u8; 32]) -> Result<Self, LocalnetError> {
        let signer = Signer::from_bytes(&secret, PREFIX)
            .map_err(LocalnetError::chain(format!("the key of {name}")))?;
        Ok(Self { name: name.to_owned(), secret, address: signer.address().to_owned() })
    }

    /// Returns its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Returns the signer and sender of its transactions.
    pub(crate) fn deployer(
        &self,
        chain: Arc<dyn Chain>,
        config: &ChainConfig,
    ) -> Result<Deployer, LocalnetError> {
        let failed = || LocalnetError::chain(format!("the key of {}", self.name));
        let signer = Signer::from_bytes(&self.secret, PREFIX).map_err(failed())?;
        Deployer::new(chain, signer, config).map_err(failed())
    }

    /// Returns the key in hexadecimal.
    pub(crate) fn secret_hex(&self) -> String {
        hex::encode(self.secret)
    }

    /// Writes the key to a file that a daemon's configuration can refer to.
    pub(crate) fn write_key(&self, home: &Path) -> Result<PathBuf, LocalnetError> {
        let path = home.join(format!("{}.key", self.name));
        crate::config_files::write_secret(&path, &self.secret_hex())?;
        Ok(path)
    }
}
