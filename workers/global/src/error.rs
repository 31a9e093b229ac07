//! Why global stops.

use gateway_chain::ChainError;
use gateway_chain::outbox::OutboxError;
use gateway_daemon_runtime::task_group::GroupError;
use gateway_daemon_runtime::{OutOfBounds, Retryable};
use gateway_http::{ApiKeyError, ServerError};
use gateway_store::StoreError;

use crate::code_store::CodeStoreError;

/// Why global could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum GlobalError {
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
    /// The code store failed.
    #[error(transparent)]
    Code(#[from] CodeStoreError),
    /// The HTTP service failed.
    #[error(transparent)]
    Http(#[from] ServerError),
    /// A message does not serialise.
    #[error("cannot write a message: {0}")]
    Json(#[from] serde_json::Error),
    /// A task of global ended; the others were stopped.
    #[error(transparent)]
    Tasks(#[from] GroupError),
}

impl Retryable for GlobalError {
    fn is_retryable(&self) -> bool {
        match self {
            // A node that is behind refuses what another answers.
            Self::Chain(ChainError::Query { .. }) => true,
            Self::Chain(error) => error.is_retryable(),
            Self::Outbox(error) => error.is_retryable(),
            Self::Store(error) => error.is_retryable(),
            Self::Config(_)
            | Self::ApiKey(_)
            | Self::Code(_)
            | Self::Http(_)
            | Self::Json(_)
            | Self::Tasks(_) => false,
        }
    }
}
