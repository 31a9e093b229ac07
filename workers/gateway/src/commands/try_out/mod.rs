//! `gateway run`, `check` and `vm-conformance`: a project's code in the very worker that production uses.

mod agreement;
mod check;
mod conformance;
mod report;
mod run;

pub(super) use check::check;
pub(super) use conformance::vm_conformance;
pub(super) use run::run;

use super::CommandError;
use gateway_engine::{Engine, EngineConfig, FetchConfig, SandboxMode, WorkerCommand};
use std::path::Path;

async fn engine(workers: usize, fetch: FetchConfig) -> Result<Engine, CommandError> {
    let mut config = EngineConfig::new(WorkerCommand::this_executable()?);
    config.sandbox = SandboxMode::BestEffort;
    config.workers = workers;
    config.fetch = fetch;
    Ok(Engine::start(config).await?)
}

fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()).into())
}
