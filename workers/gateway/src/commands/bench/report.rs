//! The results of a load, in a few lines.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::load::{Fate, Sample};
use super::trace::{Moment, Moments};
use super::transactions::Transactions;
use super::usage::Usage;

/// The figures of a load.
#[derive(Debug)]
pub(super) struct Report {
    samples: Vec<Sample>,
    expired: usize,
    refused: usize,
    failures: Vec<String>,
    took: Duration,
    transactions: Transactions,
    /// What each kind of process used during the load: processor time, and memory at the end.
    usage: BTreeMap<String, Usage>,
}

/// A step's name, and how to find its moment.
type Step = (&'static str, fn(&Moments) -> Option<Moment>);

/// The steps of a request whose moments are printed.
const STEPS: [Step; 6] = [
    ("accepted", |m| m.accepted),
    ("round opened", |m| m.drawn),
    ("first attestation", |m| m.first_attestation),
    ("last attestation", |m| m.last_attestation),
    ("publication queued", |m| m.queued),
    ("result included", |m| m.included),
];
/// The percentiles printed.
const PERCENTS: [usize; 4] = [50, 90, 95, 99];

impl Report {
    pub(super) fn new(fates: &[Fate], took: Duration) -> Self {
        let mut report = Self {
            samples: Vec::new(),
            expired: 0,
            refused: 0,
            failures: Vec::new(),
            took,
            transactions: Transactions::default(),
            usage: BTreeMap::new(),
        };
        for fate in fates {
            match fate {
                Fate::Fulfilled(sample) => report.samples.push(*sample),
                Fate::Expired => report.expired += 1,
                Fate::Refused => report.refused += 1,
                Fate::Failed(why) => report.failures.push(why.clone()),
            }
        }
        report
    }

    /// Adds what the processes used during the load.
    pub(super) fn with_usage(mut self, usage: BTreeMap<String, Usage>) -> Self {
        self.usage = usage;
        self
    }

    /// Prints one row per step: milliseconds since sending the request, and blocks since the request's.
    fn steps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n| step | of | ms p50 / p90 / p95 / p99 | blocks p50 / p90 / p95 / p99 |\n|---|---|---|---|"
        )?;
        for (name, step) in STEPS {
            let seen = || self.samples.iter().filter_map(|s| Some((s, step(&s.moments)?)));
            let ms = seen().map(|(s, m)| m.at.saturating_duration_since(s.sent).as_millis());
            let blocks =
                seen().filter_map(|(s, m)| Some(m.height.saturating_sub(s.moments.accepted?.height)));
            let cells = |values: Vec<u128>| {
                PERCENTS.map(|p| percentile(values.iter().copied(), p).to_string()).join(" / ")
            };
            let (ms, blocks) = (cells(ms.collect()), cells(blocks.map(u128::from).collect()));
            writeln!(f, "| {name} | {} | {ms} | {blocks} |", seen().count())?;
        }
        Ok(())
    }

    fn processes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.usage.is_empty() {
            return Ok(());
        }
        let requests = (self.samples.len() + self.expired + self.failures.len()).max(1) as f64;
        writeln!(
            f,
            "\n\n| processes | of them | CPU ms for a request, each | memory MiB, each |\n|---|---|---|---|"
        )?;
        for (kind, usage) in &self.usage {
            let number = usage.processes.max(1);
            let each = usage.cpu_ms as f64 / requests / number as f64;
            writeln!(f, "| {kind} | {number} | {each:.2} | {} |", usage.rss_kib / 1024 / number)?;
        }
        Ok(())
    }

    /// Adds what the chain was paid for it.
    pub(super) fn with_transactions(mut self, transactions: Transactions) -> Self {
        self.transactions = transactions;
        self
    }
}

/// Returns the smallest value not exceeded by so many percent of the values; the default if there are none.
pub(super) fn percentile<T: Copy + Ord + Default>(values: impl Iterator<Item = T>, percent: usize) -> T {
    let mut sorted: Vec<T> = values.collect();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(rank).copied().unwrap_or_default()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { samples, expired, refused, failures, took, transactions, usage: _ } = self;
        writeln!(
            f,
            "{} fulfilled, {expired} expired, {refused} refused, {} failed",
            samples.len(),
            failures.len()
        )?;
        if let Some(first) = failures.first() {
            writeln!(f, "the first failure: {first}")?;
        }
        writeln!(f, "\n| from the request to | p50 | p90 | p95 | p99 |\n|---|---|---|---|---|")?;
        let row = |name: &str, of: fn(&Sample) -> u128| {
            let cells = PERCENTS.map(|p| percentile(samples.iter().map(of), p).to_string());
            format!("| {name} | {} |", cells.join(" | "))
        };
        writeln!(f, "{}", row("its result, ms", |s| s.finished.as_millis()))?;
        writeln!(f, "{}", row("its result, blocks", |s| u128::from(s.blocks)))?;
        self.steps(f)?;
        write!(f, "\n{:.2} results a second", samples.len() as f64 / took.as_secs_f64())?;
        write!(f, "{transactions}")?;
        self.processes(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let values = || 1..=100u64;
        assert_eq!([50, 90, 99, 100].map(|p| percentile(values(), p)), [50, 90, 99, 100]);
        assert_eq!(percentile([7u64].into_iter(), 99), 7);
        assert_eq!(percentile(std::iter::empty::<u64>(), 50), 0);
        assert_eq!([50, 51].map(|p| percentile([1u64, 2].into_iter(), p)), [1, 2]);
    }

    #[test]
    fn what_expired_and_failed_is_counted_and_the_first_failure_named() {
        let fates = [Fate::Expired, Fate::Refused, Fate::Failed("why".to_owned())];
        let text = Report::new(&fates, Duration::from_secs(1)).to_string();
        assert!(
            text.starts_with("0 fulfilled, 1 expired, 1 refused, 1 failed\nthe first failure: why\n"),
            "{text}"
        );
    }
}
