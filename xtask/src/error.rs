//! Why a chore fails.

use std::path::PathBuf;

use thiserror::Error;

/// Why a chore fails.
#[derive(Debug, Error)]
pub(crate) enum XtaskError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A generated file is stale.
    #[error("{path} is not fresh: run `cargo xtask {chore}`")]
    Stale {
        /// The file.
        path: PathBuf,
        /// The chore that writes it.
        chore: &'static str,
    },
    /// A contract artifact breaks a rule of the chain or of this repository.
    #[error("{artifact}: {fault}")]
    Artifact {
        /// The artifact.
        artifact: String,
        /// What is wrong.
        fault: String,
    },
    /// The workspace cannot be described.
    #[error("cargo metadata: {0}")]
    Metadata(#[from] cargo_metadata::Error),
    /// The book cannot be built correctly.
    #[error("the book: {0}")]
    Book(String),
    /// A schema cannot be written.
    #[error("schema: {0}")]
    Schema(String),
    /// Faults that no test notices, or a list of them that cannot be used.
    #[error("seeded faults: {0}")]
    Faults(String),
}
