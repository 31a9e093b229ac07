//! The gateway contract: projects, nodes, draws, requests, verification of results, money.
//!
//! It trusts no worker: seats, proofs and the quorum are checked here, and a request ends exactly once. It never
//! iterates over anything that history makes longer.

mod archway;
pub mod contract;
mod domain;
pub mod error;
mod execute;
#[cfg(all(target_arch = "wasm32", not(feature = "library")))]
mod exports;
mod instantiate;
mod migrate;
mod operations;
pub mod permissions;
mod query;
mod release;
mod reply;
mod state;
mod submessage;
mod sudo;
mod verification;

pub use error::ContractError;
