//! Results that are too large for the chain: it has their hash and size, and nobody can hide a small one behind a hash.

use gateway_api::*;
use gateway_contract::ContractError;
use gateway_protocol::{body_digest, published_body};

use crate::callback::{answer, ask, consumer};
use crate::world::{policy, settings, World};

const INLINE: u32 = 4096;

fn text(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes - 2))
}

fn hashed(text: &str) -> Body {
    let digest = body_digest(text);
    Body::Hashed { sha256: digest.sha256, size: digest.size }
}

fn large_policy() -> Policy {
    Policy { max_result_bytes: limits::MAX_RESULT_BYTES, ..policy() }
}

/// The publication of a body whole, and by its hash.
fn both(world: &World, request: RequestId, text: &str) -> [Publication; 2] {
    let whole = world.publication(request, text);
    let by_hash = Publication { body: hashed(text), ..whole.clone() };
    [whole, by_hash]
}

#[test]
fn a_body_is_published_by_its_hash_above_the_limit_and_whole_up_to_it() {
    let mut world = World::new();
    let project = world.project(large_policy());
    for (size, whole_is_right) in
        [(4095, true), (4096, true), (4097, false), (20_000, false), (1 << 20, false)]
    {
        let request = world.drawn_request(project);
        let text = text(size);
        let [whole, by_hash] = both(&world, request, &text);
        let (right, wrong) = if whole_is_right { (whole, by_hash) } else { (by_hash, whole) };
        assert_eq!(published_body(text, INLINE), right.body);
        assert_eq!(world.verdict(wrong), Some(Refusal::BodyForm {}), "{size}");
        let body = right.body.clone();
        assert_eq!(world.verdict(right), None, "{size}");
        assert_eq!(world.ask::<ResultResponse>(&QueryMsg::Result { request }).body, body);
    }
    let request = world.drawn_request(project);
    let [whole, by_hash] = both(&world, request, &text((1 << 20) + 1));
    assert_eq!(world.verdict(whole), Some(Refusal::BodyTooLarge {}));
    assert_eq!(world.verdict(by_hash), Some(Refusal::BodyTooLarge {}));
}

/// The proofs are for the hash that is published: another text of the same size is another outcome.
#[test]
fn a_hash_that_nobody_attested_is_no_result() {
    let mut world = World::new();
    let project = world.project(large_policy());
    let request = world.drawn_request(project);
    let [_, good] = both(&world, request, &text(5000));
    let (other, Body::Hashed { sha256, .. }) = (text(5000).replace('x', "y"), good.body.clone()) else {
        panic!("by its hash")
    };
    let forged = Publication { body: hashed(&other), ..good.clone() };
    assert!(matches!(world.verdict(forged), Some(Refusal::InvalidProof { .. })));
    let resized = Publication { body: Body::Hashed { sha256, size: 5001 }, ..good.clone() };
    assert!(matches!(world.verdict(resized), Some(Refusal::InvalidProof { .. })));
    assert_eq!(world.verdict(good), None);
}

#[test]
fn a_consumer_is_called_with_the_hash() {
    let mut world = World::new();
    let project = world.project(large_policy());
    let consumer = consumer(&mut world);
    let request = ask(&mut world, &consumer, project);
    world.block();
    world.tick();
    let text = text(5000);
    let [_, by_hash] = both(&world, request, &text);
    assert_eq!(world.verdict(by_hash), None);
    let resolution = Resolution::Fulfilled { class: OutcomeClass::Ok, body: hashed(&text) };
    assert_eq!(answer(&world, &consumer, request), Some(resolution));
}

/// Attestations that nodes submit themselves follow the same rule.
#[test]
fn straight_from_nodes_a_large_body_goes_by_its_hash_too() {
    let mut world = World::new();
    let project = world.project(large_policy());
    let request = world.drawn_request(project);
    let [whole, by_hash] = both(&world, request, &text(5000));
    let relay = world.relay.clone();
    for (publication, status) in [(whole, RequestStatus::Drawn), (by_hash, RequestStatus::Fulfilled)] {
        world.send(&relay, &ExecuteMsg::Attest { publication }, 0).unwrap();
        assert_eq!(world.status(request), status);
    }
}

/// A median is a number: always on the chain.
#[test]
fn a_median_is_never_hashed() {
    let mut world = World::new();
    let rule = AgreementRule::Median { tolerance_bps: 0 };
    let project = world.project(Policy { rule, ..large_policy() });
    let request = world.drawn_request(project);
    let mut publication = world.publication(request, "1.5");
    for attestation in &mut publication.attestations {
        attestation.value = Some("1.5".to_owned());
    }
    let by_hash = Publication { body: hashed("1.5"), ..publication.clone() };
    assert_eq!(world.verdict(by_hash), Some(Refusal::BodyForm {}));
    assert_eq!(world.verdict(publication), None);
}

#[test]
fn the_limit_is_a_setting_that_an_open_request_keeps() {
    let mut world = World::new();
    let project = world.project(large_policy());
    let before = world.drawn_request(project);
    let admin = world.admin.clone();
    for bytes in [limits::MIN_INLINE_RESULT_BYTES - 1, limits::MAX_INLINE_RESULT_BYTES + 1] {
        let settings = Settings { max_inline_bytes: bytes, ..settings() };
        let refused = world.send(&admin, &ExecuteMsg::UpdateSettings { settings }, 0).unwrap_err();
        assert!(
            matches!(refused, ContractError::InvalidSettings(ref error) if error.field == "max_inline_bytes"),
            "{refused}"
        );
    }
    let wider = Settings { max_inline_bytes: 0, ..settings() };
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: wider }, 0).unwrap();
    let after = world.drawn_request(project);
    let limit = |request| world.ask::<RequestResponse>(&QueryMsg::Request { request }).max_inline_bytes;
    assert_eq!((limit(before), limit(after)), (INLINE, limits::MAX_INLINE_RESULT_BYTES));
    let text = text(5000);
    let [whole, by_hash] = both(&world, before, &text);
    assert_eq!(world.verdict(whole), Some(Refusal::BodyForm {}));
    assert_eq!(world.verdict(by_hash), None);
    let [whole, by_hash] = both(&world, after, &text);
    assert_eq!(world.verdict(by_hash), Some(Refusal::BodyForm {}));
    assert_eq!(world.verdict(whole), None);
}
