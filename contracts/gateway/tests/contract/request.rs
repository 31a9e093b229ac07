//! Opening requests: what is charged, what is refused at intake.

use cosmwasm_std::Uint128;
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, settings, World, RELAY, SEAT};

fn message(project: ProjectId, input: &str) -> ExecuteMsg {
    ExecuteMsg::Request(NewRequest::new(project, input))
}

#[test]
fn the_estimate_is_what_is_charged() {
    let mut world = World::new();
    let project = world.project(Policy { price: Uint128::new(3), ..policy() });
    let fee: FeeResponse = world.ask(&QueryMsg::EstimateFee { project, overrides: None, callback: None });
    assert_eq!(fee.committee.u128(), 5 * SEAT);
    assert_eq!((fee.relay.u128(), fee.project.u128()), (RELAY, 3));
    assert_eq!(fee.total, fee.committee + fee.relay + fee.project);

    let alice = world.alice.clone();
    let before = world.balance(&alice);
    let short = world.request_as(&alice, project, fee.total.u128() - 1);
    assert!(matches!(short, Err(ContractError::InsufficientFunds { .. })));
    let request = world.request_as(&alice, project, fee.total.u128()).unwrap();
    assert_eq!(before - world.balance(&alice), fee.total.u128());
    let opened: RequestResponse = world.ask(&QueryMsg::Request { request });
    assert_eq!(opened.reserved, fee.total);
    let ledger: LedgerResponse = world.ask(&QueryMsg::Ledger {});
    assert_eq!(ledger.reserved, fee.total);
}

#[test]
fn the_id_comes_back_in_data_and_event() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let response = world.send(&alice, &message(project, "1"), fee).unwrap();
    let id: RequestId = cosmwasm_std::from_json(response.data.clone().unwrap()).unwrap();
    let events = world.events(&response);
    let [GatewayEvent::RequestOpened(opened)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((opened.request, opened.version, opened.reserved.u128()), (id, Version(1), fee));
    assert_eq!(opened.input_hash, gateway_protocol::input_hash("1"));
    assert_eq!(opened.deadline, world.height() + crate::world::TTL);
}

#[test]
fn inputs_are_bounded() {
    let mut world = World::with_settings(Settings { max_input_bytes: 8, ..settings() });
    for _ in 0..2 {
        world.register_node(1);
    }
    world.activate_nodes();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    for input in ["", "123456789"] {
        assert_eq!(
            world.send(&alice, &message(project, input), fee).unwrap_err(),
            ContractError::InputSize { found: input.len(), max: 8 }
        );
    }
    world.send(&alice, &message(project, "12345678"), fee).unwrap();
}

/// What can never be answered is refused at intake.
#[test]
fn attack_35_impossible_requests() {
    let mut world = World::new();
    let alice = world.alice.clone();
    let crowd = world.project(Policy { min_operators: 6, ..policy() });
    let fee = world.fee(crowd);
    assert_eq!(
        world.request_as(&alice, crowd, fee).unwrap_err(),
        ContractError::TooFewOperators { active: 5, needed: 6 }
    );
    let slow = world.project(Policy { wall_ms: 60_000, ..policy() });
    assert_eq!(
        world.request_as(&alice, slow, fee).unwrap_err(),
        ContractError::NoTime { attempt: 61, ttl: 20 }
    );
    let huge = "x".repeat(1 << 20);
    let project = world.project(policy());
    assert!(matches!(
        world.send(&alice, &message(project, &huge), fee).unwrap_err(),
        ContractError::InputSize { .. }
    ));
    let unknown = ProjectId(99);
    assert_eq!(
        world.request_as(&alice, unknown, fee).unwrap_err(),
        ContractError::UnknownProject { project: unknown }
    );
}

#[test]
fn before_any_node_draws_there_is_nobody_to_ask() {
    let mut world = World::empty();
    let project = world.project(Policy { min_operators: 1, ..policy() });
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let refused = ContractError::TooFewOperators { active: 0, needed: 1 };
    assert_eq!(world.request_as(&alice, project, fee).unwrap_err(), refused);
    world.register_node(1);
    assert_eq!(world.request_as(&alice, project, fee).unwrap_err(), refused);
    // One epoch before it draws, the next round may well be the one that it draws in.
    world.next_epoch();
    world.request_as(&alice, project, fee).unwrap();
}

/// Quotas per payer and per project: one flood leaves room for others.
#[test]
fn attack_36_request_flood() {
    let limits = Settings { max_open_per_payer: 2, max_open_per_project: 3, ..settings() };
    let mut world = World::with_settings(limits);
    for _ in 0..5 {
        world.register_node(1);
    }
    world.activate_nodes();
    let (alice, bob, project) = (world.alice.clone(), world.bob.clone(), world.project(policy()));
    let fee = world.fee(project);
    let first = world.request_as(&alice, project, fee).unwrap();
    world.request_as(&alice, project, fee).unwrap();
    assert_eq!(world.request_as(&alice, project, fee).unwrap_err(), ContractError::PayerQuota { max: 2 });
    world.request_as(&bob, project, fee).unwrap();
    assert_eq!(world.request_as(&bob, project, fee).unwrap_err(), ContractError::ProjectQuota { max: 3 });
    // What has ended makes room.
    world.block();
    world.tick();
    world.publish(vec![world.publication(first, "1")]);
    world.request_as(&alice, project, fee).unwrap();
}

/// The owner activates other code in the block of the request: it is refused, and nothing is paid.
#[test]
fn attack_55_code_swapped_under_a_request() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, bob) = (world.alice.clone(), world.bob.clone());
    let fee = world.fee(project);
    let pinned =
        |version, code| ExecuteMsg::Request(NewRequest { version, code, ..NewRequest::new(project, "1") });
    let (own, other) = (crate::world::code().sha256, CodeHash([8; 32]));
    world.send(&alice, &pinned(Some(Version(1)), Some(own)), fee).unwrap();
    let swapped = CodeRef { sha256: other, ..crate::world::code() };
    world.send(&bob, &ExecuteMsg::AddVersion { project, code: swapped, policy: policy() }, 0).unwrap();
    world.send(&bob, &ExecuteMsg::ActivateVersion { project, version: Version(2) }, 0).unwrap();
    let refused = ContractError::OtherVersion { active: Version(2), code: other };
    let before = world.balance(&alice);
    for msg in [pinned(Some(Version(1)), None), pinned(None, Some(own))] {
        assert_eq!(world.send(&alice, &msg, fee).unwrap_err(), refused);
    }
    assert_eq!(world.balance(&alice), before);
    world.send(&alice, &pinned(Some(Version(2)), Some(other)), fee).unwrap();
}
