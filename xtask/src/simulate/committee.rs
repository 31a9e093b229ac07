//! Committees drawn with the contract's own arithmetic. Outputs are hashes of a counter: indistinguishable from VRF outputs
//! without the key, and the same on every machine.

use std::num::NonZero;
use std::thread;

use gateway_api::{Attempt, VrfOutput};
use gateway_protocol::{hash, quorum_seats};

use super::{COALITIONS, OFFLINE, PRESETS};

/// All units of stake.
pub(super) const UNITS: u32 = 1000;
/// Units of the nodes of a group; all stake is in groups like it, so that a share of the stake is a number of groups.
const GROUP: [u32; 6] = [1, 2, 4, 8, 15, 20];
/// Number of groups that make up all stake.
const GROUPS: usize = 20;

/// Returns the output of a node in a draw.
pub(super) fn output(draw: u32, node: u32) -> VrfOutput {
    VrfOutput(hash("gateway/simulation", &[&draw.to_be_bytes(), &node.to_be_bytes()]))
}

/// Returns the ticket of a unit: what is compared with a threshold.
fn ticket(output: &VrfOutput, unit: u32) -> u128 {
    let digest = hash("gateway/seat", &[&output.0, &unit.to_be_bytes()]);
    digest.iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

/// Returns `floor(2^128 · seats / units)`, for fewer seats than units.
pub(super) fn bound(seats: u32, units: u32) -> u128 {
    let (units, high) = (u128::from(units), u128::from(seats) << 64);
    ((high / units) << 64) | (((high % units) << 64) / units)
}

/// Returns a node's seats under a bound.
pub(super) fn seats(output: &VrfOutput, units: u32, bound: u128) -> u32 {
    (0..units).map(|unit| u32::from(ticket(output, unit) < bound)).sum()
}

/// The totals of a large number of draws. Only counts: they add up in any order.
#[derive(Clone, Default)]
pub(super) struct Census {
    /// Draws.
    pub(super) draws: u64,
    /// By preset: how often the online part of the stake agreed at once.
    pub(super) agreed: [[u64; OFFLINE.len()]; PRESETS.len()],
    /// By preset: how often a coalition reached the quorum alone.
    pub(super) captured: [[u64; COALITIONS.len()]; PRESETS.len()],
    /// Seats of every node under the standard preset.
    pub(super) seats: Vec<u64>,
    /// Nodes seated in both of two consecutive draws, summed.
    pub(super) shared: u64,
    /// Pairs of draws compared.
    pub(super) pairs: u64,
    /// Seats of the same 64 units in nodes of 64, 8 and 1.
    pub(super) split: [u64; SPLITS.len()],
}

/// Units of each of the nodes that the same 64 units are split into.
pub(super) const SPLITS: [u32; 3] = [64, 8, 1];

/// The standard preset.
const STANDARD: usize = 1;

/// Units of every node.
pub(super) fn nodes() -> Vec<u32> {
    GROUP.repeat(GROUPS)
}

impl Census {
    fn of(draws: std::ops::Range<u32>) -> Self {
        let nodes = nodes();
        let mut census = Self { seats: vec![0; nodes.len()], ..Self::default() };
        let bounds = PRESETS.map(|(_, committee, _)| bound(committee, UNITS));
        let quorums =
            PRESETS.map(|(_, committee, bps)| quorum_seats(bps, committee, Attempt(0), u64::from(UNITS)));
        let mut before: Option<Vec<u32>> = None;
        for draw in draws {
            census.draws += 1;
            // Seats of the groups so far, by preset.
            let mut reached = [0u32; PRESETS.len()];
            let mut seated = Vec::with_capacity(nodes.len());
            for (at, units) in nodes.iter().enumerate() {
                let output = output(draw, u32::try_from(at).unwrap_or(u32::MAX));
                let mut own = [0u32; PRESETS.len()];
                for ticket in (0..*units).map(|unit| ticket(&output, unit)) {
                    for (own, bound) in own.iter_mut().zip(&bounds) {
                        *own += u32::from(ticket < *bound);
                    }
                }
                seated.push(own[STANDARD]);
                let percent = ((at + 1) * 100) / nodes.len();
                for (reached, own) in reached.iter_mut().zip(own) {
                    *reached += own;
                }
                if (at + 1) % GROUP.len() == 0 {
                    census.count(u32::try_from(percent).unwrap_or(0), &reached, &quorums);
                }
            }
            for (sum, own) in census.seats.iter_mut().zip(&seated) {
                *sum += u64::from(*own);
            }
            match before.take() {
                Some(before) => {
                    census.pairs += 1;
                    let both = before.iter().zip(&seated).filter(|(a, b)| **a > 0 && **b > 0).count();
                    census.shared += both as u64;
                }
                None => before = Some(seated),
            }
            for (sum, each) in census.split.iter_mut().zip(SPLITS) {
                // Separate nodes for each split.
                let seats = (0..64 / each)
                    .map(|node| seats(&output(draw, 1000 * each + node), each, bounds[STANDARD]));
                *sum += u64::from(seats.sum::<u32>());
            }
        }
        census
    }

    /// Counts what the first so many percent of the stake reach.
    fn count(&mut self, percent: u32, reached: &[u32; PRESETS.len()], quorums: &[u32; PRESETS.len()]) {
        for ((agreed, captured), (reached, quorum_seats)) in
            self.agreed.iter_mut().zip(&mut self.captured).zip(reached.iter().zip(quorums))
        {
            let reaches = u64::from(reached >= quorum_seats);
            for (count, _) in agreed.iter_mut().zip(OFFLINE).filter(|(_, offline)| 100 - offline == percent) {
                *count += reaches;
            }
            for (count, _) in captured.iter_mut().zip(COALITIONS).filter(|(_, share)| *share == percent) {
                *count += reaches;
            }
        }
    }

    fn add(mut self, other: &Self) -> Self {
        self.draws += other.draws;
        self.shared += other.shared;
        self.pairs += other.pairs;
        let flat = |of: &[[u64; 3]; PRESETS.len()]| of.concat();
        let (agreed, captured) = (flat(&other.agreed), flat(&other.captured));
        self.agreed.as_flattened_mut().iter_mut().zip(agreed).for_each(|(a, b)| *a += b);
        self.captured.as_flattened_mut().iter_mut().zip(captured).for_each(|(a, b)| *a += b);
        self.split.iter_mut().zip(other.split).for_each(|(a, b)| *a += b);
        self.seats.iter_mut().zip(&other.seats).for_each(|(a, b)| *a += b);
        self
    }

    /// Draws on all processors; an even number, so that pairs are the same however the work is divided.
    pub(super) fn take(draws: u32) -> Self {
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let each = draws.div_ceil(u32::try_from(workers).unwrap_or(1)).next_multiple_of(2);
        let starts = (0..draws).step_by(each.max(2) as usize);
        let parts: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> =
                starts.map(|start| scope.spawn(move || Self::of(start..(start + each).min(draws)))).collect();
            running.into_iter().filter_map(|worker| worker.join().ok()).collect()
        });
        let empty = Self { seats: vec![0; nodes().len()], ..Self::default() };
        parts.iter().fold(empty, Self::add)
    }

    /// Returns the probability that one unit is seated, under the standard preset.
    fn chance() -> f64 {
        f64::from(PRESETS[STANDARD].1) / f64::from(UNITS)
    }

    /// Returns the chi-square of seats against stake, one degree of freedom per node, in standard deviations from its mean.
    pub(super) fn chi_square(&self) -> f64 {
        let p = Self::chance();
        let sum: f64 = nodes()
            .iter()
            .zip(&self.seats)
            .map(|(units, seats)| {
                let expected = self.draws as f64 * f64::from(*units) * p;
                (*seats as f64 - expected).powi(2) / (expected * (1.0 - p))
            })
            .sum();
        let freedom = nodes().len() as f64;
        (sum - freedom) / (2.0 * freedom).sqrt()
    }

    /// Returns the Kolmogorov-Smirnov distance between seats and stake, as a multiple of the value exceeded once in a hundred.
    pub(super) fn distance(&self) -> f64 {
        let total: u64 = self.seats.iter().sum();
        let (mut of_seats, mut of_stake, mut most) = (0.0, 0.0, 0.0f64);
        for (units, seats) in nodes().iter().zip(&self.seats) {
            of_seats += *seats as f64 / total as f64;
            of_stake += f64::from(*units) / f64::from(UNITS);
            most = most.max((of_seats - of_stake).abs());
        }
        most / (1.628 / (total as f64).sqrt())
    }

    /// Returns the nodes seated in both of two consecutive draws: average, expectation, and the difference in standard errors.
    pub(super) fn overlap(&self) -> (f64, f64, f64) {
        let both = nodes().into_iter().map(|units| {
            let seated = 1.0 - (1.0 - Self::chance()).powi(i32::try_from(units).unwrap_or(0));
            seated * seated
        });
        let (expected, variance) =
            both.fold((0.0, 0.0), |(sum, variance), q| (sum + q, variance + q * (1.0 - q)));
        let found = self.shared as f64 / self.pairs as f64;
        (found, expected, (found - expected) / (variance / self.pairs as f64).sqrt())
    }

    /// Returns the seats of the same 64 units in ever smaller nodes, relative to expectation, and the chi-square of all three
    /// in standard deviations from its mean.
    pub(super) fn splits(&self) -> ([f64; SPLITS.len()], f64) {
        let expected = self.draws as f64 * 64.0 * Self::chance();
        let ratios = self.split.map(|seats| seats as f64 / expected);
        let spread = expected * (1.0 - Self::chance());
        let sum: f64 = self.split.iter().map(|seats| (*seats as f64 - expected).powi(2) / spread).sum();
        let freedom = SPLITS.len() as f64;
        (ratios, (sum - freedom) / (2.0 * freedom).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use gateway_protocol::Threshold;

    use super::*;

    #[test]
    fn the_arithmetic_is_the_contracts() {
        for (committee, units) in [(1, 2), (21, 1000), (11, 1000), (41, 1000), (101, 102)] {
            let threshold = Threshold::new(committee, Attempt(0), u64::from(units));
            for draw in 0..50 {
                let output = output(draw, 0);
                assert_eq!(seats(&output, 64, bound(committee, units)), threshold.seats(&output, 64));
            }
        }
    }

    #[test]
    fn the_work_may_be_shared_in_any_way() {
        let (whole, parts) = (Census::of(0..20), Census::of(0..6).add(&Census::of(6..20)));
        assert_eq!((whole.draws, whole.shared, whole.pairs), (parts.draws, parts.shared, parts.pairs));
        assert_eq!((whole.seats, whole.agreed, whole.split), (parts.seats, parts.agreed, parts.split));
    }

    /// Seats follow stake, node by node, and committees share as many nodes as expected by chance: within three standard
    /// deviations, and below what is exceeded once in a hundred.
    #[test]
    fn attack_50_seats_follow_stake() {
        let census = Census::take(3000);
        assert!(census.chi_square().abs() < 3.0, "{}", census.chi_square());
        assert!(census.distance() < 1.0, "{}", census.distance());
        let (found, expected, errors) = census.overlap();
        assert!(errors.abs() < 3.0, "{found} against {expected}");
    }

    /// Sybil-neutral: the same stake in 1, 8 or 64 nodes.
    #[test]
    fn attack_12_splitting_stake_gains_nothing() {
        let (ratios, chi_square) = Census::take(3000).splits();
        assert!(chi_square.abs() < 3.0, "{ratios:?}: {chi_square}");
    }
}
