//! What takes part: something that runs a job repeatedly for a while, each time as if it were the first.

use std::time::{Duration, Instant};

use crate::jobs::Job;

/// Why a comparison could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The command line is wrong.
    #[error("{0:?} is not a number of rounds")]
    Usage(String),
    /// A process could not be started or talked to.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// This project's VM could not be started.
    #[error(transparent)]
    Engine(#[from] gateway_engine::EngineError),
    /// A contender failed at a job.
    #[error("{contender}: {reason}")]
    Failed {
        /// Its name.
        contender: &'static str,
        /// What it said.
        reason: String,
    },
    /// Two contenders have different results.
    #[error("{job}: {contender} says {got}, the first one {expected}")]
    Differ {
        /// The job.
        job: &'static str,
        /// Who differs.
        contender: &'static str,
        /// Its result.
        got: String,
        /// The result of the first.
        expected: String,
    },
}

/// What a contender did in a while.
#[derive(Debug)]
pub(crate) struct Slice {
    /// How long each run took.
    pub(crate) times: Vec<Duration>,
    /// The JSON of the last result.
    pub(crate) body: String,
}

/// One line of execution of a contender.
pub(crate) trait Lane: Send {
    /// Runs a job for about this long, once at least.
    fn slice(&mut self, job: &Job, budget: Duration) -> Result<Slice, BenchError>;
}

/// A contender.
pub(crate) struct Contender {
    /// Its name in tables.
    pub(crate) name: &'static str,
    /// One lane for each core.
    pub(crate) lanes: Box<dyn Fn(usize) -> Result<Box<dyn Lane>, BenchError>>,
}

impl Contender {
    pub(crate) fn new<L: Lane + 'static>(
        name: &'static str,
        lane: impl Fn(usize) -> Result<L, BenchError> + 'static,
    ) -> Contender {
        Contender { name, lanes: Box::new(move |i| Ok(Box::new(lane(i)?))) }
    }
}

/// Repeats a run for about this long.
pub(crate) fn repeat(
    budget: Duration,
    mut run: impl FnMut() -> Result<String, BenchError>,
) -> Result<Slice, BenchError> {
    let began = Instant::now();
    let mut times = Vec::new();
    loop {
        let started = Instant::now();
        let body = run()?;
        times.push(started.elapsed());
        if began.elapsed() >= budget {
            return Ok(Slice { times, body });
        }
    }
}
