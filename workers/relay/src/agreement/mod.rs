//! Who agrees, and whether it is enough: pure functions over verified attestations.
//!
//! The contract applies the same rules and has the last word; this only decides when asking it is worth a transaction.

mod exact;
mod median;

use std::collections::BTreeSet;

use gateway_api::{AgreementRule, Attempt, EngineId, NodeId, OutcomeClass, Policy, limits};
use gateway_protocol::{BodyDigest, quorum_seats};
use gateway_store::AttestationRow;

/// What a request's attestations are measured against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    /// The version's policy.
    pub(crate) policy: &'a Policy,
    /// All active units of the draw's epoch.
    pub(crate) total_units: u64,
    /// The latest attempt that has begun.
    pub(crate) latest: Attempt,
}

/// Attestations that can be published together, at one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// The engine they ran.
    pub(crate) engine: EngineId,
    /// Their class.
    pub(crate) class: OutcomeClass,
    /// The body they stand for, their own or their median; empty where it is too large to be published whole.
    pub(crate) body: String,
    /// Its hash and size.
    pub(crate) digest: BodyDigest,
    /// Everyone who attests, agreeing or not: positions in the attestations given.
    pub(crate) members: Vec<usize>,
    /// Seats that agree.
    pub(crate) seats: u32,
    /// Operators that agree.
    pub(crate) operators: u32,
}

/// The best that the attestations come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A quorum agrees.
    Agreed {
        /// The attempt at which it does.
        attempt: Attempt,
        /// Who agrees on what.
        group: Group,
        /// Seats needed.
        quorum_seats: u32,
    },
    /// No quorum yet.
    Open {
        /// The latest attempt.
        attempt: Attempt,
        /// Seats of the strongest group at it.
        seats: u32,
        /// Seats needed.
        quorum_seats: u32,
        /// Operators of the strongest group.
        operators: u32,
        /// Groups that disagree with each other.
        groups: usize,
    },
}

/// Judges the attestations at every attempt that has begun, the earliest first: its committee is the smallest.
pub(crate) fn decide(terms: Terms<'_>, votes: &[AttestationRow]) -> Verdict {
    let Terms { policy, total_units, latest } = terms;
    let latest = Attempt(latest.get().min(limits::ATTEMPTS - 1));
    let mut open = Verdict::Open { attempt: latest, seats: 0, quorum_seats: 0, operators: 0, groups: 0 };
    for attempt in (0..=latest.get()).map(Attempt) {
        let quorum_seats = quorum_seats(policy.quorum_bps, policy.committee, attempt, total_units);
        let groups = groups(policy, votes, attempt);
        let count = groups.len();
        let enough = |group: &&Group| {
            group.seats >= quorum_seats.max(1) && group.operators >= u32::from(policy.min_operators)
        };
        if let Some(group) = groups.iter().filter(enough).max_by_key(|group| group.seats) {
            return Verdict::Agreed { attempt, group: group.clone(), quorum_seats };
        }
        let strongest = groups.iter().max_by_key(|group| (group.seats, group.operators));
        let (seats, operators) = strongest.map_or((0, 0), |group| (group.seats, group.operators));
        open = Verdict::Open { attempt, seats, quorum_seats, operators, groups: count };
    }
    open
}

impl Verdict {
    /// Why there is no agreement, in one sentence.
    pub(crate) fn reason(&self, min_operators: u16) -> String {
        match self {
            Self::Agreed { quorum_seats, group, .. } => {
                format!("{} seats agree, {quorum_seats} are needed", group.seats)
            }
            Self::Open { groups: 0, .. } => "no attestation has arrived yet".to_owned(),
            Self::Open { seats, quorum_seats, operators, .. } if seats >= quorum_seats => {
                format!("{operators} operators agree, {min_operators} are needed")
            }
            Self::Open { seats, quorum_seats, groups: 1, .. } => {
                format!("{seats} seats agree, {quorum_seats} are needed; nobody disagrees")
            }
            Self::Open { seats, quorum_seats, groups, .. } => {
                format!(
                    "{seats} seats agree, {quorum_seats} are needed; there are {groups} different outcomes"
                )
            }
        }
    }
}

/// Everything publishable at an attempt, whatever its strength.
pub(crate) fn groups(policy: &Policy, votes: &[AttestationRow], attempt: Attempt) -> Vec<Group> {
    match policy.rule {
        AgreementRule::Exact {} => exact::groups(votes, attempt, |_| true),
        AgreementRule::Median { tolerance_bps } => {
            // An agreed error has no value: errors agree exactly.
            let mut groups = exact::groups(votes, attempt, |vote| vote.class != OutcomeClass::Ok);
            groups.extend(median::groups(votes, attempt, tolerance_bps));
            groups
        }
    }
}

/// Seats of an attestation at an attempt.
fn seats_at(vote: &AttestationRow, attempt: Attempt) -> u32 {
    vote.seats.get(usize::from(attempt.get())).copied().unwrap_or(0)
}

/// The strongest members of a group, at most as many as a publication takes, by node.
fn strongest(votes: &[AttestationRow], attempt: Attempt, mut members: Vec<usize>) -> Vec<usize> {
    let seats = |member: &usize| votes.get(*member).map_or(0, |vote| seats_at(vote, attempt));
    members.sort_by_key(|member| std::cmp::Reverse(seats(member)));
    members.truncate(limits::MAX_ATTESTATIONS);
    members.sort_by_key(|member| votes.get(*member).map_or(NodeId(0), |vote| vote.node));
    members
}

/// Seats and operators of some of the attestations.
fn count_seats<'a>(agreeing: impl Iterator<Item = &'a AttestationRow>, attempt: Attempt) -> (u32, u32) {
    let (mut seats, mut operators) = (0u32, BTreeSet::new());
    for vote in agreeing {
        seats = seats.saturating_add(seats_at(vote, attempt));
        operators.insert(vote.operator.as_str());
    }
    (seats, u32::try_from(operators.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
