//! What came of a load, in a few lines.

use super::load::{Fate, Sample};
use std::fmt;
use std::time::Duration;

/// Gas of transactions that published results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gas {
    results: u64,
    used: u64,
}

impl Gas {
    /// Counts a transaction that published so many results; one that published none does not count.
    pub(super) fn add(&mut self, results: u64, used: u64) {
        if results > 0 {
            self.results += results;
            self.used += used;
        }
    }
}

/// The figures of a load.
#[derive(Debug)]
pub(super) struct Report {
    samples: Vec<Sample>,
    expired: usize,
    failures: Vec<String>,
    took: Duration,
    gas: Gas,
}

impl Report {
    pub(super) fn new(fates: &[Fate], took: Duration) -> Self {
        let mut report =
            Self { samples: Vec::new(), expired: 0, failures: Vec::new(), took, gas: Gas::default() };
        for fate in fates {
            match fate {
                Fate::Fulfilled(sample) => report.samples.push(*sample),
                Fate::Expired => report.expired += 1,
                Fate::Failed(why) => report.failures.push(why.clone()),
            }
        }
        report
    }

    pub(super) fn with_gas(mut self, gas: Gas) -> Self {
        self.gas = gas;
        self
    }
}

/// The smallest value that so many of a hundred values do not exceed; the default of nothing.
fn percentile<T: Copy + Ord + Default>(values: impl Iterator<Item = T>, percent: usize) -> T {
    let mut sorted: Vec<T> = values.collect();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(rank).copied().unwrap_or_default()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { samples, expired, failures, took, gas } = self;
        writeln!(f, "{} fulfilled, {expired} expired, {} failed", samples.len(), failures.len())?;
        if let Some(first) = failures.first() {
            writeln!(f, "the first failure: {first}")?;
        }
        writeln!(f, "\n| from the request to | p50 | p90 | p99 |\n|---|---|---|---|")?;
        let row = |name: &str, of: fn(&Sample) -> u128| {
            let cells = [50, 90, 99].map(|p| percentile(samples.iter().map(of), p).to_string());
            format!("| {name} | {} |", cells.join(" | "))
        };
        writeln!(f, "{}", row("its place on the chain, ms", |s| s.accepted.as_millis()))?;
        writeln!(f, "{}", row("its result, ms", |s| s.finished.as_millis()))?;
        writeln!(f, "{}", row("its result, blocks", |s| u128::from(s.blocks)))?;
        write!(f, "\n{:.2} results a second", samples.len() as f64 / took.as_secs_f64())?;
        match gas.used.checked_div(gas.results) {
            Some(each) => write!(f, ", {each} gas for publishing each"),
            None => Ok(()),
        }
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
    fn gas_is_shared_among_the_results_of_a_transaction() {
        let mut gas = Gas::default();
        gas.add(3, 300);
        gas.add(0, 5_000);
        gas.add(1, 120);
        let text = Report::new(&[Fate::Expired, Fate::Failed("why".to_owned())], Duration::from_secs(1))
            .with_gas(gas)
            .to_string();
        assert!(text.starts_with("0 fulfilled, 1 expired, 1 failed\nthe first failure: why\n"), "{text}");
        assert!(text.ends_with("105 gas for publishing each"), "{text}");
    }
}
