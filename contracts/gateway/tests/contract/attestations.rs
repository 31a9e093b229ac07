//! An attestation counts by itself: not by when it was made, not after the result, not without its opening.

use gateway_api::*;

use crate::world::{policy, World, SEAT};

/// An attestation holds no time: made blocks later it is the same, byte for byte, and as valid.
#[test]
fn attack_06_a_nodes_clock_changes_nothing() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let at_once = world.publication(request, "3");
    world.blocks(3);
    let later = world.publication(request, "3");
    assert_eq!(at_once, later);
    assert_eq!(world.verdict(later), None);
}

/// A node that copies the known result is refused because the request has ended, and earns nothing;
/// nor does a later attempt open what has ended.
#[test]
fn attack_16_a_late_attestation_earns_nothing() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let all = world.publication(request, "3");
    let late = all.attestations[4].clone();
    let mut first = all.clone();
    first.attestations.truncate(3);
    assert_eq!(world.verdict(first.clone()), None);
    for attempt in 0..3 {
        world.blocks(2);
        let attempt = Attempt(attempt);
        let publication = Publication { attempt, attestations: vec![late.clone()], ..first.clone() };
        let operator = world.nodes[4].operator.clone();
        let sent =
            world.send(&operator, &ExecuteMsg::Attest { publication: publication.clone() }, 0).unwrap();
        let refused = world.events(&sent);
        assert!(
            matches!(&refused[..], [events::GatewayEvent::PublicationRefused(e)] if e.reason == "closed"),
            "{refused:?}"
        );
        assert_eq!(world.verdict(Publication { attempt, ..all.clone() }), Some(Refusal::Closed {}));
        assert_eq!(world.rewards(&operator), 0);
    }
    assert_eq!(world.rewards(&world.nodes[0].operator.clone()), SEAT);
}

/// An attestation whose salt opens another commitment than its proof signs is refused; the others count.
#[test]
fn attack_17_a_commitment_without_its_opening() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let honest = world.publication(request, "3");
    let mut withheld = honest.clone();
    let mut proof = AttestationBytes::from_slice(&withheld.attestations[0].proof).unwrap();
    proof.salt = Salt([0; 32]);
    withheld.attestations[0].proof = proof.to_binary();
    let node = withheld.attestations[0].node;
    assert_eq!(world.verdict(withheld), Some(Refusal::InvalidProof { node }));
    let mut others = honest;
    others.attestations.remove(0);
    assert_eq!(world.verdict(others), None);
}
