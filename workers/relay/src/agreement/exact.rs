//! Rule `exact`: outcomes agree when they are the same, byte for byte.

use std::collections::BTreeMap;

use gateway_api::Attempt;
use gateway_protocol::BodyDigest;
use gateway_store::AttestationRow;

use super::{Group, count_seats, seats_at, strongest};

/// One group for each outcome attested at the attempt, of the attestations that `counts`.
pub(super) fn groups(
    votes: &[AttestationRow],
    attempt: Attempt,
    counts: impl Fn(&AttestationRow) -> bool,
) -> Vec<Group> {
    // The outcome's hash covers request, code, input, engine, class and body.
    let mut by_outcome: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, vote) in votes.iter().enumerate() {
        if counts(vote) && seats_at(vote, attempt) > 0 {
            by_outcome.entry(&vote.outcome).or_default().push(at);
        }
    }
    by_outcome
        .into_values()
        .filter_map(|members| {
            let members = strongest(votes, attempt, members);
            let first = votes.get(*members.first()?)?;
            let (seats, operators) = count_seats(members.iter().filter_map(|m| votes.get(*m)), attempt);
            Some(Group {
                engine: first.engine,
                class: first.class,
                body: first.body.clone(),
                digest: BodyDigest { sha256: first.digest, size: first.size },
                members,
                seats,
                operators,
            })
        })
        .collect()
}
