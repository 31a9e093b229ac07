//! Publishing results: who is believed, what is paid, and everything that is refused.

use cosmwasm_std::Uint128;
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{engine, policy, TestNode, World, RELAY, SEAT};

#[test]
fn a_quorum_is_stored_paid_and_the_rest_returned() {
    let mut world = World::new();
    let project = world.project(Policy { price: Uint128::new(3), ..policy() });
    let (alice, bob, relay) = (world.alice.clone(), world.bob.clone(), world.relay.clone());
    let before = world.balance(&alice);
    let fee = world.fee(project);
    // Alice sends more than she has to.
    let request = world.request_as(&alice, project, fee + 100).unwrap();
    world.block();
    world.tick();

    let mut publication = world.publication(request, "3");
    publication.attestations.truncate(4);
    let events = world.publish(vec![publication.clone()]);
    let [GatewayEvent::RequestFulfilled(event)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.seats, event.quorum_seats, event.class), (4, 3, OutcomeClass::Ok));

    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert_eq!(result.body, Body::Inline { text: "3".to_owned() });
    assert_eq!((result.seats, result.quorum_seats, result.attempt), (4, 3, 0));
    assert_eq!((result.engine, result.publisher), (engine(), relay.to_string()));
    assert_eq!(result.agreed.len(), 4);
    assert_eq!(world.status(request), RequestStatus::Fulfilled);

    // Four seats, the relay and the owner are paid; the fifth seat and the hundred come back.
    let spent = 4 * SEAT + RELAY + 3;
    assert_eq!(before - world.balance(&alice), spent);
    assert_eq!(event.returned.u128(), fee + 100 - spent);
    for agreed in &result.agreed {
        let node = world.nodes.iter().find(|node| node.id == agreed.node).unwrap();
        assert_eq!(world.rewards(&node.operator), SEAT);
    }
    assert_eq!((world.rewards(&relay), world.rewards(&bob)), (RELAY, 3));
}

#[test]
fn an_agreed_error_is_a_result() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let body = r#"{"message":"boom"}"#;
    let publication = world.publication_of(request, OutcomeClass::JsThrow, body, Attempt(0));
    assert_eq!(world.verdict(publication), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert_eq!(result.class, OutcomeClass::JsThrow);
}

#[test]
fn a_committee_larger_than_expected_shares_the_pool() {
    let mut world = World::empty();
    for _ in 0..4 {
        world.register_node(4);
    }
    world.activate_nodes();
    // Sixteen units and an expectation of eight in the second attempt: now and then more than four are seated.
    let project = world.project(Policy { committee: 4, min_operators: 1, ..policy() });
    let (mut above, mut tried) = (0, 0);
    while above < 2 && tried < 40 {
        tried += 1;
        let request = world.drawn_request(project);
        world.blocks(2);
        let publication = world.publication_of(request, OutcomeClass::Ok, "1", Attempt(1));
        if publication.attestations.is_empty() {
            continue;
        }
        let before: u128 = world.nodes.iter().map(|node| world.rewards(&node.operator)).sum();
        if world.verdict(publication).is_some() {
            continue;
        }
        let after: u128 = world.nodes.iter().map(|node| world.rewards(&node.operator)).sum();
        let result: ResultResponse = world.ask(&QueryMsg::Result { request });
        let seats = u128::from(result.seats);
        assert_eq!(after - before, seats * SEAT.min(4 * SEAT / seats));
        above += u32::from(seats > 4);
    }
    assert_eq!(above, 2, "{tried} requests");
}

#[test]
fn one_refused_does_not_spoil_the_others() {
    let mut world = World::new();
    let project = world.project(policy());
    let requests: Vec<_> = (0..4).map(|_| world.request(project)).collect();
    world.block();
    world.tick();
    let mut publications: Vec<_> = requests.iter().map(|request| world.publication(*request, "3")).collect();
    // The second holds a proof of another request, the third too few.
    publications[1].attestations[2].proof = publications[0].attestations[2].proof.clone();
    publications[2].attestations.truncate(2);
    let events = world.publish(publications);
    let ends: Vec<_> = events
        .iter()
        .map(|event| match event {
            GatewayEvent::RequestFulfilled(e) => (e.request, "fulfilled".to_owned()),
            GatewayEvent::PublicationRefused(e) => (e.request, e.reason.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = ["fulfilled", "invalid_proof", "below_quorum", "fulfilled"].map(str::to_owned);
    assert_eq!(ends, requests.into_iter().zip(expected).collect::<Vec<_>>());
}

/// Two relays race: the second's publication does nothing, in its own message or in the same one.
#[test]
fn attack_23_two_relays_race() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let publication = world.publication(request, "3");
    let events = world.publish(vec![publication.clone(), publication.clone()]);
    assert!(matches!(
        events[..],
        [GatewayEvent::RequestFulfilled(_), GatewayEvent::PublicationRefused(ref e)] if e.reason == "closed"
    ));
    let paid = world.rewards(&world.relay.clone());
    assert_eq!(world.verdict(publication), Some(Refusal::Closed {}));
    assert_eq!(world.rewards(&world.relay.clone()), paid);
}

#[test]
fn publications_are_counted() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let relay = world.relay.clone();
    let one = Publication { attestations: vec![], ..world.publication(request, "3") };
    for publications in [vec![], vec![one; 257]] {
        assert_eq!(
            world.send(&relay, &ExecuteMsg::Publish { publications }, 0).unwrap_err(),
            ContractError::PublicationCount { max: 256 }
        );
    }
}

#[test]
fn every_refusal_says_why() {
    let mut world = World::new();
    let project = world.project(Policy { max_result_bytes: 8, ..policy() });
    let waiting = world.request(project);
    let seed_of = world.drawn_request(project);
    let good = world.publication(seed_of, "3");
    let node = good.attestations[0].node;

    let unknown = Publication { request: RequestId(99), ..good.clone() };
    assert_eq!(world.verdict(unknown), Some(Refusal::UnknownRequest {}));
    let fresh = world.request(project);
    let not_drawn = Publication { request: fresh, ..good.clone() };
    assert_eq!(world.verdict(not_drawn), Some(Refusal::NotDrawn {}));
    for attempt in [Attempt(1), Attempt(3)] {
        let early = Publication { attempt, ..good.clone() };
        assert_eq!(world.verdict(early), Some(Refusal::AttemptNotBegun {}));
    }
    let bodies =
        [Body::Inline { text: "123456789".to_owned() }, Body::Hashed { sha256: BodyHash([1; 32]), size: 9 }];
    for body in bodies {
        let large = Publication { body, ..good.clone() };
        assert_eq!(world.verdict(large), Some(Refusal::BodyTooLarge {}));
    }
    let none = Publication { attestations: vec![], ..good.clone() };
    assert_eq!(world.verdict(none), Some(Refusal::AttestationCount {}));
    let many = Publication { attestations: vec![good.attestations[0].clone(); 513], ..good.clone() };
    assert_eq!(world.verdict(many), Some(Refusal::AttestationCount {}));
    let mut twice = good.clone();
    twice.attestations.push(twice.attestations[0].clone());
    assert_eq!(world.verdict(twice), Some(Refusal::DuplicateNode { node }));
    let mut short = good.clone();
    short.attestations[1].proof = vec![0; 159].into();
    assert_eq!(world.verdict(short), Some(Refusal::ProofLength {}));
    let mut stranger = good.clone();
    stranger.attestations[1].node = NodeId(77);
    assert_eq!(world.verdict(stranger), Some(Refusal::UnknownNode { node: NodeId(77) }));
    let mut few = good.clone();
    few.attestations.truncate(2);
    assert_eq!(world.verdict(few), Some(Refusal::BelowQuorum { seats: 2, quorum_seats: 3 }));

    world.blocks(crate::world::TTL + 1);
    assert_eq!(world.verdict(good), Some(Refusal::PastDeadline {}));
    assert_eq!(world.status(waiting), RequestStatus::Drawn);
}

#[test]
fn a_quorum_of_one_operator_is_none() {
    let mut world = World::empty();
    let operator = world.alice.clone();
    for _ in 0..4 {
        world.register_node_of(&operator, crate::world::UNIT).unwrap();
    }
    world.register_node(1);
    world.activate_nodes();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let mut publication = world.publication(request, "3");
    publication.attestations.retain(|a| a.node.get() <= 4);
    assert_eq!(world.verdict(publication), Some(Refusal::TooFewOperators { operators: 1, needed: 2 }));
}

/// Every way to forge: each is refused, and names the node.
#[test]
fn attack_07_vrf_forgeries() {
    let mut world = World::new();
    let project = world.project(policy());
    let (request, other) = (world.request(project), world.request(project));
    world.block();
    world.tick();
    let good = world.publication(request, "3");
    let node = good.attestations[1].node;
    let forged = |proof: Vec<u8>| {
        let mut publication = good.clone();
        publication.attestations[1].proof = proof.into();
        publication
    };
    let bytes = good.attestations[1].proof.to_vec();
    // One bit of the output, of R, of Hr, of s and of the salt.
    for at in [0, 40, 70, 100, 130] {
        let mut proof = bytes.clone();
        proof[at] ^= 1;
        assert_eq!(world.verdict(forged(proof)), Some(Refusal::InvalidProof { node }), "byte {at}");
    }
    // All-zero points are the identity; all-one ones are not canonical; s above the group's order is not either.
    for part in 0..4 {
        for fill in [0u8, 0xff] {
            let mut proof = bytes.clone();
            proof[part * 32..(part + 1) * 32].fill(fill);
            assert_eq!(world.verdict(forged(proof)), Some(Refusal::InvalidProof { node }), "{part} {fill}");
        }
    }
    // Another request's, another node's, another body's and another engine's.
    let wrong = [
        world.publication(other, "3").attestations[1].proof.to_vec(),
        good.attestations[2].proof.to_vec(),
        world.publication(request, "4").attestations[1].proof.to_vec(),
        {
            let elsewhere = TestNode { engine: EngineId([1; 32]), ..world.nodes[1].clone() };
            world.attest(&elsewhere, request, OutcomeClass::Ok, "3").proof.to_vec()
        },
    ];
    for proof in wrong {
        assert_eq!(world.verdict(forged(proof)), Some(Refusal::InvalidProof { node }));
    }
    assert_eq!(world.verdict(good), None);
}

/// A node that the draw gives no seat is refused whatever it proves.
#[test]
fn attack_10_threshold_ignored() {
    let mut world = World::empty();
    for _ in 0..20 {
        world.register_node(1);
    }
    world.activate_nodes();
    let project = world.project(Policy { committee: 4, min_operators: 1, ..policy() });
    let request = world.drawn_request(project);
    let mut publication = world.publication(request, "3");
    let unseated =
        world.nodes.iter().find(|node| world.seats(node, request, Attempt(0)) == 0).unwrap().clone();
    publication.attestations.push(world.attest(&unseated, request, OutcomeClass::Ok, "3"));
    assert_eq!(world.verdict(publication), Some(Refusal::NoSeat { node: unseated.id }));
}

/// A later attempt seats more, keeps every earlier winner and raises the quorum with it.
#[test]
fn attack_14_escalation_is_monotonic() {
    let mut world = World::empty();
    for _ in 0..24 {
        world.register_node(1);
    }
    world.activate_nodes();
    let project = world.project(Policy { committee: 5, min_operators: 1, ..policy() });
    let request = world.drawn_request(project);
    for node in world.nodes.clone() {
        let seats = [0, 1, 2].map(|attempt| world.seats(&node, request, Attempt(attempt)));
        assert!(seats[0] <= seats[1] && seats[1] <= seats[2], "{seats:?}");
    }
    world.blocks(4);
    // Those of the first attempt's quorum alone do not reach the last one's.
    let mut publication = world.publication_of(request, OutcomeClass::Ok, "3", Attempt(2));
    publication.attestations.truncate(3);
    assert_eq!(world.verdict(publication), Some(Refusal::BelowQuorum { seats: 3, quorum_seats: 12 }));
    let all = world.publication_of(request, OutcomeClass::Ok, "3", Attempt(2));
    if all.attestations.len() >= 12 {
        assert_eq!(world.verdict(all), None);
    }
}

/// The first attempt's agreement stays good until the deadline.
#[test]
fn a_late_publication_of_the_first_attempt_is_accepted() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let publication = world.publication(request, "3");
    let deadline = world.ask::<RequestResponse>(&QueryMsg::Request { request }).deadline;
    world.blocks(deadline - world.height());
    assert_eq!(world.draw(request).attempt, Attempt(2));
    assert_eq!(world.verdict(publication), None);
}

/// A copied attestation proves only that the copied node said it.
#[test]
fn attack_15_copy_of_a_result() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let mut publication = world.publication(request, "3");
    publication.attestations[1].proof = publication.attestations[0].proof.clone();
    let node = publication.attestations[1].node;
    assert_eq!(world.verdict(publication), Some(Refusal::InvalidProof { node }));
}

/// A relay that leaves dissenters out, or has too few: the quorum is absolute.
#[test]
fn attack_21_dissenters_left_out() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let mut three = world.publication(request, "3");
    let mut two = world.publication(request, "4");
    three.attestations.truncate(2);
    two.attestations.drain(..2);
    assert_eq!(two.attestations.len(), 3);
    assert_eq!(world.verdict(three), Some(Refusal::BelowQuorum { seats: 2, quorum_seats: 3 }));
    assert_eq!(world.verdict(two), None);
}

/// An attestation of one request does not count for another.
#[test]
fn attack_24_replay() {
    let mut world = World::new();
    let project = world.project(policy());
    let first = world.drawn_request(project);
    let old = world.publication(first, "3");
    assert_eq!(world.verdict(old.clone()), None);
    let second = world.drawn_request(project);
    let node = old.attestations[0].node;
    let replayed = Publication { request: second, ..old };
    assert_eq!(world.verdict(replayed), Some(Refusal::InvalidProof { node }));
}

/// Dissent, ties and pluralities: no value wins that has not a quorum of its own.
#[test]
fn attack_26_mixed_outcomes() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let ok = world.publication(request, "3");
    let threw = world.publication_of(request, OutcomeClass::JsThrow, "3", Attempt(0));
    // Two say 3 and three say it threw: mixing them in one publication fails on the first that says otherwise.
    let mut mixed = ok.clone();
    mixed.attestations[4] = threw.attestations[4].clone();
    let node = mixed.attestations[4].node;
    assert_eq!(world.verdict(mixed), Some(Refusal::InvalidProof { node }));
    let mut half = ok;
    half.attestations.truncate(2);
    assert_eq!(world.verdict(half), Some(Refusal::BelowQuorum { seats: 2, quorum_seats: 3 }));
    let mut majority = threw;
    majority.attestations.drain(..2);
    assert_eq!(world.verdict(majority), None);
}

fn median_publication(world: &World, request: RequestId, values: &[&str], body: &str) -> Publication {
    let mut publication = world.publication(request, body);
    let nodes = world.nodes.clone();
    publication.attestations = nodes
        .iter()
        .zip(values)
        .map(|(node, value)| Attestation {
            value: Some((*value).to_owned()),
            ..world.attest(node, request, OutcomeClass::Ok, value)
        })
        .collect();
    publication
}

#[test]
fn a_median_is_computed_and_those_near_it_agree() {
    let mut world = World::new();
    let rule = AgreementRule::Median { tolerance_bps: 100 };
    let project = world.project(Policy { rule, ..policy() });
    let values = ["100.5", "99.8", "100", "100.2", "250"];
    let request = world.drawn_request(project);
    let wrong = median_publication(&world, request, &values, "100");
    assert_eq!(world.verdict(wrong), Some(Refusal::NotTheMedian {}));
    let publication = median_publication(&world, request, &values, "100.2");
    assert_eq!(world.verdict(publication), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    // The one far off is not paid, and not punished.
    assert_eq!(result.seats, 4);
    assert_eq!(world.rewards(&world.nodes[4].operator.clone()), 0);
}

/// Values that are no canonical decimals, or that their node did not commit to.
#[test]
fn attack_27_median_manipulation() {
    let mut world = World::new();
    let rule = AgreementRule::Median { tolerance_bps: 100 };
    let project = world.project(Policy { rule, ..policy() });
    let request = world.drawn_request(project);
    let node = world.nodes[1].id;
    let nines = "9".repeat(65);
    for value in ["", "NaN", "-0", "1e309", "1.0", "+1", "01", " 1", nines.as_str()] {
        let publication = median_publication(&world, request, &["1", value, "1", "1", "1"], "1");
        assert_eq!(world.verdict(publication), Some(Refusal::InvalidValue { node }), "{value}");
    }
    let mut unsaid = median_publication(&world, request, &["1", "1", "1", "1", "1"], "1");
    unsaid.attestations[1].value = None;
    assert_eq!(world.verdict(unsaid.clone()), Some(Refusal::InvalidValue { node }));
    unsaid.attestations[1].value = Some("2".to_owned());
    assert_eq!(world.verdict(unsaid), Some(Refusal::InvalidProof { node }));
    // Two of five that lie by a lot do not move the result beyond the honest values.
    let publication =
        median_publication(&world, request, &["10", "10.01", "10.02", "99999", "99999"], "10.02");
    assert_eq!(world.verdict(publication), None);
}

/// A policy may ask more seats of an error than of a value: a fetch that failed at 60 % of the seats ends nothing while
/// others may still agree on a value. An agreed error costs the requester the seats and the publisher, and no price.
#[test]
fn attack_57_an_error_that_ends_a_request_others_can_answer() {
    let mut world = World::new();
    let strict = Policy {
        committee: 5,
        quorum_bps: 6000,
        error_quorum_bps: 10_000,
        price: Uint128::new(50),
        ..policy()
    };
    let project = world.project(strict);
    let request = world.drawn_request(project);
    let (alice, owner) = (world.alice.clone(), world.bob.clone());
    let mut error = world.publication_of(request, OutcomeClass::HttpStatus, "{}", Attempt(0));
    let all = error.clone();
    error.attestations.truncate(4);
    assert_eq!(world.verdict(error), Some(Refusal::BelowQuorum { seats: 4, quorum_seats: 5 }));
    let mut value = world.publication(request, "3");
    value.attestations.truncate(3);
    let accepted: PublicationVerdict = world.ask(&QueryMsg::CheckPublication { publication: value });
    assert_eq!(accepted, PublicationVerdict::Accepted { seats: 3, operators: 3 });
    let before = world.balance(&alice);
    assert_eq!(world.verdict(all), None);
    assert_eq!((world.rewards(&owner), world.balance(&alice)), (0, before + 50));
}
