//! Trial runs on this machine: the same worker and limits as in production, as several nodes would run the code. It returns
//! data; the caller evaluates and prints it.

use std::time::{Duration, Instant};

use crate::engine::{Engine, Recorded, RunOptions};
use crate::job::Job;

/// Most simulated nodes.
pub const MAX_NODES: usize = 64;

/// The parameters of a trial run.
#[derive(Clone, Debug)]
pub struct LocalRun {
    /// The job; every node runs it with the same clock and seed, as a committee does.
    pub job: Job,
    /// Nodes, from 1 to [`MAX_NODES`].
    pub nodes: usize,
    /// Each node starts this much after the previous one: web data may have changed in between.
    pub skew: Duration,
    /// Injected failures and replay, for every node.
    pub options: RunOptions,
}

/// One node's run.
#[derive(Debug)]
pub struct NodeRun {
    /// How it ended, and what it fetched.
    pub recorded: Recorded,
    /// From its start to its end, including the wait for a worker.
    pub elapsed: Duration,
}

/// Runs a job as several nodes would, and returns what each did.
pub async fn local_run(engine: &Engine, run: LocalRun) -> Vec<NodeRun> {
    let nodes = run.nodes.clamp(1, MAX_NODES);
    let runs = (0u32..).take(nodes).map(|i| {
        let job = run.job.clone();
        let options = run.options.clone();
        let wait = run.skew.saturating_mul(i);
        async move {
            tokio::time::sleep(wait).await;
            let started = Instant::now();
            let recorded = engine.run_with(job, options).await;
            NodeRun { recorded, elapsed: started.elapsed() }
        }
    });
    futures::future::join_all(runs).await
}
