//! Seats and quorums: exact at the edges, monotonic over attempts, and binomial over outputs.

use gateway_api::{Attempt, VrfOutput};
use gateway_protocol::{Threshold, hash, quorum_seats};
use proptest::prelude::*;

fn output(number: u32) -> VrfOutput {
    VrfOutput(hash("gateway/test/output", &[&number.to_be_bytes()]))
}

#[test]
fn no_units_win_nothing() {
    let threshold = Threshold::new(21, Attempt(0), 100);
    assert_eq!(threshold.seats(&output(1), 0), 0);
    assert_eq!(Threshold::new(21, Attempt(0), 0).seats(&output(1), 64), 0);
    assert_eq!(quorum_seats(6000, 21, Attempt(0), 0), 0);
}

#[test]
fn a_committee_of_all_seats_every_unit() {
    for (committee, attempt, total) in
        [(1, 0, 1), (21, 0, 21), (21, 0, 5), (21, 1, 42), (21, 2, 84), (u32::MAX, 2, 64)]
    {
        let threshold = Threshold::new(committee, Attempt(attempt), total);
        for number in 0..50 {
            assert_eq!(threshold.seats(&output(number), 64), 64, "{committee} of {total}");
            assert_eq!(threshold.seats(&output(number), 1), 1);
        }
    }
    // One unit more than the committee, and not everybody is seated always.
    let threshold = Threshold::new(21, Attempt(0), 22);
    assert!((0..50).any(|number| threshold.seats(&output(number), 64) < 64));
}

#[test]
fn units_above_the_cap_do_not_count() {
    let threshold = Threshold::new(21, Attempt(0), 40);
    for number in 0..20 {
        assert_eq!(threshold.seats(&output(number), u32::MAX), threshold.seats(&output(number), 64));
    }
}

#[test]
fn bars_are_those_of_the_presets() {
    let quorums = |committee, bps| [0, 1, 2].map(|a| quorum_seats(bps, committee, Attempt(a), 10_000));
    assert_eq!(quorums(11, 5500), [7, 13, 25]);
    assert_eq!(quorums(21, 6000), [13, 26, 51]);
    assert_eq!(quorums(41, 6000), [25, 50, 99]);
    assert_eq!(quorum_seats(6000, 21, Attempt(0), 5), 3);
    assert_eq!(quorum_seats(6000, 21, Attempt(2), 5), 3);
    assert_eq!(quorum_seats(10_000, u32::MAX, Attempt(2), u64::MAX), u32::MAX);
    // Attempts above the last are the last.
    assert_eq!(quorum_seats(6000, 21, Attempt(255), 10_000), quorum_seats(6000, 21, Attempt(2), 10_000));
}

/// Thresholds as whole numbers: bit by bit long division, against the two-digit division of the code, is compared by the
/// seats of tickets around it. A ticket is not ours to choose, so the comparison is over many.
fn wins(output: &VrfOutput, unit: u32, committee: u64, total: u64) -> bool {
    let digest = hash("gateway/seat", &[&output.0, &unit.to_be_bytes()]);
    let expected = committee.min(total);
    if expected == total {
        return total > 0;
    }
    // ticket < floor(2^128·k/U), bit by bit from the highest: the quotient's bits against the ticket's.
    let mut rest = u128::from(expected);
    for bit in 0..128 {
        rest *= 2;
        let quotient = rest >= u128::from(total);
        if quotient {
            rest -= u128::from(total);
        }
        let ticket = digest[bit / 8] >> (7 - bit % 8) & 1 == 1;
        if ticket != quotient {
            return quotient;
        }
    }
    false
}

proptest! {
    /// The division agrees with one done bit by bit, for any sizes.
    #[test]
    fn thresholds_are_exact(
        number in any::<u32>(),
        committee in prop_oneof![1u32..=101, any::<u32>()],
        attempt in 0u8..3,
        total in prop_oneof![0u64..200, any::<u64>(), Just(u64::MAX)],
        units in 0u32..=64,
    ) {
        let output = output(number);
        let seats = Threshold::new(committee, Attempt(attempt), total).seats(&output, units);
        let expected = (0..units).filter(|unit| wins(&output, *unit, u64::from(committee) << attempt, total)).count();
        prop_assert_eq!(seats as usize, expected);
    }

    /// Earlier winners stay winners, and thresholds never fall from attempt to attempt.
    #[test]
    fn attempts_only_add_seats(
        number in any::<u32>(),
        committee in any::<u32>(),
        total in prop_oneof![0u64..500, any::<u64>()],
        units in 0u32..=64,
    ) {
        let thresholds = [0, 1, 2].map(|a| Threshold::new(committee, Attempt(a), total));
        prop_assert!(thresholds[0] <= thresholds[1] && thresholds[1] <= thresholds[2]);
        let seats = thresholds.map(|threshold| threshold.seats(&output(number), units));
        prop_assert!(seats[0] <= seats[1] && seats[1] <= seats[2] && seats[2] <= units);
    }

    /// The quorum is the rounded-up share, and never above the expected committee.
    #[test]
    fn bars_round_up(bps in 0u16..=10_000, committee in 0u32..1000, attempt in 0u8..3, total in 0u64..10_000) {
        let expected = (u64::from(committee) << attempt).min(total);
        let quorum_seats = u64::from(quorum_seats(bps, committee, Attempt(attempt), total));
        prop_assert!(quorum_seats * 10_000 >= expected * u64::from(bps) && quorum_seats <= expected);
        prop_assert!(quorum_seats == 0 || (quorum_seats - 1) * 10_000 < expected * u64::from(bps));
    }
}

/// Seats of 20,000 outputs against the binomial distribution, cell by cell. By Hoeffding's inequality a fair draw leaves
/// a cell's bounds with a chance below 2·exp(-2·n·t²) = 2e-9.
#[test]
fn seats_are_binomial() {
    const DRAWS: u32 = 20_000;
    let t = (f64::ln(1e9) / (2.0 * f64::from(DRAWS))).sqrt();
    for (committee, total, units) in [(21u32, 100u64, 4u32), (21, 1000, 64), (1, 3, 1), (100, 101, 10)] {
        let threshold = Threshold::new(committee, Attempt(0), total);
        let mut counts = vec![0u32; units as usize + 1];
        for number in 0..DRAWS {
            counts[threshold.seats(&output(number), units) as usize] += 1;
        }
        let p = f64::from(committee) / total as f64;
        let mut mass = (1.0 - p).powi(units as i32);
        for (seats, count) in counts.iter().enumerate() {
            let share = f64::from(*count) / f64::from(DRAWS);
            assert!(
                (share - mass).abs() < t,
                "{committee} of {total}, {units} units, {seats} seats: {share} for {mass}"
            );
            mass *= f64::from(units - seats as u32) / (seats as f64 + 1.0) * p / (1.0 - p);
        }
    }
}

/// The same stake as one node or as many gives the same number of seats, but for chance (Hoeffding, below 2e-9).
#[test]
fn splitting_stake_gains_nothing() {
    const DRAWS: u32 = 4_000;
    let threshold = Threshold::new(21, Attempt(0), 640);
    let total = |nodes: u32| -> f64 {
        let seats: u32 = (0..DRAWS * nodes).map(|number| threshold.seats(&output(number), 64 / nodes)).sum();
        f64::from(seats)
    };
    let tickets = f64::from(DRAWS * 64);
    let expected = tickets * 21.0 / 640.0;
    for nodes in [1, 8, 64] {
        assert!((total(nodes) - expected).abs() < (f64::ln(1e9) / 2.0 * tickets).sqrt(), "{nodes} nodes");
    }
}
