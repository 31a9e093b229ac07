//! Why a relay stops.

use gateway_chain::ChainError;
use gateway_daemon_runtime::task_group::GroupError;
use gateway_http::{ApiKeyError, ServerError};
use gateway_store::StoreError;

/// Why a relay could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// A setting is out of its bounds.
    #[error("{field} takes {bound}")]
    Config {
        /// The setting.
        field: &'static str,
        /// What it takes.
        bound: &'static str,
    },
    /// An API key cannot be used.
    #[error(transparent)]
    ApiKey(#[from] ApiKeyError),
    /// The chain cannot be used.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP service failed.
    #[error(transparent)]
    Http(#[from] ServerError),
    /// A message does not serialise.
    #[error("cannot write {what}: {source}")]
    Json {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A task of the relay ended; the others were stopped.
    #[error(transparent)]
    Tasks(#[from] GroupError),
}

impl RelayError {
    /// Whether the same step may succeed later without anyone changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_retryable(),
            Self::Store(error) => error.is_retryable(),
            Self::Config { .. } | Self::ApiKey(_) | Self::Http(_) | Self::Json { .. } | Self::Tasks(_) => {
                false
            }
        }
    }
}
