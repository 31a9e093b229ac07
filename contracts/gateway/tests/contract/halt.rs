//! The emergency stop for results: who may, for how long, and what it cannot do.

use cosmwasm_std::coins;
use cw_multi_test::{BankSudo, SudoMsg};
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, settings, World, DENOM, TTL};

/// The guardian stops results for a time; nothing is published or gathered, deadlines go on, and refunds and claims are
/// never stopped. It cannot be chained into a halt for ever.
#[test]
fn attack_66_a_guardian_that_would_hold_everything() {
    let mut world = World::new();
    let project = world.project(policy());
    let (admin, alice, bob) = (world.admin.clone(), world.alice.clone(), world.bob.clone());
    let halt = |blocks| ExecuteMsg::Halt { blocks };
    assert!(matches!(world.send(&bob, &halt(5), 0), Err(ContractError::Unauthorized { .. })));
    world.send(&admin, &ExecuteMsg::SetGuardian { guardian: Some(bob.to_string()) }, 0).unwrap();
    for blocks in [0, 20_001] {
        assert_eq!(
            world.send(&bob, &halt(blocks), 0).unwrap_err(),
            ContractError::HaltBlocks { max: 20_000 }
        );
    }
    let request = world.drawn_request(project);
    let publication = world.publication(request, "3");
    world.send(&bob, &halt(5), 0).unwrap();
    let until = world.height() + 5;
    let relay = world.relay.clone();
    for msg in [
        ExecuteMsg::Publish { publications: vec![publication.clone()] },
        ExecuteMsg::Attest { publication: publication.clone() },
    ] {
        assert_eq!(world.send(&relay, &msg, 0).unwrap_err(), ContractError::Halted { until });
    }
    let governance: GovernanceResponse = world.ask(&QueryMsg::Governance {});
    assert_eq!((governance.guardian, governance.halted_until), (Some(bob.to_string()), Some(until)));
    world.blocks(5);
    assert_eq!(world.verdict(publication), None);
    // Not again before as many blocks have passed as it lasted.
    world.blocks(4);
    assert_eq!(world.send(&bob, &halt(5), 0).unwrap_err(), ContractError::HaltTooSoon { from: until + 5 });
    world.block();
    world.send(&bob, &halt(1000), 0).unwrap();
    let before = world.balance(&alice);
    world.request(project);
    world.blocks(TTL + 1);
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(world.balance(&alice), before);
    assert!(matches!(world.send(&bob, &ExecuteMsg::Resume {}, 0), Err(ContractError::Unauthorized { .. })));
    world.send(&admin, &ExecuteMsg::Resume {}, 0).unwrap();
    let request = world.drawn_request(project);
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    world.send(&admin, &ExecuteMsg::SetGuardian { guardian: None }, 0).unwrap();
    assert!(matches!(world.send(&bob, &halt(5), 0), Err(ContractError::Unauthorized { .. })));
}

/// Coins of another denom have a way out, and the ledger's own have none by it.
#[test]
fn attack_67_coins_of_another_denom() {
    let mut world = World::new();
    let (admin, alice, gateway) = (world.admin.clone(), world.alice.clone(), world.gateway.to_string());
    let amount = coins(77, "other");
    world.app.sudo(SudoMsg::Bank(BankSudo::Mint { to_address: gateway, amount })).unwrap();
    let recover = |denom: &str| ExecuteMsg::RecoverCoins { denom: denom.to_owned(), to: alice.to_string() };
    assert!(matches!(world.send(&alice, &recover("other"), 0), Err(ContractError::Unauthorized { .. })));
    for denom in [DENOM, "none"] {
        let refused = world.send(&admin, &recover(denom), 0).unwrap_err();
        assert_eq!(refused, ContractError::NothingToRecover { denom: denom.to_owned() });
    }
    world.send(&admin, &recover("other"), 0).unwrap();
    assert_eq!(world.app.wrap().query_balance(&alice, "other").unwrap().amount.u128(), 77);
    assert_eq!(settings().denom, DENOM);
}
