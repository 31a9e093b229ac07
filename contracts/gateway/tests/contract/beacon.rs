//! The beacon: the lowest ticket of an epoch makes the next epoch's seed.

use cosmwasm_std::Binary;
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;
use gateway_protocol::{ticket_value, Domain};

use crate::crafted::ticket;
use crate::world::{policy, World};

fn beacon(world: &World) -> BeaconResponse {
    world.ask(&QueryMsg::Beacon {})
}

fn submit(world: &mut World, node: NodeId, proof: Binary) -> Result<Vec<GatewayEvent>, ContractError> {
    let bob = world.bob.clone();
    let response = world.send(&bob, &ExecuteMsg::SubmitTicket { node, proof }, 0)?;
    Ok(world.events(&response))
}

#[test]
fn the_lowest_ticket_wins_whatever_the_order() {
    let mut values = Vec::new();
    for reversed in [false, true] {
        let mut world = World::new();
        let seed = beacon(&world).seed;
        assert_eq!(beacon(&world).quality, SeedQuality::Low);
        let mut nodes = world.nodes.clone();
        if reversed {
            nodes.reverse();
        }
        for node in &nodes {
            let proof = ticket(&world, node, &seed);
            submit(&mut world, node.id, proof.clone()).unwrap();
            // Again is no news.
            assert_eq!(submit(&mut world, node.id, proof).unwrap(), vec![]);
        }
        let lowest = beacon(&world).lowest.unwrap();
        let all = nodes.iter().map(|node| {
            let proof = AttestationBytes::from_slice(&ticket(&world, node, &seed)).unwrap();
            ticket_value(&proof.output, 1).unwrap()
        });
        assert_eq!(lowest.value, all.min().unwrap());
        world.next_epoch();
        let next = beacon(&world);
        assert_eq!((next.lowest, next.quality), (None, SeedQuality::Beacon));
        // The quality of every epoch can be queried, also of past ones.
        for (epoch, quality) in
            [(next.epoch.get() - 1, SeedQuality::Low), (next.epoch.get(), SeedQuality::Beacon)]
        {
            let record: EpochResponse = world.ask(&QueryMsg::Epoch { epoch: Epoch(epoch) });
            assert_eq!(record.quality, quality);
        }
        let chain_id = world.chain_id();
        let domain = Domain { chain_id: &chain_id, contract: world.gateway.as_str() };
        assert_eq!(next.seed, domain.epoch_seed(&seed, Some(&lowest.output)));
        values.push(next.seed);
    }
    assert_eq!(values[0], values[1]);
}

#[test]
fn only_active_nodes_and_only_this_epochs_tickets() {
    let mut world = World::new();
    let seed = beacon(&world).seed;
    let old = ticket(&world, &world.nodes[0].clone(), &seed);
    world.next_epoch();
    let node = world.nodes[0].clone();
    assert!(matches!(submit(&mut world, node.id, old).unwrap_err(), ContractError::InvalidProof { .. }));
    let seed = beacon(&world).seed;
    let other = ticket(&world, &world.nodes[1].clone(), &seed);
    assert!(matches!(submit(&mut world, node.id, other).unwrap_err(), ContractError::InvalidProof { .. }));
    let late = world.register_node(1);
    let proof = ticket(&world, world.nodes.last().unwrap(), &seed);
    assert_eq!(submit(&mut world, late, proof).unwrap_err(), ContractError::InactiveNode {});
    assert!(matches!(
        submit(&mut world, node.id, vec![0; 10].into()).unwrap_err(),
        ContractError::InvalidProof { .. }
    ));
}

/// Without tickets the seed still moves on, and says that it was foreseeable.
#[test]
fn attack_03_no_tickets_for_100_epochs() {
    let mut world = World::new();
    let project = world.project(crate::world::policy());
    let mut seeds = std::collections::BTreeSet::new();
    for _ in 0..100 {
        world.next_epoch();
        assert!(seeds.insert(beacon(&world).seed.0));
        assert_eq!(beacon(&world).quality, SeedQuality::Low);
    }
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
}

/// A node's ticket for a round.
fn ticket_of(world: &World, at: usize, seed: &Seed) -> NodeTicket {
    let node = &world.nodes[at];
    NodeTicket { node: node.id, proof: ticket(world, node, seed) }
}

fn beacon_world() -> (World, ProjectId) {
    let mut world = World::new();
    let project = world.project(Policy { draw: DrawClass::Beacon, ..policy() });
    (world, project)
}

fn newest_round(world: &World) -> RoundResponse {
    let counter: CounterResponse = world.ask(&QueryMsg::Counter {});
    world.ask(&QueryMsg::Round { round: counter.round })
}

/// The draw's seed is the round's with the tickets that nodes show after it: whoever chose the block's time could not know
/// it. Tickets come for three blocks, whoever proposes them; then the draw stands.
#[test]
fn attack_68_a_proposer_that_grinds_the_blocks_time() {
    let (mut world, project) = beacon_world();
    let bob = world.bob.clone();
    let request = world.request(project);
    world.block();
    let events = world.tick();
    assert!(matches!(events[..], [GatewayEvent::RoundOpened(ref e)] if e.beacon), "{events:?}");
    let RoundResponse { round, seed, height, .. } = newest_round(&world);
    let submit = |world: &mut World, tickets: Vec<NodeTicket>| {
        let response = world.send(&bob, &ExecuteMsg::SubmitRoundTickets { round, tickets }, 0)?;
        Ok::<_, ContractError>(world.events(&response).len())
    };
    let early = vec![ticket_of(&world, 0, &seed)];
    assert_eq!(submit(&mut world, early).unwrap_err(), ContractError::NoTickets { round });
    world.block();
    let some = vec![ticket_of(&world, 0, &seed), ticket_of(&world, 1, &seed), ticket_of(&world, 0, &seed)];
    assert_eq!(submit(&mut world, some).unwrap(), 2, "one of each operator");
    let forged = NodeTicket { node: world.nodes[4].id, proof: ticket_of(&world, 3, &seed).proof };
    assert!(matches!(submit(&mut world, vec![forged]), Err(ContractError::InvalidProof { .. })));
    world.blocks(2);
    let rest = (2..5).map(|at| ticket_of(&world, at, &seed)).collect();
    assert_eq!(submit(&mut world, rest).unwrap(), 3);
    assert_eq!(world.status(request), RequestStatus::Waiting);
    let RoundBeacon { lowest, needed, drawn_from, fallback } = newest_round(&world).beacon.unwrap();
    assert_eq!((lowest.len(), needed, drawn_from, fallback), (5, 5, None, false));
    assert!(lowest.windows(2).all(|pair| pair[0].value < pair[1].value));
    world.block();
    let late = vec![ticket_of(&world, 0, &seed)];
    assert_eq!(submit(&mut world, late).unwrap_err(), ContractError::NoTickets { round });

    let draw = world.draw(request);
    let outputs: Vec<_> = lowest.iter().map(|ticket| ticket.output).collect();
    let chain_id = world.chain_id();
    let domain = Domain { chain_id: &chain_id, contract: world.gateway.as_str() };
    assert_eq!(draw.seed, domain.beacon_seed(&seed, &outputs));
    assert_eq!((draw.round, draw.height), (round, height + limits::BEACON_BLOCKS));
    assert_ne!(draw.seed, seed);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert_eq!((result.draw, result.fallback), (DrawClass::Beacon, false));
}

/// Where nobody shows a ticket, or too few do, the draw stands after ten blocks all the same, and the result says so.
#[test]
fn attack_69_tickets_withheld_from_a_round() {
    let (mut world, project) = beacon_world();
    let request = world.request(project);
    world.block();
    world.tick();
    let seed = newest_round(&world).seed;
    world.blocks(limits::BEACON_FALLBACK_BLOCKS);
    assert_eq!(world.status(request), RequestStatus::Waiting);
    world.block();
    assert_eq!(world.draw(request).seed, seed);
    assert!(newest_round(&world).beacon.unwrap().fallback);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert!(result.fallback);
}

/// Tickets are kept only for rounds that draw with them: strangers add nothing to the storage.
#[test]
fn other_rounds_take_no_tickets() {
    let mut world = World::new();
    let project = world.project(policy());
    world.drawn_request(project);
    let RoundResponse { round, seed, beacon, .. } = newest_round(&world);
    assert_eq!(beacon, None);
    world.block();
    let (bob, tickets) = (world.bob.clone(), vec![ticket_of(&world, 0, &seed)]);
    let refused = world.send(&bob, &ExecuteMsg::SubmitRoundTickets { round, tickets }, 0).unwrap_err();
    assert_eq!(refused, ContractError::NoTickets { round });
    for tickets in [vec![], vec![ticket_of(&world, 0, &seed); 33]] {
        let refused = world.send(&bob, &ExecuteMsg::SubmitRoundTickets { round, tickets }, 0).unwrap_err();
        assert_eq!(refused, ContractError::TicketCount { max: 32 });
    }
}

/// Attempts of a `fast` request count from the request: the round that draws it may be long past, and would open all three
/// at once. Its result and its callback name the class.
#[test]
fn attack_70_three_attempts_of_a_fast_request_at_once() {
    let mut world = World::new();
    let project = world.project(Policy { draw: DrawClass::Fast, ..policy() });
    world.blocks(8);
    let request = world.request(project);
    assert_eq!(world.draw(request).attempt, Attempt(0));
    let early = world.publication_of(request, OutcomeClass::Ok, "3", Attempt(1));
    assert_eq!(world.verdict(early), Some(Refusal::AttemptNotBegun {}));
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request });
    assert_eq!(result.draw, DrawClass::Fast);
}
