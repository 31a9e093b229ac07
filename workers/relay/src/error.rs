//! Why a relay stops.

use gateway_chain::ChainError;
use gateway_daemon_runtime::task_group::GroupError;
use gateway_daemon_runtime::{OutOfBounds, Retryable};
use gateway_http::{ApiKeyError, ServerError};
use gateway_store::StoreError;

/// Why a relay could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Config(#[from] OutOfBounds),
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
    /// The explorer's page cannot be served.
    #[error(transparent)]
    Explorer(#[from] gateway_explorer::ExplorerConfigError),
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

impl Retryable for RelayError {
    fn is_retryable(&self) -> bool {
        match self {
            // A node that is behind refuses what another answers.
            Self::Chain(ChainError::Query { .. }) => true,
            Self::Chain(error) => error.is_retryable(),
            Self::Store(error) => error.is_retryable(),
            Self::Config(_)
            | Self::ApiKey(_)
            | Self::Http(_)
            | Self::Explorer(_)
            | Self::Json { .. }
            | Self::Tasks(_) => false,
        }
    }
}
