//! Which workers an engine uses: those of the executable it was started with, in the profiles that its operator allows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::{config, job};
use gateway_engine::{Engine, EngineConfig, Job, Profile, RunError, SpawnError, WorkerCommand};

/// Puts a script in place that starts the worker with one more argument.
fn write_script(path: &Path, worker: &EngineConfig, argument: &str) {
    let new = path.with_extension("new");
    let text = format!("#!/bin/sh\nexec {} \"$@\" {argument}\n", worker.worker.program.display());
    fs::write(&new, text).unwrap();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
    // In one step, as a package manager replaces an executable.
    fs::rename(&new, path).unwrap();
}

#[tokio::test]
async fn a_worker_of_a_replaced_executable_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("worker");
    let mut config = config();
    write_script(&script, &config, "");
    config.spare = 0;
    let original = config.clone();
    config.worker = WorkerCommand { program: script.clone(), args: Vec::new() };
    let engine = Engine::start(config).await.unwrap();
    assert_eq!(engine.run(job("export default () => 1", "0")).await.unwrap().body, "1");
    // What it computes may differ from now on: here, because it takes another profile.
    write_script(&script, &original, "--profile=jit");
    let error = engine.run(job("export default () => 2", "0")).await.unwrap_err();
    assert!(matches!(error, RunError::Spawn(SpawnError::Replaced { .. })), "{error}");
    assert!(!error.is_retryable() && error.to_string().contains("restart the daemon"), "{error}");
    // The warm worker is of the first executable and goes on.
    assert_eq!(engine.run(job("export default () => 1", "0")).await.unwrap().body, "1");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_profile_that_is_switched_off_has_no_id_and_runs_nothing() {
    let mut config = config();
    config.jit = false;
    let engine = Engine::start(config).await.unwrap();
    assert!(engine.engine_id(Profile::Jitless).is_some());
    assert_eq!(engine.engine_id(Profile::Jit), None);
    let asked = Job { profile: Profile::Jit, ..job("export default () => 1", "0") };
    let error = engine.run(asked).await.unwrap_err();
    assert!(matches!(error, RunError::JitOff) && !error.is_retryable(), "{error}");
    assert_eq!(engine.run(job("export default () => 1", "0")).await.unwrap().body, "1");
    engine.shutdown().await;
}
