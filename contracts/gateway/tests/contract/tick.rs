//! The counter: rounds, epochs and the seeds nobody can steer.

use gateway_api::events::GatewayEvent;
use gateway_api::*;

use crate::world::{policy, World, EPOCH_BLOCKS};

fn counter(world: &World) -> CounterResponse {
    world.ask(&QueryMsg::Counter {})
}

#[test]
fn nothing_to_do_is_cheap_and_changes_nothing() {
    let mut world = World::new();
    world.block();
    let before = counter(&world);
    assert!(!before.tick_due);
    assert_eq!(world.tick(), vec![]);
    assert_eq!(counter(&world), before);
}

#[test]
fn a_round_opens_only_above_the_requests_height_and_once_a_block() {
    let mut world = World::new();
    let project = world.project(policy());
    world.block();
    let request = world.request(project);
    let before = counter(&world);
    assert!(before.request_waiting && before.tick_due);

    // A tick in the request's own block opens a round that does not draw it.
    world.tick();
    assert_eq!(counter(&world).round, before.round.next());
    assert_eq!(world.status(request), RequestStatus::Waiting);
    assert!(world.tick().is_empty());
    // The next block's does.
    world.block();
    world.tick();
    assert_eq!(world.draw(request).round, before.round.next().next());
    assert_eq!(world.status(request), RequestStatus::Drawn);
    assert!(!counter(&world).request_waiting);
    world.block();
    assert!(world.tick().is_empty());
}

#[test]
fn requests_of_one_block_share_the_round_that_opens_after_it() {
    let mut world = World::new();
    let project = world.project(policy());
    world.block();
    let requests: Vec<_> = (0..3).map(|_| world.request(project)).collect();
    world.block();
    // A later request opens their round in passing, and waits for the next one.
    let later = world.request(project);
    let rounds: Vec<_> = requests.iter().map(|request| world.draw(*request).round).collect();
    assert!(rounds.windows(2).all(|pair| pair[0] == pair[1]), "{rounds:?}");
    world.block();
    world.tick();
    assert_eq!(world.draw(later).round, rounds[0].next());
}

#[test]
fn a_fast_request_is_drawn_at_once_by_the_current_round() {
    let mut world = World::new();
    let fast = world.project(Policy { draw: DrawClass::Fast, ..policy() });
    let request = world.request(fast);
    assert_eq!(world.draw(request).round, counter(&world).round);
    assert!(!counter(&world).request_waiting);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
}

#[test]
fn an_epoch_opens_with_a_round_of_its_own_and_one_at_a_time() {
    let mut world = World::new();
    let before = counter(&world);
    world.blocks(5 * EPOCH_BLOCKS);
    assert!(counter(&world).tick_due);
    let events = world.tick();
    assert!(
        matches!(
            events[..],
            [GatewayEvent::EpochOpened(ref epoch), GatewayEvent::RoundOpened(ref round)]
                if epoch.epoch == before.epoch.next() && round.epoch == epoch.epoch
        ),
        "{events:?}"
    );
    assert!(world.tick().is_empty());
    let epoch: EpochResponse = world.ask(&QueryMsg::Epoch { epoch: before.epoch.next() });
    assert_eq!(epoch.height, world.height());
    assert_eq!((epoch.total_units, epoch.operators), (5, 5));
}

#[test]
fn seeds_follow_from_what_is_on_the_chain_and_are_never_the_same() {
    let mut world = World::new();
    let project = world.project(policy());
    let mut seeds = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let request = world.drawn_request(project);
        let draw = world.draw(request);
        let previous: RoundResponse = world.ask(&QueryMsg::Round { round: Round(draw.round.get() - 1) });
        let epoch: EpochResponse = world.ask(&QueryMsg::Epoch { epoch: draw.epoch });
        let chain_id = world.chain_id();
        let domain = gateway_protocol::Domain { chain_id: &chain_id, contract: world.gateway.as_str() };
        let seed = domain.round_seed(&epoch.seed, &previous.seed, draw.height, draw.time_ns);
        assert_eq!(seed, draw.seed);
        assert!(seeds.insert(seed.0));
    }
}

/// The last block of an epoch: the draw's epoch is its round's, whichever epoch the publication falls into.
#[test]
fn attack_46_epoch_edge() {
    let mut world = World::new();
    let project = world.project(policy());
    world.blocks(EPOCH_BLOCKS - 1);
    let request = world.request(project);
    world.block();
    let epoch = counter(&world).epoch;
    // The same tick ends the epoch and draws the request: by the new epoch's units.
    world.tick();
    assert_eq!(world.draw(request).epoch, epoch.next());
    // One drawn at the end of an epoch is verified with that epoch even when it is published in the next.
    world.blocks(EPOCH_BLOCKS - 1);
    let late = world.drawn_request(project);
    let drawn_in = world.draw(late).epoch;
    let joined = world.register_node(64);
    world.blocks(2);
    world.tick();
    assert_eq!(world.verdict(world.publication(late, "3")), None);
    let joined: NodeResponse = world.ask(&QueryMsg::Node { node: joined });
    assert_eq!(UnitsFrom::at(&joined.schedule, drawn_in), 0);
}
