//! Keys held by another process on this machine: the protocol over a Unix socket, and its client.
//!
//! The protocol is one line of JSON per question and one per answer (docs/decisions/0022). The signer decides what it signs; a
//! daemon with such a key cannot leak it, because it never has it.

mod client;
mod wire;

use std::path::PathBuf;

pub use client::{RemoteError, RemoteKey};
use serde::{Deserialize, Serialize};
pub use wire::{Answer, Ask, Bytes, Draw, KeyKind, MAX_LINE, Operation};

/// A key that a signer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteSource {
    /// The signer's socket.
    pub socket: PathBuf,
    /// The key's name there.
    pub name: String,
}
