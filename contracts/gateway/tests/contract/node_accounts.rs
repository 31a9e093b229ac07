//! A node's operator, its daemon and who earns for it, each with a key of its own.

use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{engine, policy, World, UNIT};

fn accounts(world: &World, node: NodeId) -> NodeAccountsResponse {
    world.ask(&QueryMsg::NodeAccounts { node })
}

/// Who has the daemon's key says what the node runs and lets it draw again; coins, keys and the node itself stay out of reach.
#[test]
fn attack_75_a_daemon_robbed_of_its_key() {
    let mut world = World::new();
    let node = world.nodes[0].clone();
    let (alice, bob, operator) = (world.alice.clone(), world.bob.clone(), node.operator.clone());
    let named = |payout: &str, daemon: &str| ExecuteMsg::SetNodeAccounts {
        node: node.id,
        payout: Some(payout.to_owned()),
        daemon: Some(daemon.to_owned()),
    };
    assert!(matches!(
        world.send(&alice, &named(bob.as_str(), alice.as_str()), 0),
        Err(ContractError::Unauthorized { .. })
    ));
    world.send(&operator, &named(bob.as_str(), alice.as_str()), 0).unwrap();
    let found = accounts(&world, node.id);
    assert_eq!((found.payout, found.daemon), (Some(bob.to_string()), Some(alice.to_string())));
    let update = ExecuteMsg::UpdateNode {
        node: node.id,
        engine: engine(),
        moniker: Moniker::new("again").unwrap(),
        endpoint: Endpoint::new("").unwrap(),
    };
    world.send(&alice, &update, 0).unwrap();
    assert_eq!(
        world.send(&alice, &ExecuteMsg::Unjail { node: node.id }, 0).unwrap_err(),
        ContractError::NotJailed {}
    );
    assert!(matches!(world.send(&bob, &update, 0), Err(ContractError::Unauthorized { .. })));
    for msg in [
        named(alice.as_str(), alice.as_str()),
        ExecuteMsg::OfferNode { node: node.id, to: Some(alice.to_string()) },
        ExecuteMsg::Unbond { node: node.id, amount: None },
        ExecuteMsg::WithdrawStake { node: node.id },
        ExecuteMsg::RotateKey { node: node.id, key: NodeKey([1; 32]), possession: vec![].into() },
        ExecuteMsg::AcceptNode { node: node.id },
    ] {
        assert!(matches!(world.send(&alice, &msg, 0), Err(ContractError::Unauthorized { .. })), "{msg:?}");
    }
    // The payout account earns, whether a relay or the nodes themselves bring the result.
    let project = world.project(policy());
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "1")), None);
    let earned = world.rewards(&bob);
    assert!(earned > 0);
    let request = world.drawn_request(project);
    for attestation in world.publication(request, "1").attestations {
        let publication = Publication { attestations: vec![attestation], ..world.publication(request, "1") };
        if world.status(request) == RequestStatus::Drawn {
            world.send(&alice, &ExecuteMsg::Attest { publication }, 0).unwrap();
        }
    }
    assert_eq!((world.rewards(&bob), world.rewards(&operator)), (2 * earned, 0));
}

/// A node changes hands in two steps, with its stake and with what is on its way out; what it earned before stays.
#[test]
fn a_node_is_handed_over() {
    let mut world = World::new();
    let node = world.nodes[0].clone();
    let (alice, bob, operator) = (world.alice.clone(), world.bob.clone(), node.operator.clone());
    world.send(&operator, &ExecuteMsg::IncreaseStake { node: node.id }, 2 * UNIT).unwrap();
    world.activate_nodes();
    let project = world.project(policy());
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "1")), None);
    let earned = world.rewards(&operator);
    let offer = |to| ExecuteMsg::OfferNode { node: node.id, to };
    let accept = ExecuteMsg::AcceptNode { node: node.id };
    let daemon = ExecuteMsg::SetNodeAccounts { node: node.id, payout: None, daemon: Some(bob.to_string()) };
    world.send(&operator, &daemon, 0).unwrap();
    world.send(&operator, &offer(Some(bob.to_string())), 0).unwrap();
    world.send(&operator, &offer(Some(alice.to_string())), 0).unwrap();
    assert!(matches!(world.send(&bob, &accept, 0), Err(ContractError::Unauthorized { .. })));
    world.send(&alice, &accept, 0).unwrap();
    assert!(matches!(world.send(&alice, &accept, 0), Err(ContractError::Unauthorized { .. })));
    let found: NodeResponse = world.ask(&QueryMsg::Node { node: node.id });
    assert_eq!((found.operator.as_str(), found.stake.u128()), (alice.as_str(), 3 * UNIT));
    let none = NodeAccountsResponse { node: node.id, payout: None, daemon: None, offered_to: None };
    assert_eq!(accounts(&world, node.id), none);
    let unbond = ExecuteMsg::Unbond { node: node.id, amount: Some(UNIT.into()) };
    assert!(matches!(world.send(&operator, &unbond, 0), Err(ContractError::Unauthorized { .. })));
    // It draws on, and its new operator earns and has its stake.
    let request = world.drawn_request(project);
    assert!(world.seats(&node, request, Attempt(0)) > 0);
    assert_eq!(world.verdict(world.publication(request, "1")), None);
    assert_eq!(world.rewards(&operator), earned);
    assert!(world.rewards(&alice) > 0);
    world.send(&alice, &unbond, 0).unwrap();
}
