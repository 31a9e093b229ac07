//! Which attestations agree, and on what: the aggregation rules `exact` and `median`.
//!
//! - `exact`: outcomes agree where engine, class and body are equal.
//! - `median`: of class `ok`, all values of one engine are taken together; the outcome is their seat-weighted median, and
//!   who is within the tolerance of it agrees. Agreed errors have no value: they agree exactly.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use gateway_api::{AgreementRule, EngineId, OutcomeClass, limits};

use crate::body::{BodyDigest, body_digest};
use crate::{Decimal, WeightedValue, weighted_median};

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
    pub value: Option<Decimal>,
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
    /// The digest of the body they stand for: their common one, or their median's.
    pub body: BodyDigest,
    /// The median, under the rule `median`.
    pub median: Option<Decimal>,
    /// Positions of all votes that are published, whether they agree or not, at most [`limits::MAX_ATTESTATIONS`].
    pub members: Vec<usize>,
    /// Positions of those that agree.
    pub agreeing: Vec<usize>,
    /// Seats that agree.
    pub seats: u32,
    /// Distinct operators that agree.
    pub operators: u32,
}

/// Returns the tolerance in basis points where outcomes of a class are compared by value, `None` where they must be equal.
#[must_use]
pub const fn value_tolerance(rule: &AgreementRule, class: OutcomeClass) -> Option<u16> {
    match (rule, class) {
        (AgreementRule::Median { tolerance_bps }, OutcomeClass::Ok) => Some(*tolerance_bps),
        _ => None,
    }
}

/// Returns the median of values and, for each value, whether it agrees with it. `None` where there are no seats.
#[must_use]
pub fn median_agreement(values: &[WeightedValue], tolerance_bps: u16) -> Option<(&Decimal, Vec<bool>)> {
    let median = weighted_median(values)?;
    let agrees = values.iter().map(|vote| vote.value.agrees_with(median, tolerance_bps)).collect();
    Some((median, agrees))
}

/// Groups votes by the outcome they support, the group with the most agreeing seats first.
///
/// Guarantees: a vote is in at most one group; votes without seats, and `ok` votes without a value under `median`, are in
/// none; of equally strong groups the one whose first vote comes first is first.
#[must_use]
pub fn agree(rule: &AgreementRule, votes: &[Vote<'_>]) -> Vec<Group> {
    let mut equal: BTreeMap<(EngineId, OutcomeClass, BodyDigest), Vec<usize>> = BTreeMap::new();
    let mut by_value: BTreeMap<EngineId, (u16, Vec<usize>)> = BTreeMap::new();
    for (at, vote) in votes.iter().enumerate().filter(|(_, vote)| vote.seats > 0) {
        match (value_tolerance(rule, vote.class), &vote.value) {
            (None, _) => equal.entry((vote.engine, vote.class, vote.body)).or_default().push(at),
            (Some(tolerance), Some(_)) => {
                by_value.entry(vote.engine).or_insert_with(|| (tolerance, Vec::new())).1.push(at);
            }
            (Some(_), None) => {}
        }
    }
    let mut groups: Vec<Group> = equal
        .into_iter()
        .map(|((engine, class, body), members)| {
            let members = strongest(votes, members);
            group(votes, (engine, class, body, None), members.clone(), members)
        })
        .collect();
    groups.extend(by_value.into_iter().filter_map(|(engine, (tolerance, members))| {
        median_group(votes, engine, tolerance, strongest(votes, members))
    }));
    groups.sort_by_key(|group| (Reverse(group.seats), group.members.iter().min().copied()));
    groups
}

fn median_group(votes: &[Vote<'_>], engine: EngineId, tolerance: u16, members: Vec<usize>) -> Option<Group> {
    let weighted = |at: &usize| {
        let vote = votes.get(*at)?;
        Some(WeightedValue { value: vote.value.clone()?, seats: vote.seats })
    };
    let values: Vec<WeightedValue> = members.iter().filter_map(weighted).collect();
    let (median, agrees) = median_agreement(&values, tolerance)?;
    let agreeing = members.iter().zip(agrees).filter_map(|(at, agrees)| agrees.then_some(*at)).collect();
    let body = body_digest(median.as_str());
    Some(group(votes, (engine, OutcomeClass::Ok, body, Some(median.clone())), members, agreeing))
}

type Supported = (EngineId, OutcomeClass, BodyDigest, Option<Decimal>);

fn group(votes: &[Vote<'_>], outcome: Supported, members: Vec<usize>, agreeing: Vec<usize>) -> Group {
    let (engine, class, body, median) = outcome;
    let (mut seats, mut operators) = (0u32, BTreeSet::new());
    for vote in agreeing.iter().filter_map(|at| votes.get(*at)) {
        seats = seats.saturating_add(vote.seats);
        operators.insert(vote.operator);
    }
    let operators = u32::try_from(operators.len()).unwrap_or(u32::MAX);
    Group { engine, class, body, median, members, agreeing, seats, operators }
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
