//! Which attestations agree, and on what: the aggregation rules of a policy.
//!
//! - `exact`: outcomes agree where engine, class and body are equal.
//! - `median`, `median_fields`, `mode`: of class `ok`, all values of one engine that can be compared are taken together; the
//!   outcome is what they come to ([`aggregate`]). Agreed errors have no value: they agree exactly.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use gateway_api::{AgreementRule, EngineId, OutcomeClass, limits};

use crate::aggregation::{Aggregate, ComparedValue, aggregate, compares_values};
use crate::body::BodyDigest;

/// One attestation as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote<'a> {
    /// The operator of the node that attests.
    pub operator: &'a str,
    /// The engine that ran.
    pub engine: EngineId,
    /// The class.
    pub class: OutcomeClass,
    /// The body's digest.
    pub body: BodyDigest,
    /// The value, where the rule compares values.
    pub value: Option<ComparedValue>,
    /// Seats at the attempt in question. A vote without seats does not count.
    pub seats: u32,
}

/// Votes that can be published together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The engine they ran.
    pub engine: EngineId,
    /// Their class.
    pub class: OutcomeClass,
    /// The digest of the body they stand for: their common one, or that of what they come to.
    pub body: BodyDigest,
    /// That body, where no member need have attested it: it is made of their values.
    pub text: Option<String>,
    /// Positions of all votes that are published, whether they agree or not, at most [`limits::MAX_ATTESTATIONS`].
    pub members: Vec<usize>,
    /// Positions of those that agree.
    pub agreeing: Vec<usize>,
    /// Seats that agree.
    pub seats: u32,
    /// Seats of all members.
    pub attesting: u32,
    /// Distinct operators that agree.
    pub operators: u32,
}

/// Groups votes by the outcome they support, the group with the most agreeing seats first.
///
/// Guarantees: a vote is in at most one group; votes without seats, and `ok` votes without a value where values are compared,
/// are in none; of equally strong groups the one whose first vote comes first is first.
#[must_use]
pub fn agree(rule: &AgreementRule, votes: &[Vote<'_>]) -> Vec<Group> {
    let mut equal: BTreeMap<(EngineId, OutcomeClass, BodyDigest), Vec<usize>> = BTreeMap::new();
    let mut by_value: BTreeMap<(EngineId, &[String]), Vec<usize>> = BTreeMap::new();
    for (at, vote) in votes.iter().enumerate().filter(|(_, vote)| vote.seats > 0) {
        match (compares_values(rule, vote.class), &vote.value) {
            (false, _) => equal.entry((vote.engine, vote.class, vote.body)).or_default().push(at),
            (true, Some(value)) => by_value.entry((vote.engine, value.family())).or_default().push(at),
            (true, None) => {}
        }
    }
    let mut groups: Vec<Group> = equal
        .into_iter()
        .map(|((engine, class, body), members)| {
            let members = strongest(votes, members);
            group(votes, (engine, class, body, None), members.clone(), members)
        })
        .collect();
    groups.extend(by_value.into_iter().filter_map(|((engine, _), members)| {
        group_of_values(rule, votes, engine, strongest(votes, members))
    }));
    groups.sort_by_key(|group| (Reverse(group.seats), group.members.iter().min().copied()));
    groups
}

fn group_of_values(
    rule: &AgreementRule,
    votes: &[Vote<'_>],
    engine: EngineId,
    members: Vec<usize>,
) -> Option<Group> {
    let weighted = |at: &usize| {
        let vote = votes.get(*at)?;
        Some((vote.value.clone()?, vote.seats))
    };
    let values: Vec<(ComparedValue, u32)> = members.iter().filter_map(weighted).collect();
    let Aggregate { body, text, agrees } = aggregate(rule, &values)?;
    let agreeing = members.iter().zip(agrees).filter_map(|(at, agrees)| agrees.then_some(*at)).collect();
    Some(group(votes, (engine, OutcomeClass::Ok, body, text), members, agreeing))
}

type Supported = (EngineId, OutcomeClass, BodyDigest, Option<String>);

fn group(votes: &[Vote<'_>], outcome: Supported, members: Vec<usize>, agreeing: Vec<usize>) -> Group {
    let (engine, class, body, text) = outcome;
    let (mut seats, mut operators) = (0u32, BTreeSet::new());
    for vote in agreeing.iter().filter_map(|at| votes.get(*at)) {
        seats = seats.saturating_add(vote.seats);
        operators.insert(vote.operator);
    }
    let operators = u32::try_from(operators.len()).unwrap_or(u32::MAX);
    let all = members.iter().filter_map(|at| votes.get(*at));
    let attesting = all.fold(0u32, |sum, vote| sum.saturating_add(vote.seats));
    Group { engine, class, body, text, members, agreeing, seats, attesting, operators }
}

/// Keeps the members with the most seats, as many as a publication takes, in their order.
fn strongest(votes: &[Vote<'_>], mut members: Vec<usize>) -> Vec<usize> {
    if members.len() > limits::MAX_ATTESTATIONS {
        members.sort_by_key(|at| Reverse(votes.get(*at).map_or(0, |vote| vote.seats)));
        members.truncate(limits::MAX_ATTESTATIONS);
        members.sort_unstable();
    }
    members
}

#[cfg(test)]
mod tests;
