//! What a run leaves behind in memory: nothing. A worker that has run ten thousand jobs is as small as one that has run a few
//! hundred, and after every hostile case of `tests/js` the engine and its workers are as small as before. In a file of its
//! own, because it measures the children of its process, one test at a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::time::Duration;

use common::{cases, config, job};
use gateway_engine::{Engine, Job, Limits, RunError};
use tokio::sync::Mutex;

/// Children are counted, so tests take turns.
static TURN: Mutex<()> = Mutex::const_new(());

/// Runs of the long test. `GATEWAY_LEAK_RUNS` asks for another number.
const RUNS: u32 = 10_000;

/// Growth that is none, kB: pages that the allocators of V8 and of the C library keep or give back as they like. A leak of one
/// page in each of the runs would be 40,000 kB.
const NOISE: u64 = 12_000;

/// Memory in use by a process, kB, from its `status`.
fn resident(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or(0)
}

/// Memory in use by each child of this process.
fn children() -> Vec<u64> {
    let parent = format!("PPid:\t{}\n", std::process::id());
    let statuses = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let status = fs::read_to_string(entry.ok()?.path().join("status")).ok()?;
        status.contains(&parent).then_some(status)
    });
    statuses.map(|status| resident(&status)).collect()
}

#[tokio::test]
async fn ten_thousand_runs_leave_the_worker_as_small_as_a_few_hundred() {
    let _turn = TURN.lock().await;
    let runs = std::env::var("GATEWAY_LEAK_RUNS").map_or(RUNS, |text| text.parse().unwrap());
    let mut config = config();
    config.jobs_per_worker = u32::MAX;
    let engine = Engine::start(config).await.unwrap();
    let code = "export default async () => { const a = Array.from({ length: 500 }, (_, i) => ({ i })); \
                const b = new Uint8Array(20000); console.log(a.length); await new Promise((r) => setTimeout(r, 5)); \
                return [a.length, b.length] }";
    let mut warm = 0;
    for i in 0..runs {
        let run = engine.run(Job { project: 77, ..job(code, "0") }).await.unwrap();
        assert_eq!(run.body, "[500,20000]");
        if i == runs / 20 {
            warm = children().iter().sum();
        }
    }
    let after: u64 = children().iter().sum();
    assert!(after < warm + NOISE, "{warm} kB before, {after} kB after {runs} runs");
    println!("{warm} kB after {} runs, {after} kB after {runs}", runs / 20);
    engine.shutdown().await;
}

#[tokio::test]
async fn hostile_cases_leave_engine_and_workers_as_small_as_before() {
    let _turn = TURN.lock().await;
    let mut config = config();
    // Each case is code of its own, whose worker would rest for its next run.
    config.warm_memory = 0;
    let engine = Engine::start(config).await.unwrap();
    let alive = || async {
        let run = engine.run(Job { project: 5, ..job("export default () => 'alive'", "0") }).await.unwrap();
        assert_eq!(run.body, "\"alive\"");
    };
    alive().await;
    let own = || resident(&fs::read_to_string("/proc/self/status").unwrap());
    let (before, own_before) = (children(), own());
    for case in cases() {
        let code = fs::read_to_string(case.join("case.js")).unwrap();
        let limits = Limits { cpu_ms: 150, ..Limits::default() };
        match engine.run(Job { project: 5, limits, ..job(&code, "null") }).await {
            Ok(_) | Err(RunError::Abstain { .. }) => {}
            Err(error) => panic!("{}: {error}", case.display()),
        }
    }
    alive().await;
    // The worker of each profile that was there at the start, a spare one, and a warm one for each place. Nobody waits for the
    // end of the others.
    let few = async {
        while children().len() > 5 {
            tokio::task::yield_now().await;
        }
    };
    let few = tokio::time::timeout(Duration::from_secs(60), few).await;
    let (after, own_after) = (children(), own());
    assert!(few.is_ok(), "{} workers: {after:?}", after.len());
    let largest = |sizes: &[u64]| sizes.iter().copied().max().unwrap_or(0);
    assert!(largest(&after) < largest(&before) + NOISE, "workers of {before:?} kB, then of {after:?} kB");
    assert!(own_after < own_before + NOISE, "the engine had {own_before} kB, then {own_after} kB");
    engine.shutdown().await;
}
