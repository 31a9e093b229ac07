//! Opens what is sealed to the node: here, or via the signer that holds its key.

use std::sync::Arc;

use gateway_api::EncryptionKey;
use gateway_daemon_runtime::remote_signer::{Bytes, Operation, RemoteError, RemoteKey};
use gateway_protocol::Domain;
use gateway_sealing::{OpeningKey, SealingError};
use zeroize::Zeroizing;

/// Why opening failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// It is not sealed to this key, or bound to a different context.
    #[error(transparent)]
    Sealed(#[from] SealingError),
    /// The signer that holds the key did not open it.
    #[error(transparent)]
    Signer(#[from] RemoteError),
}

/// The key to which values and code for the node are sealed on one contract.
#[derive(Clone, Debug)]
pub struct Opener {
    public: EncryptionKey,
    held: Held,
}

#[derive(Clone, Debug)]
enum Held {
    Here(Arc<OpeningKey>),
    Remote { key: Arc<RemoteKey>, chain_id: String, contract: String },
}

impl From<OpeningKey> for Opener {
    fn from(key: OpeningKey) -> Self {
        Self { public: key.public(), held: Held::Here(Arc::new(key)) }
    }
}

impl Opener {
    /// Asks a signer for the public half of the key derived from the node's; `None` for an older signer that opens nothing.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub(crate) async fn remote(
        key: Arc<RemoteKey>,
        domain: &Domain<'_>,
    ) -> Result<Option<Self>, RemoteError> {
        let (chain_id, contract) = (domain.chain_id.to_owned(), domain.contract.to_owned());
        let asked = Operation::EncryptionKey { chain_id: chain_id.clone(), contract: contract.clone() };
        let public = match key.sign(asked).await {
            Ok(public) => public,
            Err(RemoteError::Refused { reason }) => {
                tracing::warn!(reason, "the signer opens nothing that is sealed to the node");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let public = public.try_into().map_err(|_| key.wrong("no encryption key"))?;
        Ok(Some(Self { public: EncryptionKey(public), held: Held::Remote { key, chain_id, contract } }))
    }

    /// Returns the public half, as the node publishes it.
    #[must_use]
    pub fn public(&self) -> EncryptionKey {
        self.public
    }

    /// Opens what was sealed to this key and bound to `info`.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) async fn open(&self, info: &[u8; 32], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        match &self.held {
            Held::Here(key) => Ok(key.open(info, sealed)?),
            Held::Remote { key, chain_id, contract } => {
                let asked = Operation::Open {
                    chain_id: chain_id.clone(),
                    contract: contract.clone(),
                    info: (*info).into(),
                    sealed: Bytes(sealed.to_vec()),
                };
                match key.open(asked).await {
                    Ok(value) => Ok(Zeroizing::new(value)),
                    // The signer has the key: what it refuses is not sealed to it.
                    Err(RemoteError::Refused { .. }) => Err(SealingError::Ciphertext.into()),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }
}
