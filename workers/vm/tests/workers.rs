//! Which workers an engine uses: those of the executable it was started with, in the profiles that its operator allows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{config, job};
use gateway_engine::{Engine, EngineConfig, Job, Profile, RunError, SpawnError, WorkerCommand};
use gateway_vm_protocol::{FromWorker, MAX_FROM_WORKER, SNAPSHOT_ROOM, SnapshotFile, read_frame};

/// Puts a script in place that starts the worker with one more argument.
fn write_script(path: &Path, worker: &EngineConfig, argument: &str) {
    let new = path.with_extension("new");
    let text = format!("#!/bin/sh\nexec {} \"$@\" {argument}\n", worker.worker.program.display());
    // A process of its own writes it: a test that forks meanwhile would keep the file open for writing, and nothing could run it.
    let draft = path.with_extension("draft");
    fs::write(&draft, text).unwrap();
    assert!(Command::new("cp").args([&draft, &new]).status().unwrap().success());
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

/// The first frame of a worker that was started with a file for its snapshot.
fn first_frame(file: &File, use_of_it: SnapshotFile) -> FromWorker {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gateway-vm-worker"))
        .arg(format!("{}{}", SnapshotFile::ARGUMENT, use_of_it.name()))
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::from(file.try_clone().unwrap()))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let frame = read_frame(&mut ours, MAX_FROM_WORKER).unwrap();
    drop(ours);
    child.wait().unwrap();
    frame
}

fn engine_id(file: &File, use_of_it: SnapshotFile) -> [u8; 32] {
    match first_frame(file, use_of_it) {
        FromWorker::Hello(hello) => hello.engine_id,
        other => panic!("no greeting: {other:?}"),
    }
}

#[test]
fn a_worker_starts_from_the_snapshot_that_another_one_wrote_if_it_is_of_the_same_engine_id() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(SNAPSHOT_ROOM as u64).unwrap();
    let read = |length: usize| {
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, 0).unwrap();
        bytes
    };
    // Nothing is there yet, so this one makes its own and leaves the file alone.
    let first = engine_id(&file, SnapshotFile::Read);
    assert!(read(SNAPSHOT_ROOM).iter().all(|byte| *byte == 0));
    assert_eq!(engine_id(&file, SnapshotFile::Write), first);
    let length = u64::from_le_bytes(*read(8).first_chunk().unwrap());
    assert!((100_000..SNAPSHOT_ROOM as u64).contains(&length), "{length}");
    assert_eq!(engine_id(&file, SnapshotFile::Read), first);
    // It does start from there: V8 refuses what is no snapshot.
    file.write_all_at(&vec![0; 4_096], 64).unwrap();
    assert!(matches!(first_frame(&file, SnapshotFile::Read), FromWorker::FatalReport { .. }));
    // That of another engine id is not looked at.
    file.write_all_at(&[0; 32], 8).unwrap();
    assert_eq!(engine_id(&file, SnapshotFile::Read), first);
}
