//! Why the example refuses a message.

use cosmwasm_std::StdError;
use gateway_consumer::{ConsumerError, ProjectId};
use thiserror::Error;

/// Why a message is refused.
#[derive(Debug, PartialEq, Error)]
pub enum ExampleError {
    /// The chain's or the storage's own.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The answer is not taken.
    #[error(transparent)]
    Answer(#[from] ConsumerError),
    /// The project may not be asked.
    #[error("project {project} is not among those that may be asked")]
    NotAllowed {
        /// The project.
        project: ProjectId,
    },
    /// The message is for the owner.
    #[error("only the owner may send this")]
    Unauthorized {},
}
