//! No worker outlives its daemon or a run that nobody waits for any more, whatever its code is doing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use common::{engine, job, outcome};
use gateway_engine::{Job, Limits};
use gateway_vm_protocol::{
    FromWorker, JobSpec, MAX_FROM_WORKER, MAX_TO_WORKER, Task, ToWorker, read_frame, write_frame,
};

/// Longer than any of this takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

const SPIN: &str = "export default () => { console.log('spinning'); for (;;); }";

#[tokio::test]
async fn a_worker_whose_daemon_is_gone_ends_in_the_middle_of_a_loop() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_gateway-vm-worker"))
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    assert!(matches!(read_frame(&mut ours, MAX_FROM_WORKER).unwrap(), FromWorker::Hello(_)));
    let limits = Limits { cpu_ms: u32::MAX, wall_ms: u32::MAX, ..Limits::default() };
    let spec = JobSpec {
        task: Task::Run,
        code: SPIN.to_owned(),
        code_prefix: 0,
        code_hash: [0; 32],
        input: "null".to_owned(),
        now_ns: 0,
        seed: [0; 32],
        limits,
    };
    write_frame(&mut ours, &ToWorker::Job(Box::new(spec)), MAX_TO_WORKER).unwrap();
    assert!(matches!(read_frame(&mut ours, MAX_FROM_WORKER).unwrap(), FromWorker::Log { .. }));
    drop(ours);
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn a_worker_that_receives_a_malformed_frame_ends() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_gateway-vm-worker"))
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut ours, &[0xff; 64]).unwrap();
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(3));
}

/// Workers of this process that are alive.
fn workers() -> usize {
    let parent = format!("PPid:\t{}\n", std::process::id());
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("status")).ok())
        .filter(|status| {
            status.contains(&parent) && status.contains("Seccomp:\t2\n") && !status.contains("State:\tZ")
        })
        .count()
}

#[tokio::test]
async fn a_run_nobody_waits_for_is_killed_and_its_place_is_free_again() {
    let engine = engine().await;
    let limits = Limits { cpu_ms: u32::MAX, wall_ms: 3_600_000, ..Limits::default() };
    for _ in 0..4 {
        // More of them than there are places.
        let endless = Job { limits: limits.clone(), ..job(SPIN, "0") };
        assert!(tokio::time::timeout(Duration::from_millis(300), engine.run(endless)).await.is_err());
    }
    let (_, body) =
        tokio::time::timeout(PATIENCE, outcome(&engine, "export default () => 7", "0")).await.unwrap();
    assert_eq!(body, "7");
    engine.shutdown().await;
    tokio::time::timeout(PATIENCE, async {
        while workers() > 2 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("only the workers of the other tests are left");
}
