//! The signer: keys in a process of their own, which signs over a Unix socket.
//!
//! A relay, a node or global whose machine or process is taken over can then misuse its key for as long as it is connected, and only
//! as far as the signer's rules allow; it cannot take the key away. The rules: one chain and one contract; of an account, transactions
//! that do nothing but execute that contract, within bounds of fee and funds; of a node's key, one commitment for each request,
//! whichever process asks. This crate knows no network but its socket and no database but its journal.

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
