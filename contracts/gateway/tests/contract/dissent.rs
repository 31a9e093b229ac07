//! Dissent: what it costs where the owner declares the code deterministic and the settings make it cost something.

use gateway_api::events::{GatewayEvent, NodeDissented};
use gateway_api::*;
use gateway_contract::ContractError;

use crate::crafted::signed_outcome;
use crate::world::{engine, policy, settings, World, UNIT};

fn strict() -> Settings {
    Settings { dissent_slash_bps: 2000, dissent_jail_after: 2, reporter_bps: 5000, ..settings() }
}

fn declared() -> Policy {
    Policy { deterministic: true, ..policy() }
}

fn world(settings: Settings) -> World {
    let mut world = World::with_settings(settings);
    for _ in 0..5 {
        world.register_node(2);
    }
    world.activate_nodes();
    world
}

/// A request with the result 3.
fn answered(world: &mut World, project: ProjectId) -> RequestId {
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    request
}

/// A node that the draw gave a seat.
fn seated(world: &World, request: RequestId) -> usize {
    world.nodes.iter().position(|node| world.seats(node, request, Attempt(0)) > 0).unwrap()
}

impl World {
    fn report(&mut self, signed_outcome: SignedOutcome) -> Result<Vec<GatewayEvent>, ContractError> {
        let bob = self.bob.clone();
        let response = self.send(&bob, &ExecuteMsg::ReportDissent { signed_outcome }, 0)?;
        Ok(self.events(&response))
    }

    fn refused_as(&mut self, signed_outcome: SignedOutcome) -> &'static str {
        match self.report(signed_outcome) {
            Err(ContractError::NotDissent { reason }) => reason,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_dissenter_pays_once_for_each_request_and_is_jailed_for_more() {
    let mut world = world(strict());
    let project = world.project(Policy { committee: 60, ..declared() });
    let (first, second) = (answered(&mut world, project), answered(&mut world, project));
    let (bob, node) = (world.bob.clone(), world.nodes[0].clone());
    let events = world.report(signed_outcome(&world, &node, first, "4")).unwrap();
    let amount = (UNIT / 5).into();
    let event =
        NodeDissented { node: node.id, request: first, amount, jailed: false, reporter: bob.to_string() };
    assert_eq!(events, [GatewayEvent::NodeDissented(event)]);
    assert_eq!(world.rewards(&bob), UNIT / 10);
    let record: NodeResponse = world.ask(&QueryMsg::Node { node: node.id });
    assert_eq!(record.stake.u128(), 2 * UNIT - UNIT / 5);
    let again = world.report(signed_outcome(&world, &node, first, "5"));
    assert_eq!(again.unwrap_err(), ContractError::AlreadyShown {});
    let events = world.report(signed_outcome(&world, &node, second, "4")).unwrap();
    assert!(matches!(&events[..], [GatewayEvent::NodeDissented(event)] if event.jailed), "{events:?}");
    let bonds: NodeResponse = world.ask(&QueryMsg::Node { node: node.id });
    assert_eq!(bonds.jailed_until, Some(world.height() + settings().jail_blocks));
}

/// Dissents of many epochs that are reported together count where they happened; raising the unit makes none of them
/// costlier; and what is older than the unbonding time is no matter any more.
#[test]
fn attack_63_dissents_saved_up() {
    let short = Settings { unbonding_blocks: 60, ..strict() };
    let mut world = world(short.clone());
    let project = world.project(Policy { committee: 60, ..declared() });
    let node = world.nodes[0].clone();
    let old = answered(&mut world, project);
    let old = signed_outcome(&world, &node, old, "4");
    world.blocks(61);
    world.tick();
    assert_eq!(world.refused_as(old), "it is older than the unbonding time");
    let mut saved = Vec::new();
    for _ in 0..3 {
        let request = answered(&mut world, project);
        saved.push(signed_outcome(&world, &node, request, "4"));
        world.next_epoch();
    }
    let admin = world.admin.clone();
    let costly = Settings { stake_unit: 1000u128.into(), ..short };
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: costly }, 0).unwrap();
    for dissent in saved {
        let events = world.report(dissent).unwrap();
        let GatewayEvent::NodeDissented(event) = &events[0] else { panic!("{events:?}") };
        assert_eq!((event.amount.u128(), event.jailed), (UNIT / 5, false));
    }
}

#[test]
fn dissents_are_counted_epoch_by_epoch() {
    let mut world = world(strict());
    let project = world.project(Policy { committee: 60, ..declared() });
    let node = world.nodes[0].clone();
    for _ in 0..3 {
        let request = answered(&mut world, project);
        let events = world.report(signed_outcome(&world, &node, request, "4")).unwrap();
        assert!(matches!(&events[..], [GatewayEvent::NodeDissented(event)] if !event.jailed), "{events:?}");
        world.next_epoch();
    }
}

#[test]
fn what_is_on_its_way_out_pays_too() {
    let mut world = world(Settings { dissent_slash_bps: 10_000, ..strict() });
    let project = world.project(Policy { committee: 60, ..declared() });
    let request = answered(&mut world, project);
    let node = world.nodes[0].clone();
    world.send(&node.operator, &ExecuteMsg::Unbond { node: node.id, amount: None }, 0).unwrap();
    world.report(signed_outcome(&world, &node, request, "4")).unwrap();
    let bonds: NodeResponse = world.ask(&QueryMsg::Node { node: node.id });
    let left: u128 = bonds.unbonding.iter().map(|entry| entry.amount.u128()).sum();
    assert_eq!(left, UNIT);
}

/// Off by default, and nothing where the code is not declared deterministic.
#[test]
fn dissent_costs_nothing_elsewhere() {
    let mut off = world(settings());
    let project = off.project(declared());
    let request = answered(&mut off, project);
    let node = off.nodes[seated(&off, request)].clone();
    let reason = off.refused_as(signed_outcome(&off, &node, request, "4"));
    assert_eq!(reason, "it costs nothing under the request's settings");

    let mut on = world(strict());
    let project = on.project(policy());
    let request = answered(&mut on, project);
    let node = on.nodes[seated(&on, request)].clone();
    assert_eq!(
        on.refused_as(signed_outcome(&on, &node, request, "4")),
        "the code is not declared deterministic"
    );
}

/// A request keeps the settings it was opened with: dissent that cost nothing then never will.
#[test]
fn later_settings_do_not_apply_to_earlier_requests() {
    let mut world = world(settings());
    let project = world.project(declared());
    let request = answered(&mut world, project);
    let admin = world.admin.clone();
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: strict() }, 0).unwrap();
    let node = world.nodes[seated(&world, request)].clone();
    let reason = world.refused_as(signed_outcome(&world, &node, request, "4"));
    assert_eq!(reason, "it costs nothing under the request's settings");
}

#[test]
fn only_a_seated_nodes_own_attestation_against_the_result_is_dissent() {
    let mut world = world(strict());
    let project = world.project(Policy { committee: 4, min_operators: 1, ..declared() });
    let open = world.drawn_request(project);
    let node = world.nodes[seated(&world, open)].clone();
    assert_eq!(world.refused_as(signed_outcome(&world, &node, open, "4")), "the request has no result");

    // Draws go on until one leaves somebody out.
    let (request, out) = loop {
        let request = world.drawn_request(project);
        let out = world.nodes.iter().position(|node| world.seats(node, request, Attempt(0)) == 0);
        match (world.verdict(world.publication(request, "3")), out) {
            (None, Some(out)) => break (request, world.nodes[out].clone()),
            _ => world.block(),
        }
    };
    assert_eq!(world.refused_as(signed_outcome(&world, &out, request, "4")), "the node had no seat");
    let node = world.nodes[seated(&world, request)].clone();
    assert_eq!(world.refused_as(signed_outcome(&world, &node, request, "3")), "it is the result");
    let mut other = node.clone();
    other.engine = EngineId([1; 32]);
    assert_eq!(
        world.refused_as(signed_outcome(&world, &other, request, "4")),
        "the result is another engine's"
    );
    assert_ne!(other.engine, engine());

    let mut forged = signed_outcome(&world, &node, request, "4");
    forged.body = "5".to_owned();
    assert!(matches!(world.report(forged), Err(ContractError::InvalidProof { .. })));
    let mut short = signed_outcome(&world, &node, request, "4");
    short.attestation.proof = vec![0; 159].into();
    assert!(matches!(world.report(short), Err(ContractError::InvalidProof { .. })));
    let mut late = signed_outcome(&world, &node, request, "4");
    late.attestation.node = world.register_node(1);
    assert_eq!(world.report(late).unwrap_err(), ContractError::InactiveNode {});
}

#[test]
fn code_that_fetches_or_values_that_differ_cannot_be_declared() {
    let mut world = World::empty();
    let bob = world.bob.clone();
    let median = Policy { rule: AgreementRule::Median { tolerance_bps: 0 }, ..declared() };
    let hosts = Policy { hosts: vec!["a.example".to_owned()], ..declared() };
    for policy in [median, hosts] {
        let msg = crate::world::register_project(policy);
        let fault = "deterministic takes the rule exact and no hosts";
        assert_eq!(world.send(&bob, &msg, 0).unwrap_err(), ContractError::InvalidPolicy { fault });
    }
}
