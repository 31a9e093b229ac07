//! Who tries to steer a draw: the requester, by what it asks, when and how often.

use gateway_api::*;

use crate::world::{policy, World};

/// The same requests in two chains that differ in nothing but the time of the block after them: other seeds. So at the
/// time of asking nobody can know the draw, whatever is varied.
#[test]
fn attack_01_and_05_the_draw_is_not_known_when_it_is_asked_for() {
    let seed = |seconds: u64| {
        let mut world = World::new();
        let project = world.project(policy());
        let request = world.request(project);
        world.block();
        world.app.update_block(|block| block.time = block.time.plus_seconds(seconds));
        world.tick();
        world.draw(request).seed
    };
    assert_eq!(seed(0), seed(0));
    assert_ne!(seed(0), seed(1));
}

/// Asking, ticking and looking in one block, to revert what one does not like, shows nothing: the round of that block
/// does not draw what was asked in it.
#[test]
fn attack_05_request_tick_and_revert() {
    let mut world = World::new();
    let project = world.project(policy());
    world.block();
    let requests: Vec<_> = (0..20).map(|_| world.request(project)).collect();
    world.tick();
    for request in &requests {
        assert_eq!(world.status(*request), RequestStatus::Waiting);
    }
    // All of them are drawn by the same later round, each by its own id: no two draws are the same.
    world.block();
    world.tick();
    let outputs: std::collections::BTreeSet<_> = requests
        .iter()
        .map(|request| {
            let node = world.nodes[0].clone();
            world.attest(&node, *request, OutcomeClass::Ok, "1").proof.as_slice()[..32].to_vec()
        })
        .collect();
    assert_eq!(outputs.len(), requests.len());
}

/// A second proof of the same draw has the same output, and counts once.
#[test]
fn attack_08_output_uniqueness() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let node = world.nodes[0].clone();
    let (one, two) = (
        world.attest(&node, request, OutcomeClass::Ok, "1"),
        world.attest(&node, request, OutcomeClass::Ok, "2"),
    );
    assert_eq!(one.proof.as_slice()[..32], two.proof.as_slice()[..32]);
    let mut publication = world.publication(request, "1");
    publication.attestations.push(one);
    assert_eq!(world.verdict(publication), Some(Refusal::DuplicateNode { node: node.id }));
}

/// Equal JSON in other bytes is another outcome: canonical form is the nodes' duty, and nothing is agreed by accident.
#[test]
fn attack_28_byte_different_json() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let mut publication = world.publication(request, "{\"a\":1}");
    publication.body = Body::Inline { text: "{\"a\": 1}".to_owned() };
    let node = publication.attestations[0].node;
    assert_eq!(world.verdict(publication), Some(Refusal::InvalidProof { node }));
}
