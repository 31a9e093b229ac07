//! Rules that compare more than one decimal: objects by the medians of their fields, and the outcome of most seats.

use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, register_project, World};

fn prices() -> AgreementRule {
    let field = |path: &str| MedianField { path: path.to_owned(), tolerance_bps: 100 };
    AgreementRule::MedianFields { fields: vec![field("/usd"), field("/eur")] }
}

fn object(eur: &str, usd: &str) -> String {
    format!(r#"{{"eur":{eur},"of":"atom","usd":{usd}}}"#)
}

fn project(world: &mut World, rule: AgreementRule) -> ProjectId {
    world.project(Policy { rule, max_result_bytes: limits::MAX_COMPARED_BYTES, ..policy() })
}

/// What the nodes attest, one value each, published as `body`.
fn published(world: &World, request: RequestId, values: &[&str], body: &str) -> Publication {
    let mut publication = world.publication(request, body);
    let attest = |(node, value): (_, &&str)| Attestation {
        value: Some((*value).to_owned()),
        ..world.attest(node, request, OutcomeClass::Ok, value)
    };
    publication.attestations = world.nodes.iter().zip(values).map(attest).collect();
    publication
}

#[test]
fn each_field_has_its_median_and_those_near_all_of_them_agree() {
    let mut world = World::new();
    let project = project(&mut world, prices());
    let request = world.drawn_request(project);
    let values = [
        object("5", "6.02"),
        object("5.01", "6"),
        object("5.02", "6.01"),
        object("5.01", "6.01"),
        object("5.01", "99"),
    ];
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    for wrong in [object("5.01", "6.02"), object("5.02", "6.01"), "7".to_owned()] {
        let publication = published(&world, request, &values, &wrong);
        assert_eq!(world.verdict(publication), Some(Refusal::NotTheMedian {}), "{wrong}");
    }
    let publication = published(&world, request, &values, &object("5.01", "6.01"));
    assert_eq!(world.verdict(publication), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert_eq!((result.seats, result.body), (4, Body::Inline { text: object("5.01", "6.01") }));
    // The one that is far off in one field is not paid.
    assert_eq!(world.rewards(&world.nodes[4].operator.clone()), 0);
}

#[test]
fn errors_agree_exactly_under_every_rule() {
    for rule in [prices(), AgreementRule::Mode { min_bps: 3334 }] {
        let mut world = World::new();
        let project = project(&mut world, rule);
        let request = world.drawn_request(project);
        let threw = world.publication_of(request, OutcomeClass::JsThrow, "{}", Attempt(0));
        assert_eq!(world.verdict(threw), None);
    }
}

/// Objects that differ around the fields, hide one, bring a value twice, or are too large to compare.
#[test]
fn attack_76_an_object_bent_around_its_fields() {
    let mut world = World::new();
    let project = project(&mut world, prices());
    let request = world.drawn_request(project);
    let (good, node) = (object("5", "6"), world.nodes[1].id);
    let with =
        |world: &World, bad: &str| published(world, request, &[&good, bad, &good, &good, &good], &good);
    let long = object("5", "6").replace("atom", &"a".repeat(1024));
    for bad in [
        "7",
        "{}",
        r#"{"eur":5,"of":"atom"}"#,
        r#"{"eur":5,"of":"atom","usd":6e0}"#,
        r#"{"eur":5,"of":"atom","u\u0073d":6}"#,
        r#"{"eur":{"usd":6},"of":"atom"}"#,
        long.as_str(),
    ] {
        let publication = with(&world, bad);
        assert_eq!(world.verdict(publication), Some(Refusal::InvalidValue { node }), "{bad}");
    }
    for bad in [
        r#"{"eur":5,"of":"ATOM","usd":6}"#,
        r#"{"eur":5,"of":"atom","usd":"6"}"#,
        r#"{"eur":5,"of":"atom","usd":6,"usd":9}"#,
        r#"{"usd":6,"of":"atom","eur":5}"#,
    ] {
        let publication = with(&world, bad);
        assert_eq!(world.verdict(publication), Some(Refusal::NotTheMedian {}), "{bad}");
    }
    // A value that its node did not commit to.
    let mut unsaid = with(&world, &good);
    unsaid.attestations[1].value = Some(object("5", "6.01"));
    assert_eq!(world.verdict(unsaid), Some(Refusal::InvalidProof { node }));
    // Two of five that lie by a lot do not move a field beyond the honest values.
    let (low, high, lie) = (object("5", "6"), object("5.01", "6.01"), object("99", "0"));
    let publication = published(&world, request, &[&low, &high, &high, &lie, &lie], &object("5.01", "6"));
    assert_eq!(world.verdict(publication), None);
}

#[test]
fn the_outcome_of_most_seats_is_the_result() {
    let mut world = World::new();
    let project = project(&mut world, AgreementRule::Mode { min_bps: 3334 });
    let request = world.drawn_request(project);
    let values = [r#""a""#, r#""b""#, r#""b""#, r#""c""#, r#""d""#];
    let wrong = published(&world, request, &values, r#""a""#);
    assert_eq!(world.verdict(wrong), Some(Refusal::NotTheMode {}));
    let mut publication = published(&world, request, &values, r#""b""#);
    // Who attests the result itself need not repeat it; another's value is needed for its proof.
    publication.attestations[1].value = None;
    let node = publication.attestations[0].node;
    let mut unsaid = publication.clone();
    unsaid.attestations[0].value = None;
    assert_eq!(world.verdict(unsaid), Some(Refusal::InvalidProof { node }));
    assert_eq!(world.verdict(publication), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert_eq!((result.seats, result.quorum_seats), (2, 2));
    assert_eq!(result.body, Body::Inline { text: r#""b""#.to_owned() });
    assert_eq!(world.rewards(&world.nodes[0].operator.clone()), 0);
}

/// A publisher leaves out seats of the commonest outcome, so that another one becomes it.
#[test]
fn attack_77_a_mode_made_by_leaving_seats_out() {
    let mut world = World::new();
    let most = project(&mut world, AgreementRule::Mode { min_bps: 5001 });
    let values = ["1", "1", "1", "2", "2"];
    let request = world.drawn_request(most);
    let mut cut = published(&world, request, &values, "2");
    cut.attestations.drain(..2);
    assert_eq!(world.verdict(cut.clone()), Some(Refusal::BelowQuorum { seats: 2, quorum_seats: 3 }));
    cut.attestations.remove(0);
    assert_eq!(world.verdict(cut), Some(Refusal::TooFewAttest { seats: 2, needed: 3 }));
    // Below half of the committee the policy lets either of them be the result, and says so: no fewer than its share.
    let any = project(&mut world, AgreementRule::Mode { min_bps: 3334 });
    let request = world.drawn_request(any);
    let mut one = published(&world, request, &["1", "1", "1", "2", "3"], "1");
    one.attestations.drain(..2);
    one.attestations.remove(2);
    assert_eq!(world.verdict(one), Some(Refusal::TooFewAttest { seats: 2, needed: 3 }));
    let mut two = published(&world, request, &values, "2");
    two.attestations.drain(..2);
    assert_eq!(world.verdict(two), None);
}

#[test]
fn a_rule_that_cannot_hold_is_refused_when_it_is_registered() {
    let mut world = World::empty();
    let bob = world.bob.clone();
    let field = |path: &str| MedianField { path: path.to_owned(), tolerance_bps: 1 };
    let fields = |paths: &[&str]| AgreementRule::MedianFields {
        fields: paths.iter().map(|path| field(path)).collect(),
    };
    let small = limits::MAX_COMPARED_BYTES;
    for (rule, max_result_bytes, says) in [
        (fields(&[]), small, "fields takes 1 to 8 fields"),
        (fields(&["usd"]), small, "path takes a JSON pointer"),
        (fields(&["/usd", "/usd/0"]), small, "no path may be another's"),
        (fields(&["/usd"]), small + 1, "max_result_bytes of at most 1024"),
        (AgreementRule::Mode { min_bps: 3333 }, small, "min_bps takes 3334 to quorum_bps"),
        (AgreementRule::Mode { min_bps: 3334 }, small + 1, "max_result_bytes of at most 1024"),
    ] {
        let bad = Policy { rule, max_result_bytes, ..policy() };
        match world.send(&bob, &register_project(bad), 0).unwrap_err() {
            ContractError::InvalidPolicy { fault } => assert!(fault.contains(says), "{fault}"),
            other => panic!("{other}"),
        }
    }
    let bad = Policy { rule: fields(&["/usd"]), max_result_bytes: small, deterministic: true, ..policy() };
    assert_eq!(
        world.send(&bob, &register_project(bad), 0).unwrap_err(),
        ContractError::InvalidPolicy { fault: "deterministic takes the rule exact and no hosts" }
    );
}
