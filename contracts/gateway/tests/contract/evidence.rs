//! Slashing a node with two commitments for one request.

use cosmwasm_std::Uint128;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::crafted::{evidence, signed};
use crate::world::{policy, settings, World, UNIT};

fn submit(world: &mut World, evidence: Equivocation) -> Result<(), ContractError> {
    let bob = world.bob.clone();
    world.send(&bob, &ExecuteMsg::SubmitEvidence(evidence), 0).map(|_| ())
}

/// Two commitments by one key for one request: all of its stake, a tenth to who reports it, once.
#[test]
fn attack_18_equivocation() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let other = world.drawn_request(project);
    let node = world.nodes[0].clone();
    let proof = evidence(&world, &node, request);

    let same = Equivocation { second: proof.first.clone(), ..proof.clone() };
    assert_eq!(submit(&mut world, same).unwrap_err(), ContractError::SameCommit {});
    // Attestations of another request, of another node, or with an unsigned commitment are no evidence.
    let elsewhere = Equivocation { second: signed(&world, &node, other, "4"), ..proof.clone() };
    let somebody = Equivocation { node: world.nodes[1].id, ..proof.clone() };
    let mut invented = proof.clone();
    invented.second.commit = Commit([5; 32]);
    for nothing in [elsewhere, somebody, invented] {
        assert!(matches!(submit(&mut world, nothing).unwrap_err(), ContractError::InvalidProof { .. }));
    }

    let bob = world.bob.clone();
    submit(&mut world, proof.clone()).unwrap();
    assert_eq!(world.rewards(&bob), UNIT / 10);
    let after: NodeResponse = world.ask(&QueryMsg::Node { node: node.id });
    assert!(after.stake.is_zero());
    assert_eq!(submit(&mut world, proof).unwrap_err(), ContractError::AlreadyShown {});

    // It has no seat any more, in what is open too; the others' quorum stands.
    let publication = world.publication(request, "3");
    assert_eq!(world.verdict(publication.clone()), Some(Refusal::InactiveNode { node: node.id }));
    let mut honest = publication;
    honest.attestations.retain(|attestation| attestation.node != node.id);
    assert_eq!(world.verdict(honest), None);
}

/// Stake on its way out is slashed as well, and so is the stake of who answered a request that has ended.
#[test]
fn attack_47_evidence_after_unbonding_and_after_the_end() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    let node = world.nodes[0].clone();
    let proof = evidence(&world, &node, request);
    world.send(&node.operator, &ExecuteMsg::Unbond { node: node.id, amount: None }, 0).unwrap();
    world.next_epoch();
    submit(&mut world, proof).unwrap();
    let bonds: NodeResponse = world.ask(&QueryMsg::Node { node: node.id });
    assert_eq!(bonds.unbonding, vec![]);
    assert!(bonds.jailed_until.is_some());
}

/// A node that loses a part sits out its time and comes back like a new one; the rest goes to the treasury.
#[test]
fn a_slashed_node_is_jailed_and_comes_back() {
    let mut world = World::empty();
    let treasury = world.app.api().addr_make("treasury");
    let softer = Settings {
        slash_bps: 2500,
        reporter_bps: 1000,
        jail_blocks: 30,
        treasury: Some(treasury.to_string()),
        ..settings()
    };
    let admin = world.admin.clone();
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: softer }, 0).unwrap();
    for _ in 0..4 {
        world.register_node(4);
    }
    world.activate_nodes();
    let project = world.project(Policy { committee: 16, ..policy() });
    let request = world.drawn_request(project);
    let node = world.nodes[0].clone();
    let proof = evidence(&world, &node, request);
    submit(&mut world, proof).unwrap();
    assert_eq!(world.rewards(&world.bob.clone()), UNIT / 10);
    assert_eq!(world.rewards(&treasury), UNIT - UNIT / 10);

    let unjail = ExecuteMsg::Unjail { node: node.id };
    let until = world.height() + 30;
    assert_eq!(world.send(&node.operator, &unjail, 0).unwrap_err(), ContractError::Jailed { until });
    world.next_epoch();
    let units = |world: &World| world.ask::<CounterResponse>(&QueryMsg::Counter {}).total_units;
    assert_eq!(units(&world), 12);
    world.blocks(30);
    world.send(&node.operator, &unjail, 0).unwrap();
    world.tick();
    assert_eq!(units(&world), 12);
    world.next_epoch();
    assert_eq!(units(&world), 15);
}

/// Whoever reports its own node has no part of its stake back.
#[test]
fn attack_60_an_equivocator_reports_itself() {
    let mut world = World::new();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    let node = world.nodes[0].clone();
    let proof = evidence(&world, &node, request);
    world.send(&node.operator, &ExecuteMsg::SubmitEvidence(proof), 0).unwrap();
    assert_eq!(world.rewards(&node.operator), 0);
    let ledger: LedgerResponse = world.ask(&QueryMsg::Ledger {});
    assert_eq!((ledger.stake.u128(), ledger.claimable.u128()), (4 * UNIT, 0));
}

/// Settings of later make an old fault cost nothing more, and no slash shortens a jail.
#[test]
fn attack_61_retroactive_settings() {
    let mut world = World::empty();
    let admin = world.admin.clone();
    let with = |slash_bps, jail_blocks| ExecuteMsg::UpdateSettings {
        settings: Settings { slash_bps, jail_blocks, ..settings() },
    };
    world.send(&admin, &with(1000, 500), 0).unwrap();
    for _ in 0..4 {
        world.register_node(4);
    }
    world.activate_nodes();
    let project = world.project(Policy { committee: 16, ..policy() });
    let node = world.nodes[0].clone();
    let mild = world.drawn_request(project);
    world.send(&admin, &with(10_000, 10), 0).unwrap();
    let proof = evidence(&world, &node, mild);
    submit(&mut world, proof).unwrap();
    let stake = |world: &World| world.ask::<NodeResponse>(&QueryMsg::Node { node: node.id }).stake.u128();
    assert_eq!(stake(&world), 4 * UNIT - 4 * UNIT / 10);
    let jailed =
        |world: &World| world.ask::<NodeResponse>(&QueryMsg::Node { node: node.id }).jailed_until.unwrap();
    let until = world.height() + 500;
    assert_eq!(jailed(&world), until);
}

#[test]
fn a_request_that_was_not_drawn_shows_nothing() {
    let mut world = World::new();
    let project = world.project(policy());
    let drawn = world.drawn_request(project);
    let node = world.nodes[0].clone();
    let proof = evidence(&world, &node, drawn);
    let waiting = world.request(project);
    let early = Equivocation { request: waiting, ..proof.clone() };
    assert_eq!(submit(&mut world, early).unwrap_err(), ContractError::NotDrawn {});
    let unknown = Equivocation { request: RequestId(99), ..proof };
    assert_eq!(
        submit(&mut world, unknown).unwrap_err(),
        ContractError::UnknownRequest { request: RequestId(99) }
    );
}

#[test]
fn the_treasurys_share_comes_out_of_what_is_earned() {
    let mut world = World::new();
    let treasury = world.app.api().addr_make("treasury");
    let shared = Settings { treasury_bps: 1000, treasury: Some(treasury.to_string()), ..settings() };
    let admin = world.admin.clone();
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: shared }, 0).unwrap();
    let project = world.project(Policy { price: Uint128::new(100), ..policy() });
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    // A tenth of five seats at ten each; a tenth of the relay's seven rounds down to nothing; the owner's price is whole.
    assert_eq!(world.rewards(&treasury), 5);
    assert_eq!(world.rewards(&world.bob.clone()), 100);
    assert_eq!(world.rewards(&world.nodes[0].operator.clone()), 9);

    // Without a treasury the share is burned: nothing that is held grows.
    let burned = Settings { treasury_bps: 1000, ..settings() };
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: burned }, 0).unwrap();
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    assert_eq!(world.rewards(&treasury), 5);
}
