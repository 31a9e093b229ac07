//! The whole system, with the real binary as child processes on loopback.
//!
//! Each test has a network of its own: a chain with the contract's real wasm, global, a relay and five nodes. The chain is the
//! devchain, or what `E2E_CHAIN` names (`wasmd=PATH`).

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod archwayd;
mod bad_input;
mod beacon;
mod build_and_dev;
mod cli;
mod crashes;
mod declared_types;
mod dishonest;
mod documents;
mod engines;
mod every_message;
mod faults;
mod files;
mod for_programs;
mod impostor;
mod keys;
mod large;
mod network;
mod operate;
mod private_code;
mod project_folder;
mod refund;
mod relay_silent;
mod requests;
mod schedules;
mod secrets;
mod signer;
mod try_out;
mod tutorial;
