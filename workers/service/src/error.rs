//! Why a daemon that serves HTTP and sends from its own account stops.

use std::error::Error;

use gateway_chain::ChainError;
use gateway_chain::outbox::OutboxError;
use gateway_daemon_runtime::task_group::GroupError;
use gateway_daemon_runtime::{OutOfBounds, Retryable};
use gateway_http::{ApiKeyError, ServerError};
use gateway_store::StoreError;

/// Why a daemon could not start or had to stop. `Own` are the errors specific to it.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError<Own: Error + 'static> {
    /// A setting is out of its bounds.
    #[error(transparent)]
    Config(#[from] OutOfBounds),
    /// An API key cannot be used.
    #[error(transparent)]
    ApiKey(#[from] ApiKeyError),
    /// The chain cannot be used.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A message could not be queued.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP service failed.
    #[error(transparent)]
    Http(#[from] ServerError),
    /// A message does not serialise.
    #[error("cannot write {what}: {source}")]
    Json {
        /// What it is.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A task ended; the others were stopped.
    #[error(transparent)]
    Tasks(#[from] GroupError),
    /// Something specific to the daemon cannot be used.
    #[error(transparent)]
    Own(Own),
}

impl<Own: Error + 'static> Retryable for DaemonError<Own> {
    fn is_retryable(&self) -> bool {
        match self {
            // A lagging node refuses what another would answer.
            Self::Chain(ChainError::Query { .. }) => true,
            Self::Chain(error) => error.is_retryable(),
            Self::Outbox(error) => error.is_retryable(),
            Self::Store(error) => error.is_retryable(),
            Self::Config(_)
            | Self::ApiKey(_)
            | Self::Http(_)
            | Self::Json { .. }
            | Self::Tasks(_)
            | Self::Own(_) => false,
        }
    }
}
