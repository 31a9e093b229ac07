//! Engines by epoch: announced, declared, counted, changed, and what is refused meanwhile.

use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{engine, policy, World, EPOCH_BLOCKS, UNIT};

fn release(byte: u8) -> EngineRelease {
    EngineRelease { jitless: EngineId([byte; 32]), jit: EngineId([byte + 100; 32]) }
}

/// The engine that the nodes of a world attest with.
fn own() -> EngineRelease {
    EngineRelease { jitless: engine(), jit: EngineId([10; 32]) }
}

fn engines(world: &World) -> EnginesResponse {
    world.ask(&QueryMsg::Engines {})
}

fn announce(
    world: &mut World,
    engine: EngineRelease,
    after: u64,
    min_ready_bps: u16,
) -> Result<(), ContractError> {
    let from_epoch = Epoch(engines(world).epoch.get() + after);
    let admin = world.admin.clone();
    world.send(&admin, &ExecuteMsg::AnnounceEngine { engine, from_epoch, min_ready_bps }, 0).map(|_| ())
}

fn declare(world: &mut World, node: usize, engines: &[EngineRelease]) {
    let (node, operator) = (world.nodes[node].id, world.nodes[node].operator.clone());
    let engines = engines.iter().map(|engine| engine.jitless).collect();
    world.send(&operator, &ExecuteMsg::DeclareEngines { node, engines }, 0).unwrap();
}

/// Ends the epoch; says what became of the engine.
fn next_epoch(world: &mut World) -> Vec<GatewayEvent> {
    world.blocks(EPOCH_BLOCKS);
    let anybody = world.alice.clone();
    let response = world.send(&anybody, &ExecuteMsg::Tick {}, 0).unwrap();
    let of_engines = |event: &GatewayEvent| {
        matches!(event, GatewayEvent::EngineChanged(_) | GatewayEvent::EnginePostponed(_))
    };
    world.events(&response).into_iter().filter(of_engines).collect()
}

#[test]
fn an_engine_applies_from_its_epoch_on_and_requests_keep_that_of_their_draw() {
    let mut world = World::new();
    let project = world.project(policy());
    // Without any announcement every engine counts.
    let request = world.drawn_request(project);
    let other = Publication { engine: EngineId([77; 32]), ..world.publication(request, "3") };
    let node = other.attestations[0].node;
    assert_eq!(world.verdict(other), Some(Refusal::InvalidProof { node }), "refused for its proofs alone");
    assert_eq!(world.draw(request).engine, None);

    for node in 0..5 {
        declare(&mut world, node, &[own(), release(1)]);
    }
    announce(&mut world, own(), 2, 10_000).unwrap();
    assert!(next_epoch(&mut world).is_empty());
    let [GatewayEvent::EngineChanged(changed)] = &next_epoch(&mut world)[..] else { panic!("changed") };
    assert_eq!((changed.jitless, changed.ready_units, changed.total_units), (own().jitless, 5, 5));
    announce(&mut world, release(1), 2, 10_000).unwrap();
    next_epoch(&mut world);
    world.blocks(EPOCH_BLOCKS - 3);
    let old = world.drawn_request(project);
    next_epoch(&mut world);
    assert_eq!(engines(&world).engine, Some(release(1)));
    // Drawn before the change: the older engine, and no other.
    assert_eq!(world.draw(old).engine, Some(own().jitless));
    let wrong = Publication { engine: release(1).jitless, ..world.publication(old, "3") };
    assert_eq!(world.verdict(wrong), Some(Refusal::WrongEngine { needed: own().jitless }));
    let right = world.publication(old, "3");
    assert_eq!(world.verdict(right), None);
    // Drawn after it: the newer one. The nodes of this world attest with the older one.
    let new = world.drawn_request(project);
    assert_eq!(world.draw(new).engine, Some(release(1).jitless));
    let late = world.publication(new, "3");
    assert_eq!(world.verdict(late.clone()), Some(Refusal::WrongEngine { needed: release(1).jitless }));
    let operator = world.nodes[0].operator.clone();
    let response = world.send(&operator, &ExecuteMsg::Attest { publication: late }, 0).unwrap();
    let [GatewayEvent::PublicationRefused(refused)] = &world.events(&response)[..] else { panic!("refused") };
    assert_eq!(refused.reason, "wrong_engine");
    for node in &mut world.nodes {
        node.engine = release(1).jitless;
    }
    let mut right = world.publication(new, "3");
    right.engine = release(1).jitless;
    assert_eq!(world.verdict(right), None);
}

#[test]
fn a_project_with_compilers_takes_the_id_of_its_profile() {
    let mut world = World::new();
    let project = world.project(Policy { profile: EngineProfile::Jit, ..policy() });
    announce(&mut world, own(), 2, 0).unwrap();
    next_epoch(&mut world);
    next_epoch(&mut world);
    let request = world.drawn_request(project);
    assert_eq!(world.draw(request).engine, Some(own().jit));
    let publication = world.publication(request, "3");
    assert_eq!(world.verdict(publication), Some(Refusal::WrongEngine { needed: own().jit }));
}

#[test]
fn a_change_waits_until_enough_units_are_ready() {
    let mut world = World::new();
    for node in 0..3 {
        declare(&mut world, node, &[release(1)]);
    }
    announce(&mut world, release(1), 2, 8000).unwrap();
    let seen = engines(&world);
    assert_eq!((seen.ready_units, seen.total_units, seen.min_ready_bps), (3, 5, Some(8000)));
    next_epoch(&mut world);
    for _ in 0..2 {
        let [GatewayEvent::EnginePostponed(event)] = &next_epoch(&mut world)[..] else { panic!("postponed") };
        assert_eq!((event.ready_units, event.total_units), (3, 5));
        assert_eq!(event.from_epoch.get(), engines(&world).epoch.get() + 1);
    }
    declare(&mut world, 3, &[release(2), release(1)]);
    assert!(matches!(next_epoch(&mut world)[..], [GatewayEvent::EngineChanged(_)]));
    let seen = engines(&world);
    assert_eq!((seen.engine, seen.since_epoch, seen.next_engine), (Some(release(1)), Some(seen.epoch), None));
    assert_eq!(seen.able_units, 4);
}

#[test]
fn what_is_ready_follows_stake_declarations_and_hand_overs() {
    let mut world = World::new();
    announce(&mut world, release(1), 1000, 8000).unwrap();
    let ready = |world: &World| engines(world).ready_units;
    declare(&mut world, 0, &[release(1), release(2)]);
    declare(&mut world, 1, &[release(1)]);
    assert_eq!(ready(&world), 2);
    let (node, operator) = (world.nodes[0].id, world.nodes[0].operator.clone());
    world.send(&operator, &ExecuteMsg::IncreaseStake { node }, 2 * UNIT).unwrap();
    assert_eq!(ready(&world), 4);
    let alice = world.alice.clone();
    world.send(&operator, &ExecuteMsg::OfferNode { node, to: Some(alice.to_string()) }, 0).unwrap();
    world.send(&alice, &ExecuteMsg::AcceptNode { node }, 0).unwrap();
    assert_eq!(ready(&world), 4);
    // Who leaves is not ready any more, at once.
    world.send(&alice, &ExecuteMsg::Unbond { node, amount: None }, 0).unwrap();
    assert_eq!(ready(&world), 1);
    declare(&mut world, 1, &[release(2)]);
    assert_eq!(ready(&world), 0);
    let node: NodeResponse = world.ask(&QueryMsg::Node { node: world.nodes[1].id });
    assert_eq!(node.engines, [release(2).jitless]);
    assert_eq!(node.engine, engine(), "what it registered stays");
}

#[test]
fn bounds_are_named_and_only_what_has_not_begun_is_taken_back() {
    let mut world = World::new();
    let fault = |result: Result<(), ContractError>| match result.unwrap_err() {
        ContractError::InvalidEngine { fault } => fault,
        other => panic!("{other}"),
    };
    for after in [1, 1001] {
        assert!(fault(announce(&mut world, release(1), after, 0)).starts_with("from_epoch takes"));
    }
    assert!(fault(announce(&mut world, release(1), 2, 10_001)).starts_with("min_ready_bps takes"));
    let same = EngineRelease { jitless: EngineId([1; 32]), jit: EngineId([1; 32]) };
    assert!(fault(announce(&mut world, same, 2, 0)).contains("differ"));
    let admin = world.admin.clone();
    let withdraw = |world: &mut World| world.send(&admin, &ExecuteMsg::WithdrawEngine {}, 0).map(|_| ());
    assert_eq!(fault(withdraw(&mut world)), "no engine is announced");
    announce(&mut world, release(1), 2, 0).unwrap();
    withdraw(&mut world).unwrap();
    assert_eq!(engines(&world).next_engine, None);
    announce(&mut world, release(1), 2, 0).unwrap();
    next_epoch(&mut world);
    next_epoch(&mut world);
    assert!(fault(withdraw(&mut world)).contains("no engine"));
    assert!(fault(announce(&mut world, release(1), 2, 0)).contains("current one"));
    let (node, operator) = (world.nodes[0].id, world.nodes[0].operator.clone());
    for bytes in [&[1u8, 2, 3, 4, 5][..], &[1, 1]] {
        let engines = bytes.iter().map(|byte| EngineId([*byte; 32])).collect();
        let sent = world.send(&operator, &ExecuteMsg::DeclareEngines { node, engines }, 0).map(|_| ());
        assert!(fault(sent).contains("at most 4"));
    }
}

/// A stranger, an operator and the guardian announce an engine of their own; nodes declare what they have not, and the change
/// comes no sooner than the admin's share allows.
#[test]
fn attack_78_an_engine_of_another_operator() {
    let mut world = World::new();
    let (alice, operator) = (world.alice.clone(), world.nodes[0].operator.clone());
    let admin = world.admin.clone();
    world.send(&admin, &ExecuteMsg::SetGuardian { guardian: Some(alice.to_string()) }, 0).unwrap();
    for who in [&alice, &operator] {
        let announce =
            ExecuteMsg::AnnounceEngine { engine: release(1), from_epoch: Epoch(900), min_ready_bps: 0 };
        for message in [announce, ExecuteMsg::WithdrawEngine {}] {
            let refused = world.send(who, &message, 0).unwrap_err();
            assert_eq!(refused, ContractError::Unauthorized { who: "the admin" });
        }
    }
    let node = world.nodes[1].id;
    let declare_other = ExecuteMsg::DeclareEngines { node, engines: vec![release(1).jitless] };
    let refused = world.send(&operator, &declare_other, 0).unwrap_err();
    assert_eq!(refused, ContractError::Unauthorized { who: "the node's operator or daemon" });
    // One node that declares five times counts once, and with four engines it counts once for each.
    announce(&mut world, release(1), 2, 5001).unwrap();
    for _ in 0..5 {
        declare(&mut world, 0, &[release(1), release(2), release(3), release(4)]);
    }
    assert_eq!(engines(&world).ready_units, 1);
    next_epoch(&mut world);
    assert!(matches!(next_epoch(&mut world)[..], [GatewayEvent::EnginePostponed(_)]));
    assert_eq!(engines(&world).engine, None);
}

/// A node that declares one engine after the other leaves no record of those that it no longer declares.
#[test]
fn declarations_that_are_replaced_leave_nothing_behind() {
    let mut world = World::new();
    let records = |world: &World| {
        let storage = world.app.contract_storage(&world.gateway);
        storage.range(None, None, cosmwasm_std::Order::Ascending).count()
    };
    declare(&mut world, 0, &[release(1)]);
    let one = records(&world);
    for byte in 2..20 {
        declare(&mut world, 0, &[release(byte)]);
    }
    assert_eq!(records(&world), one);
    declare(&mut world, 0, &[]);
    assert!(records(&world) < one);
}
