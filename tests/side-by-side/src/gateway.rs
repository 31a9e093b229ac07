//! This project's VM: the engine with two workers, as a node runs it, sandbox and limits included.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gateway_engine::{
    Engine, EngineConfig, Exchange, Job as Run, Limits, Profile, RunOptions, SandboxMode, Transcript,
    WorkerCommand,
};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use crate::contender::{BenchError, Contender, Lane, Slice, repeat};
use crate::jobs::{Job, responses};

/// The configuration of a node, with this executable as the worker.
pub(crate) fn config() -> Result<EngineConfig, BenchError> {
    let mut config = EngineConfig::new(WorkerCommand::this_executable()?);
    config.sandbox = SandboxMode::BestEffort;
    Ok(config)
}

/// A job as the engine takes it. Each project has a worker of its own.
pub(crate) fn job(code: &str, input: &str, profile: Profile, project: u64) -> Run {
    Run {
        label: "benchmark".to_owned(),
        project,
        code: Arc::from(code.as_bytes()),
        code_hash: Sha256::digest(code.as_bytes()).into(),
        input: input.to_owned(),
        now_ns: 1_700_000_000_000_000_000,
        seed: [7; 32],
        limits: Limits { cpu_ms: 20_000, wall_ms: 60_000, ..Limits::default() },
        profile,
    }
}

struct Worker {
    name: &'static str,
    engine: Arc<Engine>,
    handle: Handle,
    profile: Profile,
    project: u64,
}

/// The VM in this profile.
pub(crate) fn contender(
    name: &'static str,
    profile: Profile,
    handle: &Handle,
) -> Result<Contender, BenchError> {
    let engine = Arc::new(handle.block_on(Engine::start(config()?))?);
    let handle = handle.clone();
    Ok(Contender::new(name, move |lane| {
        let (engine, handle) = (Arc::clone(&engine), handle.clone());
        Ok(Worker { name, engine, handle, profile, project: lane as u64 })
    }))
}

impl Lane for Worker {
    fn slice(&mut self, job: &Job, budget: Duration) -> Result<Slice, BenchError> {
        let replay = job.fetches.then(recorded);
        repeat(budget, || {
            let run = self::job(job.code, &job.input, self.profile, self.project);
            let run = match &replay {
                Some(replay) => {
                    let options = RunOptions { replay: Some(replay.clone()), ..RunOptions::default() };
                    self.handle.block_on(self.engine.run_with(run, options)).result
                }
                // As a node does: it keeps no recording.
                None => self.handle.block_on(self.engine.run(run)),
            };
            match run {
                Ok(run) if run.class == gateway_engine::OutcomeClass::Ok => Ok(run.body),
                Ok(run) => Err(BenchError::Failed { contender: self.name, reason: run.body }),
                Err(error) => Err(BenchError::Failed { contender: self.name, reason: error.to_string() }),
            }
        })
    }
}

/// The answers to the fetches, as a recording.
fn recorded() -> Transcript {
    let exchanges = responses().map(|(url, body)| {
        let mut digest = Sha256::new();
        for field in ["GET", url.as_str(), ""] {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        Exchange {
            took_ms: 0,
            request: hex::encode(digest.finalize()),
            method: "GET".to_owned(),
            url: url.clone(),
            status: Some(200),
            final_url: url,
            headers: Vec::new(),
            body: STANDARD.encode(body),
            failure: None,
            denied: false,
            transformed: false,
        }
    });
    Transcript { moment: None, exchanges: exchanges.collect() }
}
