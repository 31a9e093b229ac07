//! The VM worker process: sandboxed V8, the only crate that links it.
//!
//! A worker is one process that exchanges the frames of `gateway-vm-protocol` on descriptor 0 and runs strangers'
//! code, one job at a time. It must never hold a key, open a file or a connection, or be trusted by its parent.
//! `unsafe` lives here because V8's callbacks and the two symbols of `interpose` need it; each use says why it
//! is sound.

mod canon;
mod compile;
mod engine;
mod errors;
mod event_loop;
mod fatal_report;
mod flags;
mod host;
mod identity;
mod imports;
mod inbox;
mod interpose;
mod isolate;
mod link;
pub mod measure;
mod memory;
mod refusal;
mod run;
mod runtime;
mod sandbox;
mod shared_snapshot;
mod snapshot;
mod stack;
mod stop;
mod transform;
mod worker;

pub use gateway_vm_protocol::WORKER_SUBCOMMAND;
pub use identity::engine_id;
pub use worker::worker_main;
