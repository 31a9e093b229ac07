//! A worker that has run thousands of jobs is as small as one that has run a few. In a file of its own, because it
//! measures the children of its process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::job;
use gateway_engine::{Engine, Job};

#[tokio::test]
async fn thousands_of_runs_leave_the_worker_as_small_as_a_hundred() {
    let mut config = common::config();
    config.jobs_per_worker = u32::MAX;
    let engine = Engine::start(config).await.unwrap();
    let code = "export default () => { const a = Array.from({ length: 2000 }, (_, i) => ({ i })); \
                const b = new Uint8Array(100000); console.log(a.length); return [a.length, b.length] }";
    let resident = || -> u64 {
        let parent = format!("PPid:\t{}\n", std::process::id());
        std::fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("status")).ok())
            .filter(|status| status.contains(&parent))
            .filter_map(|status| {
                status.lines().find_map(|l| {
                    l.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
                })
            })
            .sum()
    };
    let mut after_warm_up = 0;
    for i in 0..2_000 {
        let run = engine.run(Job { project: 77, ..job(code, "0") }).await.unwrap();
        assert_eq!(run.body, "[2000,100000]");
        if i == 200 {
            after_warm_up = resident();
        }
    }
    let grown = resident().saturating_sub(after_warm_up);
    // A leak of a run's context alone would be hundreds of megabytes.
    assert!(grown < 60_000, "grew by {grown} kB");
    engine.shutdown().await;
}
