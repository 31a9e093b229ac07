//! Results without a relay: attestations straight from nodes gather until they are a quorum.

use gateway_api::events::GatewayEvent;
use gateway_api::*;

use crate::world::{policy, TestNode, World, RELAY, SEAT, TTL};

fn attest(world: &mut World, node: &TestNode, request: RequestId, body: &str) -> Vec<GatewayEvent> {
    let publication = Publication {
        request,
        attempt: Attempt(0),
        engine: node.engine,
        class: OutcomeClass::Ok,
        body: Body::Inline { text: body.to_owned() },
        attestations: vec![world.attest(node, request, OutcomeClass::Ok, body)],
    };
    let response = world.send(&node.operator, &ExecuteMsg::Attest { publication }, 0).unwrap();
    world.events(&response)
}

fn tallies(world: &World, request: RequestId) -> Vec<usize> {
    let all: TalliesResponse = world.ask(&QueryMsg::Tallies { request });
    all.tallies.iter().map(|tally| tally.nodes.len()).collect()
}

fn refusal(events: &[GatewayEvent]) -> Option<&str> {
    match events {
        [GatewayEvent::PublicationRefused(event)] => Some(&event.reason),
        _ => None,
    }
}

/// With every relay silent a request still ends in a result.
#[test]
fn attack_22_relay_silent() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let nodes = world.nodes.clone();
    for (count, node) in nodes[..2].iter().enumerate() {
        let events = attest(&mut world, node, request, "3");
        assert!(
            matches!(events[..], [GatewayEvent::AttestationsKept(ref e)] if e.nodes as usize == count + 1 && e.quorum_seats == 3),
            "{events:?}"
        );
    }
    // One attests the same again, and one attests another outcome: neither makes the quorum.
    attest(&mut world, &nodes[0], request, "3");
    attest(&mut world, &nodes[3], request, "4");
    let mut sizes = tallies(&world, request);
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2]);
    let events = attest(&mut world, &nodes[2], request, "3");
    assert!(matches!(events[..], [GatewayEvent::RequestFulfilled(_)]), "{events:?}");
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert_eq!(result.seats, 3);
    for node in &nodes[..2] {
        assert_eq!(world.rewards(&node.operator), SEAT);
    }
    // Who completed it is its publisher.
    assert_eq!(world.rewards(&nodes[2].operator), SEAT + RELAY);
    assert_eq!(world.rewards(&nodes[3].operator), 0);
    assert!(tallies(&world, request).is_empty());
    assert_eq!(refusal(&attest(&mut world, &nodes[4], request, "3")), Some("closed"));
}

#[test]
fn a_node_says_one_thing_and_proves_it() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let nodes = world.nodes.clone();
    attest(&mut world, &nodes[0], request, "3");
    assert_eq!(refusal(&attest(&mut world, &nodes[0], request, "4")), Some("duplicate_node"));
    let liar = TestNode { secret: nodes[2].secret, ..nodes[1].clone() };
    assert_eq!(refusal(&attest(&mut world, &liar, request, "3")), Some("invalid_proof"));
    assert_eq!(tallies(&world, request), [1]);
}

#[test]
fn what_gathered_is_gone_with_the_request() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let node = world.nodes[0].clone();
    attest(&mut world, &node, request, "3");
    world.blocks(TTL);
    let bob = world.bob.clone();
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(world.status(request), RequestStatus::Expired);
    assert!(tallies(&world, request).is_empty());
}

#[test]
fn a_jailed_nodes_attestation_does_not_count_and_medians_do_not_gather() {
    let mut world = World::new();
    let rule = AgreementRule::Median { tolerance_bps: 10 };
    let project = world.project(Policy { rule, ..policy() });
    let request = world.drawn_request(project);
    let node = world.nodes[0].clone();
    let publication = Publication {
        request,
        attempt: Attempt(0),
        engine: node.engine,
        class: OutcomeClass::Ok,
        body: Body::Inline { text: "3".to_owned() },
        attestations: vec![Attestation {
            value: Some("3".to_owned()),
            ..world.attest(&node, request, OutcomeClass::Ok, "3")
        }],
    };
    let response = world.send(&node.operator, &ExecuteMsg::Attest { publication }, 0).unwrap();
    assert_eq!(refusal(&world.events(&response)), Some("not_the_median"));
}

/// The query returns for one attestation what publishing it among others would.
#[test]
fn each_value_is_checked_before_it_is_sent() {
    let mut world = World::new();
    let project = world.project(Policy { rule: AgreementRule::Exact {}, ..policy() });
    let request = world.drawn_request(project);
    let node = world.nodes[0].clone();
    let check = |world: &World, signed_outcome: &SignedOutcome, attempt| -> PublicationVerdict {
        world.ask(&QueryMsg::CheckAttestation { signed_outcome: signed_outcome.clone(), attempt })
    };
    let signed_outcome = crate::crafted::signed_outcome(&world, &node, request, "3");
    let accepted = PublicationVerdict::Accepted { seats: 1, operators: 1 };
    assert_eq!(check(&world, &signed_outcome, Attempt(0)), accepted);
    let refused = |reason| PublicationVerdict::Refused { reason };
    assert_eq!(check(&world, &signed_outcome, Attempt(1)), refused(Refusal::AttemptNotBegun {}));
    let forged = SignedOutcome { body: "4".to_owned(), ..signed_outcome.clone() };
    assert_eq!(check(&world, &forged, Attempt(0)), refused(Refusal::InvalidProof { node: node.id }));
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    assert_eq!(check(&world, &signed_outcome, Attempt(0)), refused(Refusal::Closed {}));

    // A large body would be published by its hash.
    let large = world.project(Policy { max_result_bytes: 10_000, ..policy() });
    let request = world.drawn_request(large);
    let signed_outcome =
        crate::crafted::signed_outcome(&world, &node, request, &format!("\"{}\"", "x".repeat(5000)));
    assert_eq!(check(&world, &signed_outcome, Attempt(0)), accepted);

    let median = world.project(Policy { rule: AgreementRule::Median { tolerance_bps: 0 }, ..policy() });
    let request = world.drawn_request(median);
    let signed_outcome = crate::crafted::signed_outcome(&world, &node, request, "10.5");
    assert_eq!(check(&world, &signed_outcome, Attempt(0)), accepted);
    let signed_outcome = crate::crafted::signed_outcome(&world, &node, request, "ten");
    assert_eq!(check(&world, &signed_outcome, Attempt(0)), refused(Refusal::InvalidValue { node: node.id }));
}
