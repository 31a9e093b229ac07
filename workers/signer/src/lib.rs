//! The signer: keys in a separate process, which signs over a Unix socket.
//!
//! If the machine or process of a relay, a node or global is taken over, its key can be misused only while it is connected, and
//! only as far as the signer's rules allow; the key cannot be taken away. The rules: one chain and one contract; for an
//! account, transactions that do nothing but execute that contract, within bounds of fee and funds; for a node's key, one
//! commitment per request, whichever process asks. This crate knows no network but its socket and no database but its journal.

mod config;
mod error;
mod journal;
mod keys;
mod rules;
mod server;

pub use config::{KeyConfig, SignerConfig};
pub use error::SignerError;
pub use server::run;

#[cfg(test)]
mod tests;
