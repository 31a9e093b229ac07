//! Worlds in which a silent node is noticed: epochs with room for many seats.

use gateway_api::*;

use crate::world::{policy, settings, World};

/// Long enough for a few results.
pub(crate) const LONG_EPOCH: u64 = 40;

/// Lets an epoch pass.
pub(crate) fn next_epoch(world: &mut World) {
    world.blocks(LONG_EPOCH);
    world.tick();
}

/// Three nodes of 64 units and one of a few: every second attempt seats everybody.
pub(crate) fn large(silence_bps: u16) -> (World, ProjectId) {
    let settings = Settings { silence_bps, jail_blocks: 15, epoch_blocks: LONG_EPOCH, ..settings() };
    let mut world = World::with_settings(settings);
    for units in [64, 64, 64, 8] {
        world.register_node(units);
    }
    next_epoch(&mut world);
    next_epoch(&mut world);
    let project = world.project(Policy { committee: 101, quorum_bps: 5001, ..policy() });
    (world, project)
}

/// A result that everybody but one node agreed on.
pub(crate) fn without(world: &mut World, project: ProjectId, silent: usize) {
    let request = world.drawn_request(project);
    world.blocks(2);
    let silent = world.nodes[silent].id;
    let mut publication = world.publication_of(request, OutcomeClass::Ok, "3", Attempt(1));
    publication.attestations.retain(|attestation| attestation.node != silent);
    assert_eq!(world.verdict(publication), None);
}
