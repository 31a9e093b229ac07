//! Global: settings and counter over HTTP, the code store, and the keeper that moves rounds and epochs.
//!
//! It has no power that anybody else has not: what it tells is read from the contract, what it stores is named by its hash,
//! and the messages it sends may be sent by anyone.

mod cache;
mod code_store;
mod config;
mod error;
mod http;
mod keeper;
mod service;

pub use code_store::{CodeStore, CodeStoreError};
pub use config::GlobalConfig;
pub use error::GlobalError;
pub use http::{Stored, Told, openapi};
pub use service::run;

#[cfg(test)]
mod tests;
