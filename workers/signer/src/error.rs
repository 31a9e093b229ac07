//! What ends a signer.

use std::path::PathBuf;

use gateway_chain::ChainError;
use gateway_daemon_runtime::secret::SecretError;
use gateway_daemon_runtime::{OutOfBounds, Retryable};

use crate::journal::JournalError;

/// Why a signer could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Config(#[from] OutOfBounds),
    /// The contract's address or an account's key is wrong.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A key cannot be read.
    #[error("key {name}: {source}")]
    Secret {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        source: SecretError,
    },
    /// A node's key is not 64 hexadecimal digits, or unusable.
    #[error("key {name}: a node's key has 64 hexadecimal digits")]
    KeyFormat {
        /// Its name.
        name: String,
    },
    /// The journal cannot be used.
    #[error("journal: {0}")]
    Journal(#[from] JournalError),
    /// The socket cannot be served.
    #[error("socket {}: {source}", socket.display())]
    Socket {
        /// The socket.
        socket: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another signer answers at the socket.
    #[error("socket {}: another signer answers there", socket.display())]
    Taken {
        /// The socket.
        socket: PathBuf,
    },
}

impl Retryable for SignerError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Socket { .. } | Self::Taken { .. })
    }
}
