//! Committees of a fixed number of seats with a quorum of two thirds, as many oracles draw them, for comparison: how often a
//! share of the stake holds a quorum, and how often the rest falls short of one.

use gateway_protocol::hash;

use super::committee::bound;

/// Seats and quorum.
pub(super) const COMMITTEES: [(u32, u32); 6] = [(5, 4), (7, 5), (13, 9), (21, 14), (31, 21), (51, 34)];
/// Shares of the stake, percent.
pub(super) const SHARES: [u32; 4] = [10, 20, 25, 33];

/// Returns for each share how often it held the quorum, and how often the rest did not.
pub(super) fn drawn(seats: u32, quorum: u32, draws: u32) -> [(f64, f64); SHARES.len()] {
    let bounds = SHARES.map(|share| bound(share, 100));
    let mut counts = [(0u64, 0u64); SHARES.len()];
    for draw in 0..draws {
        let mut held = [0u32; SHARES.len()];
        for seat in 0..seats {
            let digest = hash("gateway/simulation/seat", &[&draw.to_be_bytes(), &seat.to_be_bytes()]);
            let place = digest.iter().take(16).fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
            for (held, bound) in held.iter_mut().zip(&bounds) {
                *held += u32::from(place < *bound);
            }
        }
        for ((captured, short), held) in counts.iter_mut().zip(held) {
            *captured += u64::from(held >= quorum);
            *short += u64::from(seats - held < quorum);
        }
    }
    let rate = |count: u64| count as f64 / f64::from(draws);
    counts.map(|(captured, short)| (rate(captured), rate(short)))
}

/// Returns the same by the binomial distribution.
pub(super) fn exact(seats: u32, quorum: u32, percent: u32) -> (f64, f64) {
    let share = f64::from(percent) / 100.0;
    // The probability of so many seats, from the largest number down, so that small ones stay exact.
    let chance = |held: u32| {
        let ways: f64 = (0..held).map(|i| f64::from(seats - i) / f64::from(held - i)).product();
        let powers = i32::try_from(held).unwrap_or(0);
        ways * share.powi(powers) * (1.0 - share).powi(i32::try_from(seats).unwrap_or(0) - powers)
    };
    let captured = (quorum..=seats).rev().map(chance).sum();
    let short = (seats - quorum + 1..=seats).rev().map(chance).sum();
    (captured, short)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures known from other sources.
    #[test]
    fn exact_chances_are_the_known_ones() {
        for (seats, quorum, percent, captured, short) in [
            (5, 4, 10, 4.6e-4, 8.1e-2),
            (7, 5, 25, 1.3e-2, 0.24),
            (21, 14, 10, 5.9e-10, 6.1e-4),
            (51, 34, 20, 6.5e-13, 7.9e-3),
        ] {
            let found = exact(seats, quorum, percent);
            let near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.03;
            assert!(near(found.0, captured) && near(found.1, short), "{seats} {percent}: {found:?}");
        }
    }

    #[test]
    fn what_is_drawn_is_near_what_is_exact() {
        let draws = 4000;
        for (found, percent) in drawn(7, 5, draws).into_iter().zip(SHARES) {
            let exact = exact(7, 5, percent);
            for (found, exact) in [(found.0, exact.0), (found.1, exact.1)] {
                let errors = 4.0 * (exact * (1.0 - exact) / f64::from(draws)).sqrt();
                assert!((found - exact).abs() <= errors + 1e-9, "{percent} %: {found} against {exact}");
            }
        }
    }
}
