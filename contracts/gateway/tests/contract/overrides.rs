//! What a request may ask beyond its project's policy, what it is then charged, and its effective policy.

use cosmwasm_std::Uint128;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, World, SEAT, TTL};

fn open_policy() -> Policy {
    let overrides = OverrideBounds { max_committee: 9, max_quorum_bps: 8000, max_min_operators: 4 };
    Policy { overrides, ..policy() }
}

fn ask(world: &mut World, project: ProjectId, overrides: Overrides) -> Result<RequestId, ContractError> {
    let (alice, overrides) = (world.alice.clone(), Some(overrides));
    let msg = ExecuteMsg::Request(NewRequest { overrides, ..NewRequest::new(project, "1") });
    let response = world.send(&alice, &msg, 10_000)?;
    Ok(cosmwasm_std::from_json(response.data.unwrap()).unwrap())
}

fn drawn(world: &mut World, project: ProjectId, overrides: Overrides) -> RequestId {
    let request = ask(world, project, overrides).unwrap();
    world.block();
    world.tick();
    request
}

/// The publication without the attestations above so many.
fn with(world: &World, request: RequestId, nodes: usize) -> Publication {
    let mut publication = world.publication(request, "1");
    publication.attestations.truncate(nodes);
    publication
}

#[test]
fn a_larger_committee_costs_what_the_estimate_says() {
    let mut world = World::new();
    let project = world.project(open_policy());
    let overrides = Overrides { committee: Some(9), ..Overrides::default() };
    let fee: FeeResponse =
        world.ask(&QueryMsg::EstimateFee { project, overrides: Some(overrides), callback: None });
    assert_eq!(fee.committee.u128(), 9 * SEAT);
    let alice = world.alice.clone();
    let message = |overrides| ExecuteMsg::Request(NewRequest { overrides, ..NewRequest::new(project, "1") });
    let short = world.send(&alice, &message(Some(overrides)), fee.total.u128() - 1);
    assert!(matches!(short, Err(ContractError::InsufficientFunds { needed, .. }) if needed == fee.total));
    let response = world.send(&alice, &message(Some(overrides)), fee.total.u128()).unwrap();
    let request: RequestId = cosmwasm_std::from_json(response.data.unwrap()).unwrap();
    let asked: RequestResponse = world.ask(&QueryMsg::Request { request });
    assert_eq!(asked.policy, Policy { committee: 9, ..open_policy() });
    assert_eq!(asked.reserved, fee.total);
}

#[test]
fn verification_applies_the_overrides() {
    let mut world = World::new();
    let project = world.project(open_policy());
    let plain = world.drawn_request(project);
    let quorum = Overrides { quorum_bps: Some(8000), ..Overrides::default() };
    let quorum = drawn(&mut world, project, quorum);
    let operators = Overrides { min_operators: Some(4), ..Overrides::default() };
    let operators = drawn(&mut world, project, operators);
    assert_eq!(world.verdict(with(&world, plain, 3)), None);
    assert_eq!(
        world.verdict(with(&world, quorum, 3)),
        Some(Refusal::BelowQuorum { seats: 3, quorum_seats: 4 })
    );
    assert_eq!(
        world.verdict(with(&world, operators, 3)),
        Some(Refusal::TooFewOperators { operators: 3, needed: 4 })
    );
    for request in [quorum, operators] {
        assert_eq!(world.verdict(with(&world, request, 4)), None);
    }
}

#[test]
fn nothing_weaker_than_the_policy_and_nothing_beyond_the_bounds() {
    let mut world = World::new();
    let (free, fixed) = (world.project(open_policy()), world.project(policy()));
    let committee = |committee| Overrides { committee: Some(committee), ..Overrides::default() };
    let quorum = |quorum_bps| Overrides { quorum_bps: Some(quorum_bps), ..Overrides::default() };
    let operators = |operators| Overrides { min_operators: Some(operators), ..Overrides::default() };
    let refused = [
        (free, committee(4), "committee", 5, 9),
        (free, committee(10), "committee", 5, 9),
        (free, quorum(5999), "quorum_bps", 6000, 8000),
        (free, quorum(8001), "quorum_bps", 6000, 8000),
        (free, operators(1), "min_operators", 2, 4),
        (free, operators(5), "min_operators", 2, 4),
        (fixed, committee(6), "committee", 5, 5),
        (fixed, quorum(6001), "quorum_bps", 6000, 6000),
        (fixed, operators(3), "min_operators", 2, 2),
    ];
    for (project, overrides, field, min, max) in refused {
        let error = ContractError::InvalidOverride(OverrideError { field, min, max });
        assert_eq!(ask(&mut world, project, overrides).unwrap_err(), error);
    }
    // Nor may more operators be asked for than there are.
    let six = Policy {
        overrides: OverrideBounds { max_min_operators: 6, ..OverrideBounds::default() },
        ..policy()
    };
    let six = world.project(six);
    assert_eq!(
        ask(&mut world, six, operators(6)).unwrap_err(),
        ContractError::TooFewOperators { active: 5, needed: 6 }
    );
}

#[test]
fn a_life_may_be_shorter_and_not_longer() {
    let mut world = World::new();
    let project = world.project(policy());
    let life = |blocks| Overrides { ttl_blocks: Some(blocks), ..Overrides::default() };
    let request = ask(&mut world, project, life(5)).unwrap();
    let deadline = world.height() + 5;
    assert_eq!(world.ask::<RequestResponse>(&QueryMsg::Request { request }).deadline, deadline);
    for (blocks, error) in [
        (TTL + 1, OverrideError { field: "ttl_blocks", min: 1, max: TTL }.into()),
        (0, OverrideError { field: "ttl_blocks", min: 1, max: TTL }.into()),
        (2, ContractError::NoTime { attempt: 2, ttl: 2 }),
    ] {
        assert_eq!(ask(&mut world, project, life(blocks)).unwrap_err(), error);
    }
    world.blocks(6);
    let bob = world.bob.clone();
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(world.status(request), RequestStatus::Expired);
}

#[test]
fn a_request_above_max_fee_is_refused() {
    let mut world = World::new();
    let project = world.project(open_policy());
    let fee = world.fee(project);
    let cap = |max: u128| Overrides { max_fee: Some(Uint128::new(max)), ..Overrides::default() };
    assert_eq!(
        ask(&mut world, project, cap(fee - 1)).unwrap_err(),
        ContractError::FeeAboveCap { fee: Uint128::new(fee), max: Uint128::new(fee - 1) }
    );
    let estimate = QueryMsg::EstimateFee { project, overrides: Some(cap(fee - 1)), callback: None };
    assert!(world.refused(&estimate).contains("above the"), "{}", world.refused(&estimate));
    ask(&mut world, project, cap(fee)).unwrap();
}

#[test]
fn bounds_are_bounded() {
    let mut world = World::empty();
    let bob = world.bob.clone();
    let fault = "overrides takes at most 101 seats, 10000 basis points and 32 operators";
    for overrides in [
        OverrideBounds { max_committee: 102, ..OverrideBounds::default() },
        OverrideBounds { max_quorum_bps: 10_001, ..OverrideBounds::default() },
        OverrideBounds { max_min_operators: 33, ..OverrideBounds::default() },
    ] {
        let msg = crate::world::register_project(Policy { overrides, ..policy() });
        assert_eq!(world.send(&bob, &msg, 0).unwrap_err(), ContractError::InvalidPolicy { fault });
    }
}
