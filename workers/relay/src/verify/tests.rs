//! Verification of attestations: every bound field is changed in turn, and each change is refused.

use gateway_api::{
    AgreementRule, Attestation, CodeHash, EngineId, Epoch, InputHash, KeyFrom, MedianField, NodeId,
    OutcomeClass, Policy, Seed, UnitsFrom,
};
use gateway_protocol::{Outcome, SecretKey};
use gateway_testkit::{sample_node, sample_request};

use super::*;

const DOMAIN: Domain<'static> = Domain { chain_id: "dev-1", contract: "archway1gateway" };

fn request(rule: AgreementRule) -> RequestResponse {
    let policy = Policy { rule, max_result_bytes: 10, ..Policy::default() };
    RequestResponse { policy, ..sample_request(7) }
}

fn secret(n: u8) -> SecretKey {
    SecretKey::from_bytes(&[n; 32]).unwrap()
}

fn node(n: u8, units: u32) -> NodeResponse {
    let schedule = vec![UnitsFrom { epoch: Epoch(2), units }];
    NodeResponse { schedule, ..sample_node(n.into(), secret(n).public()) }
}

/// Returns what an honest node of secret `n` sends.
fn signed(request: &RequestResponse, n: u8, body: &str, value: Option<&str>) -> SignedOutcome {
    let (engine, class) = (EngineId([3; 32]), OutcomeClass::Ok);
    let value = value.map(Into::into);
    let outcome = Outcome { engine, class, body: body.to_owned(), value };
    let drawn = DrawnRequest::of(DOMAIN, request, request.draw.as_ref().unwrap());
    drawn.sign(&secret(n), NodeId(n.into()), outcome).1
}

fn check(
    domain: Domain<'_>,
    request: &RequestResponse,
    node: &NodeResponse,
    signed: &SignedOutcome,
) -> Result<AttestationRow, Refusal> {
    let draw = open_draw(request, 20)?;
    verify(domain, request, draw, node, signed)
}

#[test]
fn an_honest_attestation_is_taken_with_its_seats() {
    let request = request(AgreementRule::Exact {});
    let row = check(DOMAIN, &request, &node(1, 1), &signed(&request, 1, "5", None)).unwrap();
    // Five units and a committee of 21: every node is seated.
    assert_eq!((row.seats, row.body.as_str(), row.value), ([1, 1, 1], "5", None));
    assert_eq!(row.digest, body_digest("5").sha256);
}

#[test]
fn whatever_the_proof_does_not_cover_is_refused() {
    let honest = request(AgreementRule::Exact {});
    let good = signed(&honest, 1, "5", None);
    let invalid = Err(Refusal::InvalidProof { node: NodeId(1) });
    let with = |change: fn(&mut SignedOutcome)| {
        let mut changed = good.clone();
        change(&mut changed);
        check(DOMAIN, &honest, &node(1, 1), &changed).map(|_| ())
    };
    assert_eq!(with(|_| ()), Ok(()));
    assert_eq!(with(|s| s.body = "6".into()), invalid);
    assert_eq!(with(|s| s.class = OutcomeClass::JsThrow), invalid);
    assert_eq!(with(|s| s.engine = EngineId([4; 32])), invalid);
    assert_eq!(with(|s| s.attestation.proof = vec![0; 160].into()), invalid);
    assert_eq!(with(|s| s.attestation.proof = vec![0; 159].into()), Err(Refusal::ProofLength {}));

    let refused = |request: &RequestResponse, domain: Domain<'_>| {
        check(domain, request, &node(1, 1), &good).map(|_| ()) == invalid
    };
    let mut other = honest.clone();
    other.input_hash = InputHash([9; 32]);
    assert!(refused(&other, DOMAIN), "another input");
    other = honest.clone();
    other.code.sha256 = CodeHash([9; 32]);
    assert!(refused(&other, DOMAIN), "another code");
    other = honest.clone();
    other.draw.as_mut().unwrap().seed = Seed([9; 32]);
    assert!(refused(&other, DOMAIN), "another draw");
    assert!(refused(&honest, Domain { chain_id: "main-1", ..DOMAIN }), "another chain");
    assert!(refused(&honest, Domain { contract: "archway1other", ..DOMAIN }), "another contract");
    let stolen = NodeResponse { keys: node(2, 1).keys, ..node(1, 1) };
    assert_eq!(check(DOMAIN, &honest, &stolen, &good).map(|_| ()), invalid, "another node's proof");
}

#[test]
fn only_drawn_nodes_of_open_requests_are_accepted() {
    let drawn = request(AgreementRule::Exact {});
    let good = signed(&drawn, 1, "5", None);
    let inactive = Err(Refusal::InactiveNode { node: NodeId(1) });
    assert_eq!(check(DOMAIN, &drawn, &node(1, 0), &good).map(|_| ()), inactive);
    let mut late = node(1, 1);
    late.schedule = vec![UnitsFrom { epoch: Epoch(3), units: 1 }];
    assert_eq!(check(DOMAIN, &drawn, &late, &good).map(|_| ()), inactive, "active after the draw");

    let mut lost = drawn.clone();
    lost.policy.committee = 1;
    lost.draw.as_mut().unwrap().total_units = u64::MAX;
    assert_eq!(check(DOMAIN, &lost, &node(1, 1), &good), Err(Refusal::NoSeat { node: NodeId(1) }));

    for (status, draw, height, refusal) in [
        (RequestStatus::Waiting, None, 20, Refusal::NotDrawn {}),
        (RequestStatus::Fulfilled, drawn.draw.clone(), 20, Refusal::Closed {}),
        (RequestStatus::Expired, None, 20, Refusal::Closed {}),
        (RequestStatus::Drawn, drawn.draw.clone(), 111, Refusal::PastDeadline {}),
    ] {
        let request = RequestResponse { status, draw, ..drawn.clone() };
        assert_eq!(open_draw(&request, height).err(), Some(refusal));
    }
}

#[test]
fn an_outcome_of_another_engine_than_the_draws_is_refused() {
    let mut drawn = request(AgreementRule::Exact {});
    let outcome = signed(&drawn, 1, "5", None);
    let require = |drawn: &mut RequestResponse, byte| {
        drawn.draw.as_mut().unwrap().engine = Some(EngineId([byte; 32]));
    };
    require(&mut drawn, 4);
    let refused = Err(Refusal::WrongEngine { needed: EngineId([4; 32]) });
    assert_eq!(check(DOMAIN, &drawn, &node(1, 1), &outcome), refused);
    require(&mut drawn, 3);
    assert!(check(DOMAIN, &drawn, &node(1, 1), &outcome).is_ok());
}

#[test]
fn objects_and_whole_values_are_compared_as_the_rule_says() {
    let mut drawn = request(AgreementRule::Mode { min_bps: 4000 });
    drawn.policy.max_result_bytes = 1024;
    let row = check(DOMAIN, &drawn, &node(1, 1), &signed(&drawn, 1, "\"x\"", None)).unwrap();
    assert_eq!(row.value.as_deref(), Some("\"x\""));
    let field = MedianField { path: "/usd".to_owned(), tolerance_bps: 10 };
    drawn.policy.rule = AgreementRule::MedianFields { fields: vec![field] };
    assert!(check(DOMAIN, &drawn, &node(1, 1), &signed(&drawn, 1, "{\"usd\":1.5}", None)).is_ok());
    let missing = check(DOMAIN, &drawn, &node(1, 1), &signed(&drawn, 1, "{\"eur\":1.5}", None));
    assert_eq!(missing, Err(Refusal::InvalidValue { node: NodeId(1) }));
}

#[test]
fn bodies_and_values_have_bounds() {
    let exact = request(AgreementRule::Exact {});
    let long = signed(&exact, 1, "12345678901", None);
    assert_eq!(check(DOMAIN, &exact, &node(1, 1), &long), Err(Refusal::BodyTooLarge {}));

    let median = request(AgreementRule::Median { tolerance_bps: 10 });
    let row = check(DOMAIN, &median, &node(1, 1), &signed(&median, 1, "1.5", Some("1.5"))).unwrap();
    assert_eq!(row.value.as_deref(), Some("1.5"));
    let invalid = Err(Refusal::InvalidValue { node: NodeId(1) });
    for (body, value) in [("\"x\"", None), ("1.50", Some("1.50")), ("1.5", Some("9.5"))] {
        let outcome = check(DOMAIN, &median, &node(1, 1), &signed(&median, 1, body, value));
        assert_eq!(outcome, invalid, "{body} {value:?}");
    }
}

#[test]
fn after_a_rotation_the_key_in_force_at_the_draw_still_attests() {
    let drawn = request(AgreementRule::Exact {});
    let mut rotated = node(1, 1);
    rotated.keys.push(KeyFrom { epoch: Epoch(3), key: secret(9).public() });
    assert!(check(DOMAIN, &drawn, &rotated, &signed(&drawn, 1, "5", None)).is_ok());
    let new = signed(&drawn, 9, "5", None);
    let new = SignedOutcome { attestation: Attestation { node: NodeId(1), ..new.attestation }, ..new };
    let invalid = Err(Refusal::InvalidProof { node: NodeId(1) });
    assert_eq!(check(DOMAIN, &drawn, &rotated, &new).map(|_| ()), invalid);
}

#[test]
fn a_jailed_node_is_refused_as_the_contract_would_refuse_it() {
    let drawn = request(AgreementRule::Exact {});
    let jailed = NodeResponse { jailed_until: Some(1000), ..node(1, 1) };
    let inactive = Err(Refusal::InactiveNode { node: NodeId(1) });
    assert_eq!(check(DOMAIN, &drawn, &jailed, &signed(&drawn, 1, "5", None)).map(|_| ()), inactive);
}
