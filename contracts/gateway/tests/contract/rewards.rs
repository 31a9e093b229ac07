//! The chain's rewards for the contract's use: who receives them, and how they reach the treasury.

use gateway_api::events::{GatewayEvent, RewardsWithdrawn};
use gateway_api::*;
use gateway_contract::ContractError;

use crate::archway::on_archway;
use crate::world::{World, DENOM};

fn world(treasury: bool) -> World {
    let mut world = World::with_settings(on_archway());
    let treasury = treasury.then(|| world.bob.to_string());
    let admin = world.admin.clone();
    let settings = Settings { treasury, ..on_archway() };
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings }, 0).unwrap();
    world.archway.0.borrow_mut().rewards = 500;
    world
}

fn withdraw(world: &mut World) -> Vec<GatewayEvent> {
    let alice = world.alice.clone();
    let response = world.send(&alice, &ExecuteMsg::WithdrawRewards {}, 0).unwrap();
    world.events(&response)
}

#[test]
fn the_admin_says_who_receives_them() {
    let mut world = world(true);
    let (admin, alice, gateway) = (world.admin.clone(), world.alice.clone(), world.gateway.to_string());
    let set = |owner: &str, rewards: &str| ExecuteMsg::SetRewards {
        owner_address: owner.to_owned(),
        rewards_address: rewards.to_owned(),
    };
    let msg = set(&gateway, alice.as_str());
    assert!(matches!(world.send(&alice, &msg, 0), Err(ContractError::Unauthorized { .. })));
    world.send(&admin, &msg, 0).unwrap();
    assert_eq!(world.archway.0.borrow().metadata, Some((gateway.clone(), alice.to_string())));
    for bad in [set("nobody", &gateway), set(&gateway, "nobody")] {
        assert!(matches!(world.send(&admin, &bad, 0), Err(ContractError::Std(_))));
    }
}

#[test]
fn they_reach_the_treasury_and_nothing_else_does() {
    let mut world = world(true);
    let bob = world.bob.clone();
    let amount = 500u128.into();
    assert_eq!(withdraw(&mut world), [GatewayEvent::RewardsWithdrawn(RewardsWithdrawn { amount })]);
    assert_eq!(world.rewards(&bob), 500);
    let amount = 0u128.into();
    assert_eq!(withdraw(&mut world), [GatewayEvent::RewardsWithdrawn(RewardsWithdrawn { amount })]);
    assert_eq!(world.rewards(&bob), 500);
    world.send(&bob, &ExecuteMsg::Claim { r#for: None }, 0).unwrap();
    assert_eq!(world.balance(&world.gateway), 0);
}

#[test]
fn without_a_treasury_they_are_burned() {
    let mut world = world(false);
    withdraw(&mut world);
    assert_eq!(world.balance(&world.gateway), 0);
    assert_eq!(world.app.wrap().query_supply(DENOM).unwrap().amount.u128(), 4_000_000_000);
}

#[test]
fn there_are_none_where_the_settings_say_nothing() {
    let mut world = World::empty();
    let (admin, gateway) = (world.admin.clone(), world.gateway.to_string());
    let set = ExecuteMsg::SetRewards { owner_address: gateway.clone(), rewards_address: gateway };
    for msg in [set, ExecuteMsg::WithdrawRewards {}] {
        assert_eq!(world.send(&admin, &msg, 0).unwrap_err(), ContractError::NoArchway {});
    }
}
