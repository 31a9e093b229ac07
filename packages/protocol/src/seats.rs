//! How many seats a VRF output wins, and how many must agree. Exact integers only.

use gateway_api::{Attempt, VrfOutput, limits};

use crate::hash::hash;

/// The bound below which a unit's ticket wins a seat: `floor(2^128 · min(τ·2^a, U) / U)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Threshold(Bound);

/// A bound of tickets; 2^128 itself does not fit 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bound {
    /// Tickets below this win.
    Below(u128),
    /// Every ticket wins: the committee is everybody.
    All,
}

/// Expected committee of an attempt in seats: `min(τ·2^a, U)`. Attempts above the last count as the last.
#[must_use]
pub fn expected_seats(committee: u32, attempt: Attempt, total_units: u64) -> u64 {
    let doublings = attempt.get().min(limits::ATTEMPTS - 1);
    (u64::from(committee) << doublings).min(total_units)
}

impl Threshold {
    /// The threshold for an expected committee of `committee` seats in attempt 0 among `total_units` units.
    /// Without any units nobody wins.
    #[must_use]
    pub fn new(committee: u32, attempt: Attempt, total_units: u64) -> Self {
        let expected = expected_seats(committee, attempt, total_units);
        if total_units == 0 {
            return Self(Bound::Below(0));
        }
        if expected == total_units {
            return Self(Bound::All);
        }
        // Long division by 64-bit digits; expected < total_units, so each quotient fits its digit.
        let units = u128::from(total_units);
        let high = u128::from(expected) << 64;
        let low = (high % units) << 64;
        Self(Bound::Below(((high / units) << 64) | (low / units)))
    }

    /// Seats that an output wins for a node of `units` units, which count up to 64.
    #[must_use]
    pub fn seats(&self, output: &VrfOutput, units: u32) -> u32 {
        let units = units.min(limits::MAX_UNITS);
        match self.0 {
            Bound::All => units,
            Bound::Below(bound) => (0..units).map(|unit| u32::from(ticket(output, unit) < bound)).sum(),
        }
    }
}

/// The ticket of one unit: the first 128 bits of its hash.
fn ticket(output: &VrfOutput, unit: u32) -> u128 {
    let digest = hash("gateway/seat", &[&output.0, &unit.to_be_bytes()]);
    digest[..16].iter().fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

/// Seats that must agree: `ceil(quorum_bps · min(τ·2^a, U) / 10000)`.
#[must_use]
pub fn quorum_seats(quorum_bps: u16, committee: u32, attempt: Attempt, total_units: u64) -> u32 {
    let seats = expected_seats(committee, attempt, total_units).saturating_mul(u64::from(quorum_bps));
    u32::try_from(seats.div_ceil(u64::from(limits::BPS))).unwrap_or(u32::MAX)
}
