//! Registering nodes: stake, keys and the epoch from which they draw.

use cosmwasm_std::coin;
use gateway_api::*;
use gateway_contract::ContractError;
use gateway_protocol::KeyError;

use crate::world::{World, EPOCH_BLOCKS, UNIT};

#[test]
fn a_node_draws_from_the_epoch_after_the_next_one() {
    let mut world = World::empty();
    let id = world.register_node(3);
    let node: NodeResponse = world.ask(&QueryMsg::Node { node: id });
    assert_eq!(node.schedule, vec![UnitsFrom { epoch: Epoch(2), units: 3 }]);
    for (epoch, units) in [(1, 0), (2, 3), (3, 3)] {
        world.next_epoch();
        let counter: CounterResponse = world.ask(&QueryMsg::Counter {});
        assert_eq!((counter.epoch, counter.total_units), (Epoch(epoch), units));
    }
}

#[test]
fn stake_is_counted_in_whole_units_up_to_64() {
    let mut world = World::empty();
    let operator = world.alice.clone();
    assert_eq!(
        world.register_node_of(&operator, UNIT - 1).unwrap_err(),
        ContractError::StakeBelowUnit { unit: UNIT.into() }
    );
    let a = world.register_node_of(&operator, 2 * UNIT - 1).unwrap();
    let b = world.register_node_of(&operator, 1000 * UNIT).unwrap();
    world.activate_nodes();
    let counter: CounterResponse = world.ask(&QueryMsg::Counter {});
    assert_eq!(counter.total_units, 1 + 64);
    let units = |node| UnitsFrom::at(&world.ask::<NodeResponse>(&QueryMsg::Node { node }).schedule, Epoch(2));
    assert_eq!((units(a), units(b)), (1, 64));
}

#[test]
fn stake_is_one_coin_of_the_denom() {
    let mut world = World::empty();
    let operator = world.alice.clone();
    let registration = world.registration(&operator, crate::world::SecretKeyBytes([77; 32]));
    world
        .app
        .sudo(cw_multi_test::SudoMsg::Bank(cw_multi_test::BankSudo::Mint {
            to_address: operator.to_string(),
            amount: vec![coin(1000, "other")],
        }))
        .unwrap();
    let msg = ExecuteMsg::RegisterNode(registration);
    for funds in [vec![coin(1000, "other")], vec![coin(500, "aarch"), coin(500, "other")]] {
        assert_eq!(
            world.send_coins(&operator, &msg, &funds).unwrap_err(),
            ContractError::WrongFunds { denom: "aarch".to_owned() }
        );
    }
}

#[test]
fn a_key_is_registered_once_and_by_who_holds_it() {
    let mut world = World::empty();
    let id = world.register_node(1);
    let node = world.nodes[0].clone();
    let (alice, bob) = (world.alice.clone(), world.bob.clone());
    let again = world.registration(&alice, node.secret);
    assert_eq!(
        world.send(&alice, &ExecuteMsg::RegisterNode(again), UNIT).unwrap_err(),
        ContractError::KeyTaken { node: id }
    );
    // Bob copies the registration that Alice has signed for herself.
    let copied = world.registration(&alice, crate::world::SecretKeyBytes([78; 32]));
    assert_eq!(
        world.send(&bob, &ExecuteMsg::RegisterNode(copied.clone()), UNIT).unwrap_err(),
        ContractError::InvalidKey(KeyError::Signature)
    );
    world.send(&alice, &ExecuteMsg::RegisterNode(copied), UNIT).unwrap();
}

#[test]
fn small_order_and_malformed_keys_are_refused() {
    let mut world = World::empty();
    let alice = world.alice.clone();
    let good = world.registration(&alice, crate::world::SecretKeyBytes([79; 32]));
    for key in [NodeKey([0; 32]), NodeKey([0xff; 32])] {
        let msg = ExecuteMsg::RegisterNode(RegisterNode { key, ..good.clone() });
        assert_eq!(world.send(&alice, &msg, UNIT).unwrap_err(), ContractError::InvalidKey(KeyError::Point));
    }
    let short = RegisterNode { possession: vec![0; 63].into(), ..good };
    assert_eq!(
        world.send(&alice, &ExecuteMsg::RegisterNode(short), UNIT).unwrap_err(),
        ContractError::InvalidKey(KeyError::Format)
    );
}

/// A key that is registered once the seed of the next epoch can be known draws only in the one after.
#[test]
fn attack_04_key_grinding() {
    let mut world = World::new();
    let project = world.project(crate::world::policy());
    let late = world.register_node(64);
    world.next_epoch();
    let request = world.drawn_request(project);
    let node = world.nodes.last().unwrap().clone();
    assert_eq!(node.id, late);
    let mut publication = world.publication(request, "3");
    assert!(publication.attestations.iter().all(|attestation| attestation.node != late));
    publication.attestations.push(world.attest(&node, request, OutcomeClass::Ok, "3"));
    assert_eq!(world.verdict(publication), Some(Refusal::InactiveNode { node: late }));
    world.blocks(EPOCH_BLOCKS);
    world.tick();
    let request = world.drawn_request(project);
    assert!(world.seats(&node, request, Attempt(0)) > 0);
}
