//! Starts the VM on this machine for the commands `run`, `check`, `test` and `vm-conformance`: the worker of production.

use gateway_engine::{Engine, EngineConfig, FetchConfig, SandboxMode, WorkerCommand};

use super::CommandError;

/// Starts an engine with so many workers, in whatever sandbox the machine allows.
pub(super) async fn start(workers: usize, fetch: FetchConfig) -> Result<Engine, CommandError> {
    let mut config = EngineConfig::new(WorkerCommand::this_executable()?);
    config.sandbox = SandboxMode::BestEffort;
    config.workers = workers;
    config.fetch = fetch;
    Ok(Engine::start(config).await?)
}
