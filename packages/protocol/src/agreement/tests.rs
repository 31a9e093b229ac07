//! Tests of the aggregation rules.

use proptest::prelude::*;

use super::*;

const MEDIAN: AgreementRule = AgreementRule::Median { tolerance_bps: 100 };
const EXACT: AgreementRule = AgreementRule::Exact {};

fn vote(operator: &'static str, engine: u8, class: OutcomeClass, body: &str, seats: u32) -> Vote<'static> {
    let value = body.parse().ok();
    Vote { operator, engine: EngineId([engine; 32]), class, body: body_digest(body), value, seats }
}

fn ok(operator: &'static str, body: &str, seats: u32) -> Vote<'static> {
    vote(operator, 1, OutcomeClass::Ok, body, seats)
}

#[test]
fn equal_outcomes_agree_and_the_strongest_come_first() {
    let votes = [ok("a", "1", 1), ok("b", "2", 2), ok("c", "1", 2), ok("d", "9", 0)];
    let groups = agree(&EXACT, &votes);
    assert_eq!(groups.len(), 2, "a vote without seats makes no group");
    assert_eq!((groups[0].members.as_slice(), groups[0].seats, groups[0].operators), (&[0, 2][..], 3, 2));
    assert_eq!((groups[1].members.as_slice(), groups[1].seats), (&[1][..], 2));
}

#[test]
fn engine_and_class_distinguish_outcomes() {
    let votes = [
        vote("a", 1, OutcomeClass::Ok, "1", 1),
        vote("b", 2, OutcomeClass::Ok, "1", 1),
        vote("c", 1, OutcomeClass::JsThrow, "1", 1),
    ];
    assert_eq!(agree(&EXACT, &votes).len(), 3);
}

#[test]
fn one_operator_counts_once() {
    let groups = agree(&EXACT, &[ok("a", "1", 3), ok("a", "1", 4)]);
    assert_eq!((groups[0].seats, groups[0].operators), (7, 1));
}

#[test]
fn values_near_the_median_agree_and_all_are_published() {
    let votes = [ok("a", "100", 1), ok("b", "100.5", 1), ok("c", "101", 1), ok("d", "900", 1)];
    let [group] = agree(&MEDIAN, &votes).try_into().unwrap();
    assert_eq!(group.median.as_ref().map(Decimal::as_str), Some("100.5"));
    assert_eq!((group.members.as_slice(), group.agreeing.as_slice()), (&[0, 1, 2, 3][..], &[0, 1, 2][..]));
    assert_eq!(group.body, body_digest("100.5"));
}

#[test]
fn under_median_errors_agree_exactly_and_values_need_to_be_decimals() {
    let thrown = |operator| vote(operator, 1, OutcomeClass::JsThrow, "{}", 2);
    let groups = agree(&MEDIAN, &[thrown("a"), thrown("b"), ok("c", "\"x\"", 5), ok("d", "3", 1)]);
    assert_eq!(groups.len(), 2);
    assert_eq!((groups[0].class, groups[0].seats), (OutcomeClass::JsThrow, 4));
    assert_eq!((groups[1].median.as_ref().map(Decimal::as_str), groups[1].seats), (Some("3"), 1));
}

#[test]
fn a_publication_takes_the_strongest_512() {
    let mut votes: Vec<Vote<'_>> = (0..600).map(|_| ok("a", "1", 1)).collect();
    votes[599].seats = 9;
    let [group] = agree(&EXACT, &votes).try_into().unwrap();
    assert_eq!((group.members.len(), group.seats), (512, 520));
    assert!(group.members.contains(&599) && group.members.is_sorted());
}

proptest! {
    /// Seats never count twice, and nobody agrees who is not published.
    #[test]
    fn seats_are_conserved(
        rows in proptest::collection::vec((0u8..2, 0u8..3, 0i64..5, 0u32..4), 0..40),
        median: bool,
    ) {
        let operators = ["a", "b", "c"];
        let votes: Vec<Vote<'_>> = rows
            .iter()
            .map(|(engine, operator, value, seats)| {
                let class = if *value == 4 { OutcomeClass::JsThrow } else { OutcomeClass::Ok };
                vote(operators[usize::from(*operator)], *engine, class, &value.to_string(), *seats)
            })
            .collect();
        let groups = agree(if median { &MEDIAN } else { &EXACT }, &votes);
        let mut seen = BTreeSet::new();
        for group in &groups {
            prop_assert!(group.agreeing.iter().all(|at| group.members.contains(at)));
            prop_assert!(group.members.iter().all(|at| seen.insert(*at)));
            let seats: u32 = group.agreeing.iter().map(|at| votes[*at].seats).sum();
            prop_assert_eq!(seats, group.seats);
        }
        prop_assert_eq!(seen.len(), votes.iter().filter(|vote| vote.seats > 0).count());
    }
}
