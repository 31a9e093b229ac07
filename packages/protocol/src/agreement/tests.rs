//! Tests of the aggregation rules.

use gateway_api::MedianField;
use proptest::prelude::*;

use super::*;
use crate::{body_digest, compared_value};

const MEDIAN: AgreementRule = AgreementRule::Median { tolerance_bps: 100 };
const EXACT: AgreementRule = AgreementRule::Exact {};

fn vote(operator: &'static str, engine: u8, class: OutcomeClass, body: &str, seats: u32) -> Vote<'static> {
    voting(&MEDIAN, operator, engine, class, body, seats)
}

fn voting(
    rule: &AgreementRule,
    operator: &'static str,
    engine: u8,
    class: OutcomeClass,
    body: &str,
    seats: u32,
) -> Vote<'static> {
    let value = compared_value(rule, class, body).ok().flatten();
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
    assert_eq!(group.text.as_deref(), Some("100.5"));
    assert_eq!((group.members.as_slice(), group.agreeing.as_slice()), (&[0, 1, 2, 3][..], &[0, 1, 2][..]));
    assert_eq!(group.body, body_digest("100.5"));
}

#[test]
fn under_median_errors_agree_exactly_and_values_need_to_be_decimals() {
    let thrown = |operator| vote(operator, 1, OutcomeClass::JsThrow, "{}", 2);
    let groups = agree(&MEDIAN, &[thrown("a"), thrown("b"), ok("c", "\"x\"", 5), ok("d", "3", 1)]);
    assert_eq!(groups.len(), 2);
    assert_eq!((groups[0].class, groups[0].seats), (OutcomeClass::JsThrow, 4));
    assert_eq!((groups[1].text.as_deref(), groups[1].seats), (Some("3"), 1));
}

#[test]
fn a_publication_takes_the_strongest_512() {
    let mut votes: Vec<Vote<'_>> = (0..600).map(|_| ok("a", "1", 1)).collect();
    votes[599].seats = 9;
    let [group] = agree(&EXACT, &votes).try_into().unwrap();
    assert_eq!((group.members.len(), group.seats), (512, 520));
    assert!(group.members.contains(&599) && group.members.is_sorted());
}

fn prices() -> AgreementRule {
    let field = |path: &str| MedianField { path: path.to_owned(), tolerance_bps: 100 };
    AgreementRule::MedianFields { fields: vec![field("/b"), field("/a")] }
}

fn object(a: &str, b: &str, other: &str) -> String {
    format!(r#"{{"a":{a},"b":{b},"c":"{other}"}}"#)
}

#[test]
fn objects_agree_by_the_medians_of_their_fields_and_exactly_in_the_rest() {
    let rule = prices();
    let of = |operator, body: &str| voting(&rule, operator, 1, OutcomeClass::Ok, body, 1);
    let votes = [
        of("a", &object("100", "1", "x")),
        of("b", &object("100.5", "1", "x")),
        of("c", &object("101", "1.001", "x")),
        of("d", &object("100", "9", "x")),
        of("e", &object("100", "1", "y")),
        of("f", &object("100", "null", "x")),
    ];
    let groups = agree(&rule, &votes);
    assert_eq!(groups.len(), 2, "a vote without a value makes no group");
    assert_eq!(groups[0].text, Some(object("100", "1", "x")));
    assert_eq!(groups[0].body, body_digest(&object("100", "1", "x")));
    assert_eq!(
        (groups[0].members.as_slice(), groups[0].agreeing.as_slice()),
        (&[0, 1, 2, 3][..], &[0, 1, 2][..])
    );
    assert_eq!((groups[0].seats, groups[0].attesting), (3, 4));
    assert_eq!(groups[1].members, [4]);
}

#[test]
fn the_mode_has_most_seats_and_all_are_published() {
    let rule = AgreementRule::Mode { min_bps: 3400 };
    let of = |operator, body: &str, seats| voting(&rule, operator, 1, OutcomeClass::Ok, body, seats);
    let thrown = voting(&rule, "e", 1, OutcomeClass::JsThrow, "{}", 1);
    let votes = [of("a", "1", 3), of("b", "\"x\"", 2), of("c", "\"x\"", 2), of("d", "null", 1), thrown];
    let groups = agree(&rule, &votes);
    assert_eq!(groups.len(), 2, "errors agree exactly");
    assert_eq!((groups[0].body, groups[0].text.as_deref()), (body_digest("\"x\""), None));
    assert_eq!(
        (groups[0].members.as_slice(), groups[0].agreeing.as_slice()),
        (&[0, 1, 2, 3][..], &[1, 2][..])
    );
    assert_eq!((groups[0].seats, groups[0].attesting, groups[0].operators), (4, 8, 2));
}

proptest! {
    /// Under `median_fields` each field is the median that the field alone would have, and the order of votes changes nothing.
    #[test]
    fn fields_are_medians_of_their_own(
        rows in proptest::collection::vec((-50i64..50, -50i64..50, 1u32..4), 1..20), turn in 0usize..20,
    ) {
        let rule = prices();
        let of = |(a, b, seats): &(i64, i64, u32)| {
            voting(&rule, "a", 1, OutcomeClass::Ok, &object(&a.to_string(), &b.to_string(), "x"), *seats)
        };
        let votes: Vec<Vote<'_>> = rows.iter().map(of).collect();
        let [group] = agree(&rule, &votes).try_into().unwrap();
        let alone = |value: fn(&(i64, i64, u32)) -> i64| {
            let votes: Vec<Vote<'_>> = rows.iter().map(|row| ok("a", &value(row).to_string(), row.2)).collect();
            let [group] = agree(&MEDIAN, &votes).try_into().unwrap();
            (group.text.unwrap(), group.agreeing)
        };
        let ((a, near_a), (b, near_b)) = (alone(|row| row.0), alone(|row| row.1));
        prop_assert_eq!(group.text.as_ref(), Some(&object(&a, &b, "x")));
        let near: Vec<usize> = near_a.into_iter().filter(|at| near_b.contains(at)).collect();
        prop_assert_eq!(&group.agreeing, &near);
        let mut turned = votes.clone();
        turned.rotate_left(turn % votes.len());
        let [again] = agree(&rule, &turned).try_into().unwrap();
        prop_assert_eq!((again.text, again.seats), (group.text, group.seats));
    }

    /// Nobody has more seats than the mode, and the order of votes changes nothing.
    #[test]
    fn nothing_has_more_seats_than_the_mode(
        rows in proptest::collection::vec((0u8..5, 1u32..4), 1..20), turn in 0usize..20,
    ) {
        let rule = AgreementRule::Mode { min_bps: 3400 };
        let of = |(body, seats): &(u8, u32)| voting(&rule, "a", 1, OutcomeClass::Ok, &body.to_string(), *seats);
        let votes: Vec<Vote<'_>> = rows.iter().map(of).collect();
        let [group] = agree(&rule, &votes).try_into().unwrap();
        for body in 0u8..5 {
            let seats: u32 = rows.iter().filter(|row| row.0 == body).map(|row| row.1).sum();
            prop_assert!(seats <= group.seats);
            prop_assert!(seats != group.seats || body_digest(&body.to_string()) >= group.body);
        }
        let mut turned = votes.clone();
        turned.rotate_left(turn % votes.len());
        let [again] = agree(&rule, &turned).try_into().unwrap();
        prop_assert_eq!((again.body, again.seats), (group.body, group.seats));
    }

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
