//! What a committee must reach before its outcome counts.

use gateway_api::{Attempt, OutcomeClass, Policy, Refusal};

use crate::quorum_seats;

/// The quorum of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Seats that must agree; one at least, even where the policy comes to none.
    pub seats: u32,
    /// Distinct operators that must agree.
    pub operators: u32,
}

impl Quorum {
    /// Computes the quorum that a policy asks of an outcome of a class at an attempt, among all active units of the draw's
    /// epoch. Errors may need more seats than values.
    #[must_use]
    pub fn new(policy: &Policy, class: OutcomeClass, attempt: Attempt, total_units: u64) -> Self {
        let seats = quorum_seats(policy.quorum_bps_for(class), policy.committee, attempt, total_units);
        Self { seats: seats.max(1), operators: policy.min_operators.into() }
    }

    /// Checks whether agreeing seats and operators reach it.
    ///
    /// # Errors
    /// [`Refusal::BelowQuorum`], then [`Refusal::TooFewOperators`].
    pub const fn check(&self, seats: u32, operators: u32) -> Result<(), Refusal> {
        if seats < self.seats {
            return Err(Refusal::BelowQuorum { seats, quorum_seats: self.seats });
        }
        if operators < self.operators {
            return Err(Refusal::TooFewOperators { operators, needed: self.operators });
        }
        Ok(())
    }
}
