//! The contract, run natively, on an in-memory chain: the counterpart for the daemons' tests.
//!
//! [`TestChain`] implements the traits of the chain edge. Blocks are made by hand ([`TestChain::commit`]) or by a [`Miner`];
//! transactions of a daemon are accepted and executed by the ledger of `gateway_chain::testing`, with its faults, and the
//! contract is the crate `gateway-contract` itself, so its events, answers and refusals are the real ones. Answers that the
//! contract would never give need an explicit override: [`TestChain::script`], [`TestChain::emit`],
//! [`TestChain::refuse_publications`].
//!
//! For tests only: it panics when something that a test asks for is refused.

// A kit of tests is a test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod actions;
mod chain;
mod host;
mod miner;
mod nodes;
mod reader;
mod rounds;
mod samples;
mod served;
mod setup;
mod switches;

pub use chain::{CHAIN_ID, CONTRACT, DOMAIN, TestChain, account};
pub use host::contract_event;
pub use miner::Miner;
pub use nodes::TestNode;
pub use samples::{sample_node, sample_request};
pub use served::Served;
pub use setup::{Setup, code};
