//! The VM host: worker pool, limits, fetch policy and code loader.
//!
//! It starts and stops VM worker processes, gives them jobs and checks what they send back. It links no V8, knows no chain and
//! no database, and trusts no message of a worker without checking it.

mod abstain;
mod code;
mod config;
pub mod conformance;
mod engine;
mod fetch;
mod job;
pub mod local_run;
mod manifest;
mod net;
mod pool;
mod preflight;
mod process;
mod quarantine;
mod queue;
mod session;
mod spawner;
mod spin;
mod vitals;

pub use abstain::Abstention;
pub use code::{CodeError, CodeLoader, CodeLoaderConfig};
pub use config::{EngineConfig, SandboxMode, WorkerCommand};
pub use engine::{CheckReport, Engine, EngineError, Recorded, RunError, RunOptions};
pub use fetch::{Exchange, FetchConfig, Moment, Secret, Transcript};
pub use gateway_vm_protocol::{
    Detail, Limits, LogLevel, OutcomeClass, Profile, StopSite, Usage, WORKER_SUBCOMMAND,
};
pub use job::{Job, LogLine, Run};
pub use manifest::{Manifest, ManifestError};
pub use process::SpawnError;
