//! Moving stake, changing keys, and the epochs in which it counts.

use cosmwasm_std::Uint128;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, settings, SecretKeyBytes, World, EPOCH_BLOCKS, TTL, UNIT};

const UNBONDING: u64 = 60;

fn world() -> World {
    let mut world = World::with_settings(Settings { unbonding_blocks: UNBONDING, ..settings() });
    for _ in 0..5 {
        world.register_node(4);
    }
    world.activate_nodes();
    world
}

fn units(world: &World) -> u64 {
    world.ask::<CounterResponse>(&QueryMsg::Counter {}).total_units
}

fn bonds(world: &World, node: NodeId) -> NodeResponse {
    world.ask(&QueryMsg::Node { node })
}

#[test]
fn more_stake_draws_two_epochs_later() {
    let mut world = world();
    let node = world.nodes[0].clone();
    let more = ExecuteMsg::IncreaseStake { node: node.id };
    assert!(matches!(
        world.send(&node.operator, &more, 0).unwrap_err(),
        ContractError::InsufficientFunds { .. }
    ));
    world.send(&node.operator, &more, 3 * UNIT).unwrap();
    for expected in [20, 23, 23] {
        world.next_epoch();
        assert_eq!(units(&world), expected);
    }
}

#[test]
fn stake_on_its_way_out_stops_drawing_first_and_is_paid_once() {
    let mut world = world();
    let node = world.nodes[0].clone();
    let amount = Some(Uint128::new(UNIT));
    let take = ExecuteMsg::Unbond { node: node.id, amount };
    world.send(&node.operator, &take, 0).unwrap();
    let too_much = ExecuteMsg::Unbond { node: node.id, amount: Some(Uint128::new(4 * UNIT)) };
    assert_eq!(
        world.send(&node.operator, &too_much, 0).unwrap_err(),
        ContractError::NotThatMuchStake { stake: Uint128::new(3 * UNIT) }
    );
    let crumbs = ExecuteMsg::Unbond { node: node.id, amount: Some(Uint128::new(3 * UNIT - 1)) };
    assert_eq!(
        world.send(&node.operator, &crumbs, 0).unwrap_err(),
        ContractError::StakeBelowUnit { unit: UNIT.into() }
    );
    assert_eq!(units(&world), 20);
    world.next_epoch();
    assert_eq!(units(&world), 19);
    let out = ExecuteMsg::WithdrawStake { node: node.id };
    assert_eq!(world.send(&node.operator, &out, 0).unwrap_err(), ContractError::NothingReleased {});
    world.blocks(UNBONDING);
    world.tick();
    let before = world.balance(&node.operator);
    world.send(&node.operator, &out, 0).unwrap();
    assert_eq!(world.balance(&node.operator) - before, UNIT);
    assert_eq!(world.send(&node.operator, &out, 0).unwrap_err(), ContractError::NothingReleased {});
}

#[test]
fn withdrawals_on_their_way_are_bounded() {
    let mut world = World::empty();
    let operator = world.alice.clone();
    let node = world.register_node_of(&operator, 20 * UNIT).unwrap();
    let take = ExecuteMsg::Unbond { node, amount: Some(Uint128::new(UNIT)) };
    for _ in 0..8 {
        world.send(&operator, &take, 0).unwrap();
    }
    assert_eq!(world.send(&operator, &take, 0).unwrap_err(), ContractError::TooManyUnbondings { max: 8 });
}

/// Stake that a request may still be drawn for stays, however much time has passed.
#[test]
fn attack_47_unbond_and_run() {
    let mut world = world();
    let project = world.project(policy());
    let node = world.nodes[0].clone();
    let slow = Settings { ttl_blocks: 100_000, unbonding_blocks: 200_000, ..settings() };
    let admin = world.admin.clone();
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: slow }, 0).unwrap();
    let open = world.drawn_request(project);
    let quick = Settings { unbonding_blocks: UNBONDING, ..settings() };
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: quick }, 0).unwrap();

    world.send(&node.operator, &ExecuteMsg::Unbond { node: node.id, amount: None }, 0).unwrap();
    world.blocks(UNBONDING + EPOCH_BLOCKS);
    world.tick();
    let out = ExecuteMsg::WithdrawStake { node: node.id };
    assert_eq!(world.send(&node.operator, &out, 0).unwrap_err(), ContractError::NothingReleased {});
    // It still has its seats in the draw of its time, and answers.
    assert_eq!(world.verdict(world.publication(open, "3")), None);
    world.send(&node.operator, &out, 0).unwrap();
    assert_eq!(bonds(&world, node.id).unbonding, vec![]);
}

/// Requests of strangers that nobody ends hold neither stake nor keys once they are past their deadlines.
#[test]
fn attack_53_stake_and_keys_held_by_strangers() {
    let mut world = world();
    let project = world.project(policy());
    let node = world.nodes[0].clone();
    let overdue = world.drawn_request(project);
    world.send(&node.operator, &ExecuteMsg::Unbond { node: node.id, amount: Some(UNIT.into()) }, 0).unwrap();
    let rotate = |registration: RegisterNode| ExecuteMsg::RotateKey {
        node: node.id,
        key: registration.key,
        possession: registration.possession,
    };
    let newer = world.registration(&node.operator, SecretKeyBytes([99; 32]));
    world.send(&node.operator, &rotate(newer), 0).unwrap();
    for _ in 0..=UNBONDING / EPOCH_BLOCKS {
        world.next_epoch();
    }
    // A stranger's newer request, which may still be answered, does not hold them either.
    world.request(project);
    assert_eq!(world.status(overdue), RequestStatus::Drawn);
    world.send(&node.operator, &ExecuteMsg::WithdrawStake { node: node.id }, 0).unwrap();
    let newest = world.registration(&node.operator, SecretKeyBytes([98; 32]));
    world.send(&node.operator, &rotate(newest), 0).unwrap();
}

#[test]
fn a_new_key_draws_two_epochs_later_and_the_old_one_until_then() {
    let mut world = world();
    let project = world.project(policy());
    let node = world.nodes[0].clone();
    let newer = SecretKeyBytes([99; 32]);
    let registration = world.registration(&node.operator, newer);
    let rotate = |registration: &RegisterNode| ExecuteMsg::RotateKey {
        node: node.id,
        key: registration.key,
        possession: registration.possession.clone(),
    };
    world.send(&node.operator, &rotate(&registration), 0).unwrap();
    let keys = bonds(&world, node.id).keys;
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[1].epoch, Epoch(4));
    let again = world.registration(&node.operator, SecretKeyBytes([98; 32]));
    assert!(matches!(
        world.send(&node.operator, &rotate(&again), 0).unwrap_err(),
        ContractError::RotationTooSoon { .. }
    ));

    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    world.next_epoch();
    world.next_epoch();
    let request = world.drawn_request(project);
    let old = world.publication(request, "3");
    if old.attestations.iter().any(|attestation| attestation.node == node.id) {
        assert_eq!(world.verdict(old), Some(Refusal::InvalidProof { node: node.id }));
    }
    world.nodes[0].secret = newer;
    assert_eq!(world.verdict(world.publication(request, "3")), None);

    // Much later it may be changed again; a key never comes back.
    world.blocks(UNBONDING + TTL);
    assert_eq!(
        world.send(&node.operator, &rotate(&registration), 0).unwrap_err(),
        ContractError::KeyTaken { node: node.id }
    );
    world.send(&node.operator, &rotate(&again), 0).unwrap();
    assert_eq!(bonds(&world, node.id).keys.len(), 2);
}

#[test]
fn a_node_updates_the_engines_it_declares() {
    let mut world = world();
    let node = world.nodes[0].clone();
    let msg = ExecuteMsg::UpdateNode {
        node: node.id,
        engine: EngineId([3; 32]),
        moniker: Moniker::new("renamed").unwrap(),
        endpoint: Endpoint::new("https://here.example").unwrap(),
    };
    world.send(&node.operator, &msg, 0).unwrap();
    let after: NodeResponse = world.ask(&QueryMsg::Node { node: node.id });
    assert_eq!((after.engine, after.moniker.as_str()), (EngineId([3; 32]), "renamed"));
    assert_eq!(
        world.send(&node.operator, &ExecuteMsg::Unjail { node: node.id }, 0).unwrap_err(),
        ContractError::NotJailed {}
    );
}
