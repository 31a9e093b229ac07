//! Agreement against the contract's rule, on random attestations.

use std::collections::{BTreeMap, BTreeSet};

use gateway_api::{AgreementRule, EngineId, NodeId, OutcomeClass, RequestId};
use gateway_protocol::{Decimal, WeightedValue, body_digest, quorum_seats, weighted_median};
use proptest::prelude::*;

use super::*;

fn vote(node: u32, class: OutcomeClass, body: &str, seats: [u32; 3]) -> AttestationRow {
    AttestationRow {
        request: RequestId(1),
        node: NodeId(node),
        operator: format!("op{}", node % 7),
        engine: EngineId([1; 32]),
        class,
        outcome: format!("{class}:{body}"),
        digest: body_digest(body).sha256,
        size: body.len() as u32,
        body: body.to_owned(),
        value: body.parse::<Decimal>().ok().map(|_| body.to_owned()),
        proof: vec![0; 160],
        seats,
    }
}

fn ok(node: u32, body: &str, seats: u32) -> AttestationRow {
    vote(node, OutcomeClass::Ok, body, [seats; 3])
}

fn policy(committee: u32, rule: AgreementRule) -> Policy {
    Policy { committee, min_operators: 2, rule, ..Policy::default() }
}

fn decide_at(policy: &Policy, latest: u8, votes: &[AttestationRow]) -> Verdict {
    decide(CommitteeTerms { policy, total_units: 100, latest: Attempt(latest) }, votes)
}

#[test]
fn a_quorum_of_one_outcome_agrees_and_says_who() {
    // 10 expected seats at 6000 bps: 6 are needed.
    let policy = policy(10, AgreementRule::Exact {});
    let votes = [ok(1, "5", 3), ok(2, "6", 5), ok(3, "5", 3)];
    let Verdict::Agreed { attempt, group, quorum_seats } = decide_at(&policy, 0, &votes) else {
        panic!("agreed")
    };
    assert_eq!((attempt, quorum_seats, group.seats, group.operators), (Attempt(0), 6, 6, 2));
    assert_eq!((group.body, group.members), (body_digest("5"), vec![0, 2]));
}

#[test]
fn dissent_lowers_no_quorum_and_is_explained() {
    let policy = policy(10, AgreementRule::Exact {});
    for (votes, says) in [
        (vec![], "no attestation has arrived yet"),
        (vec![ok(1, "5", 5)], "5 seats agree, 6 are needed; no other outcome was attested"),
        (vec![ok(1, "5", 5), ok(2, "6", 4)], "5 seats agree, 6 are needed; there are 2 different outcomes"),
        (vec![ok(1, "5", 9)], "1 operators agree, 2 are needed"),
    ] {
        let verdict = decide_at(&policy, 0, &votes);
        assert!(matches!(verdict, Verdict::Open { .. }), "{verdict:?}");
        assert_eq!(verdict.reason(2), says);
    }
}

#[test]
fn a_later_attempt_counts_its_own_seats_against_its_own_quorum() {
    let policy = policy(10, AgreementRule::Exact {});
    let votes = [vote(1, OutcomeClass::Ok, "5", [2, 7, 9]), vote(2, OutcomeClass::Ok, "5", [0, 5, 9])];
    assert!(matches!(decide_at(&policy, 0, &votes), Verdict::Open { seats: 2, quorum_seats: 6, .. }));
    let Verdict::Agreed { attempt, group, quorum_seats } = decide_at(&policy, 1, &votes) else {
        panic!("agreed")
    };
    assert_eq!((attempt, group.seats, quorum_seats), (Attempt(1), 12, 12));
}

#[test]
fn values_near_the_median_agree_and_everyone_is_published() {
    let policy = policy(10, AgreementRule::Median { tolerance_bps: 100 });
    let votes = [ok(1, "100", 3), ok(2, "100.5", 3), ok(3, "900", 2)];
    let Verdict::Agreed { group, .. } = decide_at(&policy, 0, &votes) else { panic!("agreed") };
    assert_eq!((group.body, group.seats, group.members.len()), (body_digest("100.5"), 6, 3));
}

#[test]
fn a_mode_waits_for_a_quorum_that_attests_and_says_so() {
    let policy = policy(10, AgreementRule::Mode { min_bps: 4000 });
    let of =
        |node, body: &str, seats| AttestationRow { value: Some(body.to_owned()), ..ok(node, body, seats) };
    let few = [of(1, "\"a\"", 2), of(2, "\"a\"", 2)];
    assert_eq!(decide_at(&policy, 0, &few).reason(2), "4 seats attest, 6 are needed");
    let enough = [of(1, "\"a\"", 2), of(2, "\"a\"", 2), of(3, "\"b\"", 3)];
    let Verdict::Agreed { group, quorum_seats, .. } = decide_at(&policy, 0, &enough) else {
        panic!("agreed")
    };
    assert_eq!((group.body, group.seats, group.members.len()), (body_digest("\"a\""), 4, 3));
    assert_eq!(quorum_seats, 4);
}

#[test]
fn errors_under_the_median_rule_agree_exactly() {
    let policy = policy(10, AgreementRule::Median { tolerance_bps: 100 });
    let thrown = |node| vote(node, OutcomeClass::JsThrow, "boom", [4; 3]);
    let Verdict::Agreed { group, .. } = decide_at(&policy, 0, &[thrown(1), thrown(2)]) else {
        panic!("agreed")
    };
    assert_eq!((group.class, group.body), (OutcomeClass::JsThrow, body_digest("boom")));
}

#[test]
fn no_more_attest_than_a_publication_takes_and_the_strongest_stay() {
    let policy = policy(101, AgreementRule::Exact {});
    let votes: Vec<_> = (0..600).map(|node| ok(node, "1", if node < 100 { 1 } else { 2 })).collect();
    let groups = groups(&policy, &votes, Attempt(0));
    assert_eq!(groups[0].members.len(), limits::MAX_ATTESTATIONS);
    assert_eq!(groups[0].seats, 500 * 2 + 12);
}

fn votes() -> impl Strategy<Value = Vec<AttestationRow>> {
    let one = (0..4u32, prop::sample::select(vec!["1", "2", "1.001", "3"]), prop::array::uniform3(0..6u32));
    prop::collection::vec(one, 0..14).prop_map(|all| {
        let rows = all.into_iter().enumerate().map(|(node, (class, body, mut seats))| {
            seats.sort_unstable();
            let class = if class == 0 { OutcomeClass::JsThrow } else { OutcomeClass::Ok };
            vote(node as u32 + 1, class, body, seats)
        });
        rows.collect()
    })
}

/// Reimplements the contract's rule for one publication from its specification.
fn acceptable(policy: &Policy, attempt: Attempt, group: &Group, votes: &[AttestationRow]) -> bool {
    let members: Vec<_> = group.members.iter().map(|m| &votes[*m]).collect();
    let seats = |vote: &AttestationRow| vote.seats[usize::from(attempt.0)];
    if members.iter().any(|vote| seats(vote) == 0 || vote.engine != group.engine || vote.class != group.class)
    {
        return false;
    }
    let agreeing: Vec<_> = match policy.rule {
        AgreementRule::Median { tolerance_bps } if group.class == OutcomeClass::Ok => {
            let all: Vec<_> = members
                .iter()
                .map(|v| WeightedValue { value: v.body.parse().unwrap(), seats: seats(v) })
                .collect();
            let median = weighted_median(&all).unwrap();
            if body_digest(median.as_str()) != group.body {
                return false;
            }
            members
                .iter()
                .zip(&all)
                .filter(|(_, v)| v.value.agrees_with(median, tolerance_bps))
                .map(|(m, _)| *m)
                .collect()
        }
        _ if members.iter().any(|vote| body_digest(&vote.body) != group.body) => return false,
        _ => members,
    };
    let operators: BTreeSet<_> = agreeing.iter().map(|vote| &vote.operator).collect();
    agreeing.iter().map(|vote| seats(vote)).sum::<u32>()
        >= quorum_seats(policy.quorum_bps, policy.committee, attempt, 100)
        && operators.len() >= usize::from(policy.min_operators)
}

proptest! {
    #[test]
    fn what_is_agreed_is_what_the_contract_accepts(
        votes in votes(), latest in 0..5u8, committee in 1..12u32, median: bool,
    ) {
        let rule = if median { AgreementRule::Median { tolerance_bps: 50 } } else { AgreementRule::Exact {} };
        let policy = policy(committee, rule);
        match decide_at(&policy, latest, &votes) {
            Verdict::Agreed { attempt, group, .. } => {
                prop_assert!(attempt.0 <= latest.min(2));
                prop_assert!(acceptable(&policy, attempt, &group, &votes));
            }
            Verdict::Open { .. } => {
                // Under the exact rule no acceptable group is overlooked.
                for attempt in 0..=latest.min(2) {
                    let mut outcomes: BTreeMap<&str, (u32, BTreeSet<&str>)> = BTreeMap::new();
                    for vote in votes.iter().filter(|v| !median && v.seats[usize::from(attempt)] > 0) {
                        let entry = outcomes.entry(&vote.outcome).or_default();
                        entry.0 += vote.seats[usize::from(attempt)];
                        entry.1.insert(&vote.operator);
                    }
                    let quorum_seats = quorum_seats(policy.quorum_bps, policy.committee, Attempt(attempt), 100);
                    prop_assert!(outcomes.values().all(|(seats, operators)| *seats < quorum_seats || operators.len() < 2));
                }
            }
        }
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(votes in votes(), turn in 0..14usize, median: bool) {
        let rule = if median { AgreementRule::Median { tolerance_bps: 50 } } else { AgreementRule::Exact {} };
        let policy = policy(5, rule);
        let mut turned = votes.clone();
        turned.rotate_left(turn % votes.len().max(1));
        let weight = |verdict: Verdict| match verdict {
            Verdict::Agreed { attempt, group, quorum_seats } => (attempt, group.seats, quorum_seats, true),
            Verdict::Open { attempt, seats, quorum_seats, .. } => (attempt, seats, quorum_seats, false),
        };
        prop_assert_eq!(weight(decide_at(&policy, 2, &votes)), weight(decide_at(&policy, 2, &turned)));
    }
}
