//! Committees drawn with the contract's own thresholds. Outputs are hashes of a counter: what a VRF's are to everybody
//! who does not hold the key.

use gateway_api::{Attempt, VrfOutput};
use gateway_proof::{Threshold, hash};

/// All units of stake.
pub(super) const UNITS: u64 = 1000;

/// The output of a node in a draw.
pub(super) fn output(draw: u32, node: u32) -> VrfOutput {
    VrfOutput(hash("gateway/simulation", &[&draw.to_be_bytes(), &node.to_be_bytes()]))
}

/// Seats of `units` units, in nodes of `each`.
fn seats(threshold: &Threshold, draw: u32, units: u32, each: u32) -> u32 {
    (0..units / each).map(|node| threshold.seats(&output(draw, node), each)).sum()
}

/// Share of draws in which `percent` of the stake reaches the bar alone.
pub(super) fn reaches(committee: u32, bar: u32, percent: u32, draws: u32) -> f64 {
    let threshold = Threshold::new(committee, Attempt(0), UNITS);
    let units = u32::try_from(UNITS).unwrap_or(u32::MAX) * percent / 100;
    let reached = (0..draws).filter(|draw| seats(&threshold, *draw, units, 10) >= bar).count();
    reached as f64 / f64::from(draws)
}

/// The same 64 units in ever more nodes: units of each, nodes, and seats a unit against what is expected.
pub(super) fn split(draws: u32) -> Vec<(u32, u32, f64)> {
    let committee = 21;
    let threshold = Threshold::new(committee, Attempt(0), UNITS);
    let expected = f64::from(committee) / UNITS as f64;
    [64, 8, 1]
        .into_iter()
        .map(|each| {
            let all: u64 = (0..draws).map(|draw| u64::from(seats(&threshold, draw, 64, each))).sum();
            (each, 64 / each, all as f64 / f64::from(draws) / 64.0 / expected)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sybil-neutral: five standard deviations around the expected number of seats, for one node and for sixty-four.
    #[test]
    fn attack_12_splitting_stake_gains_nothing() {
        let draws = 5000;
        let mean = 21.0 / UNITS as f64 * 64.0 * f64::from(draws);
        let tolerance = 5.0 * mean.sqrt() / mean;
        for (each, _, ratio) in split(draws) {
            assert!((ratio - 1.0).abs() < tolerance, "{each} units a node: {ratio}");
        }
    }
}
