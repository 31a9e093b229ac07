//! Silence: a node that is hardly ever seen where it was to be seen often is jailed, and loses nothing.

use gateway_api::events::{GatewayEvent, NodeSilent};
use gateway_api::*;
use gateway_contract::ContractError;

use crate::quiet::{large, next_epoch, without};
use crate::world::{World, UNIT};

fn report(world: &mut World, node: NodeId, epoch: Epoch) -> Result<Vec<GatewayEvent>, ContractError> {
    let bob = world.bob.clone();
    let response = world.send(&bob, &ExecuteMsg::ReportSilence { node, epoch }, 0)?;
    Ok(world.events(&response))
}

fn epoch(world: &World) -> Epoch {
    world.ask::<CounterResponse>(&QueryMsg::Counter {}).epoch
}

fn presence(world: &World, node: NodeId, epoch: Epoch) -> (u64, u64) {
    let presence: PresenceResponse = world.ask(&QueryMsg::Presence { node, epoch });
    (presence.seen, presence.expected)
}

#[test]
fn a_silent_node_is_jailed_and_loses_nothing() {
    let (mut world, project) = large(1000);
    let (talks, silent) = (world.nodes[0].id, world.nodes[2].id);
    let now = epoch(&world);
    for results in 1..=3 {
        without(&mut world, project, 2);
        assert_eq!(presence(&world, silent, now), (0, results * 64));
        assert_eq!(presence(&world, talks, now), (results * 64, results * 64));
        // So few seats could still be bad luck.
        let refused = report(&mut world, silent, now).unwrap_err();
        assert_eq!(refused, ContractError::NotSilent { seen: 0, expected: results * 64 });
    }
    without(&mut world, project, 2);
    assert_eq!(
        report(&mut world, talks, now).unwrap_err(),
        ContractError::NotSilent { seen: 256, expected: 256 }
    );
    let stake = |world: &World| world.ask::<LedgerResponse>(&QueryMsg::Ledger {}).stake;
    let before = stake(&world);
    let until = world.height() + 15;
    let event = NodeSilent { node: silent, epoch: now, seen: 0, expected: 256, until };
    assert_eq!(report(&mut world, silent, now).unwrap(), [GatewayEvent::NodeSilent(event)]);
    assert_eq!(stake(&world), before);
    assert_eq!(report(&mut world, silent, now).unwrap_err(), ContractError::Jailed { until });

    // Free again, the same epoch is not held against it twice.
    world.blocks(15);
    world.tick();
    let operator = world.nodes[2].operator.clone();
    world.send(&operator, &ExecuteMsg::Unjail { node: silent }, 0).unwrap();
    assert_eq!(
        report(&mut world, silent, now).unwrap_err(),
        ContractError::NotSilent { seen: 0, expected: 0 }
    );
}

#[test]
fn a_node_seen_often_enough_stays() {
    let (mut world, project) = large(2500);
    let (now, node) = (epoch(&world), world.nodes[2].id);
    for _ in 0..3 {
        without(&mut world, project, 2);
    }
    // The fourth result has it: a quarter of its seats, which is no less than the bound.
    without(&mut world, project, 3);
    assert_eq!(presence(&world, node, now), (64, 256));
    assert_eq!(
        report(&mut world, node, now).unwrap_err(),
        ContractError::NotSilent { seen: 64, expected: 256 }
    );
}

/// Off by default: nothing is counted, and nobody is jailed.
#[test]
fn silence_costs_nothing_where_the_settings_do_not_say_so() {
    let (mut world, project) = large(0);
    for _ in 0..4 {
        without(&mut world, project, 2);
    }
    let (node, now) = (world.nodes[2].id, epoch(&world));
    assert_eq!(presence(&world, node, now), (0, 0));
    let refused = report(&mut world, node, now).unwrap_err();
    assert_eq!(refused, ContractError::NotSilent { seen: 0, expected: 0 });
}

/// What is too long ago to be known is not held against anybody.
#[test]
fn old_epochs_are_past() {
    let (mut world, project) = large(1000);
    let (node, then) = (world.nodes[2].id, epoch(&world));
    for _ in 0..4 {
        without(&mut world, project, 2);
    }
    next_epoch(&mut world);
    assert_eq!(presence(&world, node, then), (0, 256));
    next_epoch(&mut world);
    assert_eq!(presence(&world, node, then), (0, 0));
    let refused = report(&mut world, node, then).unwrap_err();
    assert_eq!(refused, ContractError::NotSilent { seen: 0, expected: 0 });
    // Nor is an epoch in which it held nothing.
    let late = world.register_node_of(&world.alice.clone(), 64 * UNIT).unwrap();
    let now = epoch(&world);
    for _ in 0..4 {
        without(&mut world, project, 2);
    }
    let refused = report(&mut world, late, now).unwrap_err();
    assert_eq!(refused, ContractError::NotSilent { seen: 0, expected: 0 });
}
