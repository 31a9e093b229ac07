//! An engine on the worker program of this crate, and short ways to run code on it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::sync::Arc;

use gateway_engine::{
    Abstention, Engine, EngineConfig, Job, Limits, Profile, Run, RunError, SandboxMode, WorkerCommand,
};
use sha2::{Digest, Sha256};

/// 2023-11-14T22:13:20.123Z
pub(crate) const NOW_NS: u64 = 1_700_000_000_123_456_789;

pub(crate) fn config() -> EngineConfig {
    let program = env!("CARGO_BIN_EXE_gateway-vm-worker").into();
    let mut config = EngineConfig::new(WorkerCommand { program, args: Vec::new() });
    config.sandbox = SandboxMode::BestEffort;
    config
}

pub(crate) async fn engine() -> Engine {
    Engine::start(config()).await.expect("the engine starts")
}

pub(crate) fn job(code: &str, input: &str) -> Job {
    Job {
        label: "test".to_owned(),
        project: 1,
        code: Arc::from(code.as_bytes()),
        code_hash: Sha256::digest(code.as_bytes()).into(),
        input: input.to_owned(),
        now_ns: NOW_NS,
        seed: [7; 32],
        limits: Limits::default(),
        profile: Profile::Jitless,
    }
}

/// The folders of the golden cases, in order.
pub(crate) fn cases() -> Vec<PathBuf> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/js");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// Class and body of an outcome.
pub(crate) async fn outcome(engine: &Engine, code: &str, input: &str) -> (String, String) {
    let run = engine.run(job(code, input)).await.expect("an outcome");
    (run.class.as_str().to_owned(), run.body)
}

/// A run that must end in an outcome.
pub(crate) async fn run(engine: &Engine, job: Job) -> Run {
    engine.run(job).await.expect("an outcome")
}

/// The reason of a run that must end in an abstention, with its text.
pub(crate) async fn abstention(engine: &Engine, job: Job) -> (Abstention, String) {
    match engine.run(job).await {
        Err(RunError::Abstain { reason, text, .. }) => (reason, text),
        other => panic!("expected an abstention, got {other:?}"),
    }
}
