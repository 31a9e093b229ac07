//! What can go wrong while a local network runs, worded so that a person can act on it.

use std::path::PathBuf;

use thiserror::Error;

/// What went wrong.
#[derive(Debug, Error)]
pub enum LocalnetError {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The path.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A child process could not be started.
    #[error("{name} could not be started: {source}")]
    Start {
        /// The process.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// A child process ended by itself.
    #[error("{name} ended by itself ({status}); its log is {log} and ends with:\n{tail}")]
    Died {
        /// The process.
        name: String,
        /// How.
        status: String,
        /// Where its log is.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// A condition was not met in time.
    #[error("{what}: not within {seconds} s")]
    TimedOut {
        /// The condition.
        what: String,
        /// How long, seconds.
        seconds: u64,
    },
    /// The devchain failed.
    #[error("the chain: {0}")]
    Devchain(#[from] gateway_devchain::DevchainError),
    /// A transaction or query failed.
    #[error("{doing}: {source}")]
    Chain {
        /// What was being done.
        doing: String,
        /// Why.
        source: gateway_chain::ChainError,
    },
    /// A service did not answer as it should.
    #[error("{doing}: {reason}")]
    Answer {
        /// What was being done.
        doing: String,
        /// What was wrong.
        reason: String,
    },
}

impl LocalnetError {
    /// Returns whether the same call may succeed later: the chain or its node could not answer at that moment.
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self, Self::Chain { source, .. } if source.is_retryable())
    }

    pub(crate) fn answer(doing: impl Into<String>, reason: impl ToString) -> Self {
        Self::Answer { doing: doing.into(), reason: reason.to_string() }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    pub(crate) fn chain(doing: impl Into<String>) -> impl FnOnce(gateway_chain::ChainError) -> Self {
        let doing = doing.into();
        move |source| Self::Chain { doing, source }
    }
}
