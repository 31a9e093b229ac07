//! Global: settings and counter over HTTP, the code store, and the keeper that advances rounds and epochs.
//!
//! It has no privilege: what it serves is read from the contract, what it stores is named by its hash or sealed to nodes, and
//! anyone may send the messages it sends.

mod cache;
mod code_store;
mod config;
mod error;
mod http;
mod keeper;
mod sealed_code_store;
mod service;

pub use code_store::{CodeStore, CodeStoreError};
pub use config::GlobalConfig;
pub use error::GlobalError;
pub use http::{ContractAnswer, Stored, StoredSealed, openapi};
pub use service::run;

#[cfg(test)]
mod tests;
