//! Rule `median`: the result is the seat-weighted median of all values; who is within the tolerance of it agrees.

use std::collections::BTreeMap;

use gateway_api::{Attempt, EngineId, OutcomeClass};
use gateway_protocol::{Decimal, Vote, body_digest, weighted_median};
use gateway_store::AttestationRow;

use super::{Group, count_seats, seats_at, strongest};

/// One group for each engine: everyone with a value counts for the median, also who is far from it.
pub(super) fn groups(votes: &[AttestationRow], attempt: Attempt, tolerance_bps: u16) -> Vec<Group> {
    let mut by_engine: BTreeMap<EngineId, Vec<usize>> = BTreeMap::new();
    for (at, vote) in votes.iter().enumerate() {
        if vote.class == OutcomeClass::Ok && seats_at(vote, attempt) > 0 && value(vote).is_some() {
            by_engine.entry(vote.engine).or_default().push(at);
        }
    }
    by_engine
        .into_iter()
        .filter_map(|(engine, members)| {
            let members = strongest(votes, attempt, members);
            let values: Vec<(&AttestationRow, Vote)> = members
                .iter()
                .filter_map(|member| votes.get(*member))
                .filter_map(|vote| Some((vote, Vote { value: value(vote)?, seats: seats_at(vote, attempt) })))
                .collect();
            let weighted: Vec<Vote> = values.iter().map(|(_, vote)| vote.clone()).collect();
            let median = weighted_median(&weighted)?;
            let agreeing = values
                .iter()
                .filter(|(_, vote)| vote.value.agrees_with(median, tolerance_bps))
                .map(|(row, _)| *row);
            let (seats, operators) = count_seats(agreeing, attempt);
            let body = median.as_str().to_owned();
            let digest = body_digest(&body);
            Some(Group { engine, class: OutcomeClass::Ok, body, digest, members, seats, operators })
        })
        .collect()
}

fn value(vote: &AttestationRow) -> Option<Decimal> {
    vote.value.as_deref()?.parse().ok()
}
