//! The walls stand: what a taken-over worker would try is refused, and the filter kills it for trying.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use common::config;
use gateway_engine::{Engine, SandboxMode};

const SIGSYS: i32 = 31;

/// What a worker says and how it ends when it tries this.
fn probe(name: &str, profile: &str) -> (Vec<String>, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_gateway-vm-worker"))
        .args([format!("--profile={profile}"), format!("--probe={name}")])
        .stdin(Stdio::null())
        .env_clear()
        .env("SECRET", "of the operator")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text.lines().map(str::to_owned).collect(), output.status.signal())
}

#[test]
fn forbidden_calls_kill_the_worker() {
    for name in ["connect", "fork", "exec", "ptrace", "raise-limit", "signal", "executable-memory"] {
        let (said, signal) = probe(name, "jitless");
        assert_eq!(signal, Some(SIGSYS), "{name}: {said:?}");
        assert_eq!(said.len(), 1, "{name}: {said:?}");
    }
    // With compilers, executable memory is what they make; everything else stays forbidden.
    assert_eq!(probe("executable-memory", "jit").1, None);
    assert_eq!(probe("connect", "jit").1, Some(SIGSYS));
    // Opening a file is refused without death: the C library tries by itself.
    for profile in ["jitless", "jit"] {
        assert_eq!(probe("open", profile).0, ["refused: permission denied", "the call returned -1"]);
    }
}

/// Abseil's mutexes, which V8's locks are, sleep for microseconds while the thread that holds one has lost its
/// processor. The watchdog and the code it stops share such a lock, so on a busy machine a forbidden sleep turned
/// "used up its CPU time" into "killed by the sandbox".
#[test]
fn a_thread_that_waits_for_a_lock_may_sleep() {
    for profile in ["jitless", "jit"] {
        assert_eq!(
            probe("sleep", profile),
            (vec!["not tried".to_owned(), "the call returned 0".to_owned()], None)
        );
    }
}

#[test]
fn the_inner_walls_hold_without_the_filter() {
    assert_eq!(probe("open", "jitless").0.first().unwrap(), "refused: permission denied");
    let (said, _) = probe("connect", "jitless");
    assert!(said[0].starts_with("refused: "), "{said:?}");
    // Whoever starts a worker may forget to empty its environment; the worker does not.
    assert_eq!(probe("environment", "jitless").0.first().unwrap(), "0 variables");
}

#[tokio::test]
async fn a_strict_engine_starts_and_names_its_layers() {
    let mut config = config();
    config.sandbox = SandboxMode::Strict;
    let engine = Engine::start(config).await.unwrap();
    for layer in
        ["environment", "descriptors", "rlimits", "no_new_privs", "no_new_processes", "landlock", "seccomp"]
    {
        assert!(engine.sandbox_layers().iter().any(|l| l == layer), "{layer}: {:?}", engine.missing_layers());
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn a_worker_has_no_environment_and_one_descriptor() {
    let engine = common::engine().await;
    // The engine keeps a fresh worker of each profile; they are children of this process.
    let parent = format!("PPid:\t{}\n", std::process::id());
    let workers: Vec<u32> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            std::fs::read_to_string(format!("/proc/{pid}/status")).is_ok_and(|status| {
                status.contains(&parent)
                    && status.contains("Seccomp:\t2\n")
                    && status.contains("NoNewPrivs:\t1\n")
            })
        })
        .collect();
    assert!(workers.len() >= 2, "{workers:?}");
    for pid in workers {
        // Only root may look at the rest of a process that is not dumpable.
        if let Ok(environment) = std::fs::read(format!("/proc/{pid}/environ")) {
            assert_eq!(environment, b"");
        }
        if let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) {
            let links: Vec<String> = descriptors
                .filter_map(|d| Some(std::fs::read_link(d.ok()?.path()).ok()?.display().to_string()))
                .collect();
            assert!(
                links.iter().all(|l| l.starts_with("socket:") || l.starts_with("pipe:") || l == "/dev/null"),
                "{links:?}"
            );
            assert!(links.len() <= 5, "{links:?}");
        }
    }
    engine.shutdown().await;
}
