//! A single-process CosmWasm chain with the Tendermint RPC, for development, tests and the demo.
//!
//! It runs real contract code in the real CosmWasm VM, checks real signatures, meters gas in SDK units and
//! answers unmodified Tendermint clients. It has one validator, no consensus and no peers: nothing in here may be
//! mistaken for a chain that is safe to hold value.
//!
//! The parts, from the bottom up: [`state`] (layered key-value state over committed snapshots), [`modules`] (accounts and
//! bank), [`wasm`] (contracts), [`archway`] (callbacks and prices as on Archway), [`tx`] (checking and executing transactions),
//! [`chain`] (mempool, blocks, history) and [`rpc`] (what clients see). One thread owns block production; reads use the last
//! committed block and never wait for it.

mod address;
mod archway;
mod chain;
mod config;
mod error;
mod event;
mod faults;
mod gas;
mod modules;
mod node;
mod rpc;
mod state;
mod tx;
mod wasm;

pub use address::{AddressError, module_address};
pub use archway::{CALLBACK_GAS, FEE_PER_BLOCK_AHEAD};
pub use config::DevchainConfig;
pub use error::DevchainError;
pub use faults::Faults;
pub use node::Devchain;
