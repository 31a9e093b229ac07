//! The configuration that an engine needs to start.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use gateway_vm_protocol::WORKER_SUBCOMMAND;
use serde::{Deserialize, Serialize};

use crate::fetch::FetchConfig;

/// How to start a worker process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The executable.
    pub program: PathBuf,
    /// Arguments in front of the engine's own.
    pub args: Vec<OsString>,
}

impl WorkerCommand {
    /// Returns this executable, restarted as a worker; its `main` must look for [`WORKER_SUBCOMMAND`].
    ///
    /// # Errors
    /// [`std::io::Error`] when the system cannot locate the executable.
    pub fn this_executable() -> std::io::Result<WorkerCommand> {
        Ok(WorkerCommand::of(std::env::current_exe()?))
    }

    /// Returns an executable of this project, of any release, started as a worker.
    pub fn of(program: PathBuf) -> WorkerCommand {
        WorkerCommand { program, args: vec![WORKER_SUBCOMMAND.into()] }
    }
}

/// What to do when a sandbox layer cannot be put in force on this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxMode {
    /// Refuse to start without the system-call filter.
    #[default]
    Strict,
    /// Run with the layers there are.
    BestEffort,
}

/// Configuration of an engine.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// How to start a worker.
    pub worker: WorkerCommand,
    /// Jobs that run at the same time; at least 1. Below 4, one job of a second project may run beside them.
    pub workers: usize,
    /// What to do about missing sandbox layers.
    pub sandbox: SandboxMode,
    /// Fresh workers kept ready in each profile in use, so that a project's first job does not wait for one.
    pub spare: usize,
    /// Jobs that may wait; above it `run` answers [`crate::RunError::Busy`].
    pub queue: usize,
    /// Jobs of one project after which its worker is replaced.
    pub jobs_per_worker: u32,
    /// Memory a worker may take beyond its job's heap and array buffers, bytes; above it, it is killed. An idle one may
    /// take as much in all.
    pub worker_memory: u64,
    /// Memory that idle warm workers may take together beyond what they share, bytes; above it the one idle longest ends. At
    /// least one for each place stays.
    pub warm_memory: u64,
    /// Whether code may ask for compilers. Without them no executable memory is ever made on this machine.
    pub jit: bool,
    /// Time a worker has to end a run by itself after the wall limit, before SIGKILL.
    pub grace: Duration,
    /// Time a new worker has to report itself ready.
    pub start_timeout: Duration,
    /// The network side.
    pub fetch: FetchConfig,
}

impl EngineConfig {
    /// Returns the defaults for this worker command.
    pub fn new(worker: WorkerCommand) -> EngineConfig {
        EngineConfig {
            worker,
            workers: 2,
            sandbox: SandboxMode::default(),
            spare: 1,
            queue: 256,
            jobs_per_worker: 1_000,
            worker_memory: 192 << 20,
            warm_memory: 1 << 30,
            jit: true,
            grace: Duration::from_millis(500),
            start_timeout: Duration::from_secs(20),
            fetch: FetchConfig::default(),
        }
    }
}
