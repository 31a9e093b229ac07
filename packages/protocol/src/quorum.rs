//! What a committee must reach before its outcome counts.

use gateway_api::{AgreementRule, Attempt, OutcomeClass, Policy, Refusal};

use crate::quorum_seats;

/// The quorum of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// Seats that must agree; one at least, even where the policy comes to none.
    pub seats: u32,
    /// Distinct operators that must agree.
    pub operators: u32,
    /// Seats that must attest, whatever they attest; 0 where only those that agree count.
    pub attesting: u32,
}

impl Quorum {
    /// Computes the quorum that a policy asks of an outcome of a class at an attempt, among all active units of the draw's
    /// epoch. Errors may need more seats than values. Under `mode` a quorum attests, and a part of it has to agree.
    #[must_use]
    pub fn new(policy: &Policy, class: OutcomeClass, attempt: Attempt, total_units: u64) -> Self {
        let of = |bps| quorum_seats(bps, policy.committee, attempt, total_units).max(1);
        let quorum = of(policy.quorum_bps_for(class));
        let (seats, attesting) = match (&policy.rule, class) {
            (AgreementRule::Mode { min_bps }, OutcomeClass::Ok) => (of(*min_bps), quorum),
            _ => (quorum, 0),
        };
        Self { seats, operators: policy.min_operators.into(), attesting }
    }

    /// Checks whether the seats and operators that agree, among so many seats that attest, reach it.
    ///
    /// # Errors
    /// [`Refusal::TooFewAttest`], [`Refusal::BelowQuorum`], then [`Refusal::TooFewOperators`].
    pub const fn check(&self, seats: u32, operators: u32, attesting: u32) -> Result<(), Refusal> {
        if attesting < self.attesting {
            return Err(Refusal::TooFewAttest { seats: attesting, needed: self.attesting });
        }
        if seats < self.seats {
            return Err(Refusal::BelowQuorum { seats, quorum_seats: self.seats });
        }
        if operators < self.operators {
            return Err(Refusal::TooFewOperators { operators, needed: self.operators });
        }
        Ok(())
    }
}
