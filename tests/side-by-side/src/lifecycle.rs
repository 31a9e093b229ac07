//! The life of a worker: how long a cold one takes, and a warm one from the call to the result of an empty job, alone and among
//! the workers of many projects.

use std::time::{Duration, Instant};

use gateway_engine::{Engine, Profile};

use crate::contender::BenchError;
use crate::gateway::{config, job};
use crate::table::{milliseconds, percentile};

const EMPTY: &str = "function mainFunction() { return 1 }";

/// Projects that take turns in the last row.
const PROJECTS: u64 = 16;

/// A table of all, for both profiles.
pub(crate) async fn measure() -> Result<String, BenchError> {
    let mut lines =
        vec!["| | jitless p50 / p99, mean | jit p50 / p99, mean |".to_owned(), "|---|---|---|".to_owned()];
    let (mut cells, mut memory) = (Vec::new(), Vec::new());
    for profile in [Profile::Jitless, Profile::Jit] {
        let mut cold = config()?;
        (cold.spare, cold.jobs_per_worker) = (0, 1);
        let engine = Engine::start(cold).await?;
        // The two workers that a start leaves ready are not what is measured.
        times(&engine, profile, 2, 1, Duration::ZERO).await?;
        let cold = times(&engine, profile, 40, 1, Duration::ZERO).await?;
        engine.shutdown().await;

        let engine = Engine::start(config()?).await?;
        times(&engine, profile, 20, 1, Duration::ZERO).await?;
        let idle = times(&engine, profile, 300, 1, Duration::from_millis(10)).await?;
        let busy = times(&engine, profile, 1_000, 1, Duration::ZERO).await?;
        // Each project's first job starts its worker.
        times(&engine, profile, 2 * PROJECTS as usize, PROJECTS, Duration::ZERO).await?;
        let many = times(&engine, profile, 1_000, PROJECTS, Duration::ZERO).await?;
        memory.push(workers_memory());
        engine.shutdown().await;
        cells.push([cold, idle, busy, many]);
    }
    let names = [
        "cold worker: from the start of its process to the first result",
        "warm worker that waits: one empty job, from the call to the result",
        "warm worker without a pause: one empty job after another",
        "sixteen projects in turn without a pause: one empty job after another",
    ];
    for (row, name) in names.iter().enumerate() {
        let cell = |profile: usize| {
            let times = &cells[profile][row];
            let mean = times.iter().sum::<Duration>() / times.len().max(1) as u32;
            let (p50, p99) = (milliseconds(percentile(times, 50)), milliseconds(percentile(times, 99)));
            format!("{p50} / {p99}, {}", milliseconds(mean))
        };
        lines.push(format!("| {name} | {} | {} |", cell(0), cell(1)));
    }
    for (profile, memory) in [Profile::Jitless, Profile::Jit].into_iter().zip(memory) {
        let median = |kind: usize| {
            let mut pages: Vec<u64> = memory.iter().map(|worker| worker[kind]).collect();
            pages.sort_unstable();
            pages.get(pages.len() / 2).map_or(0.0, |pages| *pages as f64 / 256.0)
        };
        let (count, own, all) = (memory.len(), median(1), median(0));
        let profile = profile.name();
        lines.push(format!(
            "\n{profile}: {count} workers at the end, each with {own:.1} MiB of its own and {all:.1} MiB with what it shares"
        ));
    }
    Ok(lines.join("\n") + "\n")
}

/// Pages in use of each worker of this process, all and those that it shares with no other.
fn workers_memory() -> Vec<[u64; 2]> {
    let parent = format!("PPid:\t{}\n", std::process::id());
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let of = |folder: std::path::PathBuf| {
        let status = std::fs::read_to_string(folder.join("status")).ok()?;
        let line = std::fs::read_to_string(folder.join("statm")).ok()?;
        let mut pages = line.split_whitespace().skip(1).map(str::parse::<u64>);
        let (all, shared) = (pages.next()?.ok()?, pages.next()?.ok()?);
        status.contains(&parent).then_some([all, all.saturating_sub(shared)])
    };
    folders.filter_map(|entry| of(entry.path())).collect()
}

async fn times(
    engine: &Engine,
    profile: Profile,
    runs: usize,
    projects: u64,
    pause: Duration,
) -> Result<Vec<Duration>, BenchError> {
    let mut times = Vec::new();
    for project in (1..=projects).cycle().take(runs) {
        // Even a pause of nothing would last until the clock's next millisecond.
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let started = Instant::now();
        let run = engine.run(job(EMPTY, "null", profile, project)).await;
        times.push(started.elapsed());
        run.map_err(|error| BenchError::Failed { contender: profile.name(), reason: error.to_string() })?;
    }
    Ok(times)
}
