//! The order of things: in every round each contender has its turn at each job, so that what else the machine does
//! falls on all of them alike.

use std::time::{Duration, Instant};

use crate::contender::{BenchError, Contender, Lane};
use crate::jobs::Job;
use crate::table::percentile;

/// One job's figures, one entry for each contender.
#[derive(Debug)]
pub(crate) struct Row {
    /// The job.
    pub(crate) job: &'static str,
    /// Median time of a run, one at a time.
    pub(crate) median: Vec<Duration>,
    /// Runs a second with two lanes at once, median of the rounds.
    pub(crate) per_second: Vec<f64>,
}

/// Everybody at every job, so many rounds.
pub(crate) fn run(
    jobs: &[Job],
    contenders: &[Contender],
    rounds: usize,
    budget: Duration,
) -> Result<Vec<Row>, BenchError> {
    let mut lanes = Vec::new();
    for contender in contenders {
        lanes.push([(contender.lanes)(0)?, (contender.lanes)(1)?]);
    }
    let mut rows = Vec::new();
    for job in jobs {
        eprintln!("{}", job.name);
        let mut times = vec![Vec::new(); contenders.len()];
        let mut rates = vec![Vec::new(); contenders.len()];
        let mut expected: Option<serde_json::Value> = None;
        // The round before the first is for warming up.
        for round in 0..=rounds {
            for (i, (contender, [one, two])) in contenders.iter().zip(&mut lanes).enumerate() {
                let alone = one.slice(job, budget)?;
                let body: serde_json::Value =
                    serde_json::from_str(&alone.body).map_err(std::io::Error::from)?;
                let expected = expected.get_or_insert_with(|| body.clone());
                if *expected != body {
                    let (got, expected) = (alone.body, expected.to_string());
                    return Err(BenchError::Differ {
                        job: job.name,
                        contender: contender.name,
                        got,
                        expected,
                    });
                }
                let rate = together(one, two, job, budget)?;
                if round > 0 {
                    times[i].extend(alone.times);
                    rates[i].push(rate);
                }
            }
        }
        rows.push(Row {
            job: job.name,
            median: times.iter().map(|times| percentile(times, 50)).collect(),
            per_second: rates.iter_mut().map(|rates| median(rates)).collect(),
        });
    }
    Ok(rows)
}

/// Runs a second of two lanes at once.
fn together(
    one: &mut Box<dyn Lane>,
    two: &mut Box<dyn Lane>,
    job: &Job,
    budget: Duration,
) -> Result<f64, BenchError> {
    let rate = |lane: &mut Box<dyn Lane>| {
        let began = Instant::now();
        let slice = lane.slice(job, budget)?;
        Ok(slice.times.len() as f64 / began.elapsed().as_secs_f64())
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| rate(two));
        let first: Result<f64, BenchError> = rate(one);
        let second = other.join().map_err(|_| std::io::Error::other("a lane panicked"))?;
        Ok(first? + second?)
    })
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
