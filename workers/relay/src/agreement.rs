//! Decides from a request's stored attestations whether a quorum agrees, by the rules of `gateway-protocol`.
//!
//! The contract applies the same rules when it verifies a publication; this module only decides when one is worth a
//! transaction.

use gateway_api::{Attempt, OutcomeClass, Policy, Refusal, limits};
use gateway_protocol::{BodyDigest, ComparedValue, Group, Quorum, Vote, agree, compared_value};
use gateway_store::AttestationRow;

/// The terms by which a request's attestations are evaluated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommitteeTerms<'a> {
    /// The policy of the request.
    pub(crate) policy: &'a Policy,
    /// All active units of the draw's epoch.
    pub(crate) total_units: u64,
    /// The latest attempt that has begun.
    pub(crate) latest: Attempt,
}

/// The best result that the attestations support.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A quorum agrees.
    Agreed {
        /// The earliest attempt at which it agrees.
        attempt: Attempt,
        /// The agreeing attestations and their outcome.
        group: Box<Group>,
        /// Seats needed.
        quorum_seats: u32,
    },
    /// No quorum yet.
    Open {
        /// The latest attempt.
        attempt: Attempt,
        /// Seats of the strongest group at that attempt.
        seats: u32,
        /// Seats needed.
        quorum_seats: u32,
        /// Operators of the strongest group.
        operators: u32,
        /// Where the attesting seats as a whole are too few: their number, and the number needed.
        attesting: Option<(u32, u32)>,
        /// Number of groups that disagree with each other.
        groups: usize,
    },
}

/// Decides at every attempt that has begun, the earliest first, as its committee is the smallest.
pub(crate) fn decide(terms: CommitteeTerms<'_>, rows: &[AttestationRow]) -> Verdict {
    let CommitteeTerms { policy, total_units, latest } = terms;
    let latest = Attempt(latest.get().min(limits::ATTEMPTS - 1));
    let mut open = Verdict::Open {
        attempt: latest,
        seats: 0,
        quorum_seats: 0,
        operators: 0,
        attesting: None,
        groups: 0,
    };
    for attempt in (0..=latest.get()).map(Attempt) {
        let of = |class| Quorum::new(policy, class, attempt, total_units);
        let groups = groups(policy, rows, attempt);
        let reached =
            |group: &&Group| of(group.class).check(group.seats, group.operators, group.attesting).is_ok();
        if let Some(group) = groups.iter().find(reached) {
            let quorum_seats = of(group.class).seats;
            return Verdict::Agreed { attempt, group: Box::new(group.clone()), quorum_seats };
        }
        let strongest = groups.iter().max_by_key(|group| (group.seats, group.operators));
        let (seats, operators) = strongest.map_or((0, 0), |group| (group.seats, group.operators));
        let quorum = of(strongest.map_or(OutcomeClass::Ok, |group| group.class));
        let attesting = strongest.map_or(0, |group| group.attesting);
        open = Verdict::Open {
            attempt,
            seats,
            quorum_seats: quorum.seats,
            operators,
            attesting: (attesting < quorum.attesting).then_some((attesting, quorum.attesting)),
            groups: groups.len(),
        };
    }
    open
}

impl Verdict {
    /// Explains in one sentence why there is no agreement.
    pub(crate) fn reason(&self, min_operators: u16) -> String {
        match self {
            Self::Agreed { quorum_seats, group, .. } => {
                Refusal::BelowQuorum { seats: group.seats, quorum_seats: *quorum_seats }.to_string()
            }
            Self::Open { groups: 0, .. } => "no attestation has arrived yet".to_owned(),
            Self::Open { attesting: Some((seats, needed)), .. } => {
                Refusal::TooFewAttest { seats: *seats, needed: *needed }.to_string()
            }
            Self::Open { seats, quorum_seats, operators, .. } if seats >= quorum_seats => {
                format!("{operators} operators agree, {min_operators} are needed")
            }
            Self::Open { seats, quorum_seats, groups: 1, .. } => {
                format!("{seats} seats agree, {quorum_seats} are needed; no other outcome was attested")
            }
            Self::Open { seats, quorum_seats, groups, .. } => {
                format!(
                    "{seats} seats agree, {quorum_seats} are needed; there are {groups} different outcomes"
                )
            }
        }
    }
}

/// Returns every publishable group at an attempt, the strongest first, whether or not it reaches a quorum.
pub(crate) fn groups(policy: &Policy, rows: &[AttestationRow], attempt: Attempt) -> Vec<Group> {
    let votes: Vec<Vote<'_>> = rows
        .iter()
        .map(|row| Vote {
            operator: &row.operator,
            engine: row.engine,
            class: row.class,
            body: BodyDigest { sha256: row.digest, size: row.size },
            value: value(policy, row),
            seats: row.seats.get(usize::from(attempt.get())).copied().unwrap_or(0),
        })
        .collect();
    agree(&policy.rule, &votes)
}

/// Returns a row's value as the policy's rule compares it. It was verified before it was stored.
fn value(policy: &Policy, row: &AttestationRow) -> Option<ComparedValue> {
    compared_value(&policy.rule, row.class, row.value.as_deref()?).ok().flatten()
}

#[cfg(test)]
mod tests;
