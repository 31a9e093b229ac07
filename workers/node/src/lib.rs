//! The node: draws its seats, runs the project's code, attests the outcome.
//!
//! The database is the queue: a block's requests and the height cursor are stored in one transaction, and every later step
//! begins from a stored row, so that a node killed at any instant resumes where it was. This crate holds the VRF key, or asks a
//! signer that does; it signs no transaction itself (the outbox does, if the node has an account), writes no SQL and runs no
//! JavaScript.

mod abstention;
mod account;
mod assign;
mod attestation_queue;
mod beacon;
mod code;
mod config;
mod context;
mod daemon;
mod deliver;
mod due_jobs;
mod encryption_key;
mod error;
mod executor;
mod fallback_submission;
mod job_runner;
mod key_guard;
mod membership;
mod mirror;
mod new_heights;
mod opened_rounds;
mod opener;
mod outcome;
mod outlet;
mod private_code;
mod resend;
mod round_tickets;
mod run_health;
mod schedule;
mod sealed_secrets;
mod standing;
mod sync;
mod turns;
mod vrf_key;

pub use config::{AccountSettings, CodeSettings, EngineSettings, NodeConfig, SecretSettings};
pub use daemon::run;
pub use error::NodeError;
pub use gateway_engine::WorkerCommand;
pub use opener::Opener;
pub use outcome::{Conclusion, conclude};
pub use vrf_key::VrfKey;

#[cfg(test)]
mod tests;
