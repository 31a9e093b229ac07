//! The beacon: the lowest ticket of an epoch makes the next epoch's seed.

use crate::crafted::ticket;
use crate::world::World;
use cosmwasm_std::Binary;
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;
use gateway_protocol::{ticket_value, Domain};

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
        // The quality of every epoch is told, of those that are past too.
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
