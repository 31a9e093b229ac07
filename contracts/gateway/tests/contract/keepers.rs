//! What keepers earn, who pays for it, and that the chain's own ticks are paid for and bounded.

use cosmwasm_std::Uint128;
use gateway_api::events::{BountyPaid, GatewayEvent};
use gateway_api::*;
use gateway_contract::ContractError;

use crate::archway::{on_archway, Reservation, FEE};
use crate::rogue::Rogue;
use crate::world::{policy, settings, World, SEAT, TTL};

fn keepers(price: u128) -> KeeperSettings {
    let [price, tick, expire, callback] = [price, 3, 4, 2].map(Uint128::new);
    KeeperSettings { price, tick, expire, callback, rewards_bps: 2500 }
}

fn world(settings: Settings) -> (World, ProjectId) {
    let mut world = World::with_settings(settings);
    for _ in 0..5 {
        world.register_node(1);
    }
    world.activate_nodes();
    let project = world.project(policy());
    (world, project)
}

fn pool(world: &World) -> u128 {
    world.ask::<LedgerResponse>(&QueryMsg::Ledger {}).pool.u128()
}

/// A round, an expiry and the delivery of its callback each earn their sender a bounty, which the request has paid for.
#[test]
fn a_tick_an_expiry_and_a_delivery_earn_their_bounties() {
    let (mut world, project) = world(Settings { keepers: Some(keepers(12)), ..settings() });
    assert_eq!(world.fee(project), 5 * SEAT + 7 + 12);
    let rogue = Rogue::new(&mut world);
    let request = rogue.ask(&mut world, project);
    assert_eq!(pool(&world), 12);
    let asked: RequestResponse = world.ask(&QueryMsg::Request { request });
    assert_eq!(asked.reserved.u128(), 5 * SEAT + 7);
    world.block();
    let (bob, relay) = (world.bob.clone(), world.relay.clone());
    let events = world.tick();
    let paid = |to: &cosmwasm_std::Addr, amount: u128| {
        GatewayEvent::BountyPaid(BountyPaid { address: to.to_string(), amount: amount.into() })
    };
    assert!(events.contains(&paid(&relay, 3)), "{events:?}");
    world.blocks(TTL);
    let expire = ExecuteMsg::Expire { limit: None, requests: None };
    let response = world.send(&bob, &expire, 0).unwrap();
    assert!(world.events(&response).contains(&paid(&bob, 4)));
    let deliver = ExecuteMsg::DeliverCallback { request, gas_limit: None };
    let response = world.send(&bob, &deliver, 0).unwrap();
    assert!(world.events(&response).contains(&paid(&bob, 2)));
    assert_eq!((pool(&world), world.rewards(&bob), world.rewards(&relay)), (3, 6, 3));
}

/// The pool is never overdrawn: where it does not hold a bounty, nothing is paid and the message does its work.
#[test]
fn an_empty_pool_pays_nothing() {
    let (mut world, project) = world(settings());
    let request = world.request(project);
    let admin = world.admin.clone();
    let paying = Settings { keepers: Some(keepers(9)), ..settings() };
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: paying }, 0).unwrap();
    world.block();
    let events = world.tick();
    assert!(matches!(events[..], [GatewayEvent::RoundOpened(_)]), "{events:?}");
    assert_eq!(world.status(request), RequestStatus::Drawn);
    assert_eq!(pool(&world), 0);
}

/// Whoever opens requests and keeps them itself pays at least what it earns: settings under which it would not are refused.
#[test]
fn attack_64_bounties_farmed() {
    let (mut world, project) = world(Settings { keepers: Some(keepers(9)), ..settings() });
    let (alice, admin) = (world.alice.clone(), world.admin.clone());
    let before = world.balance(&alice);
    let rogue = Rogue::new(&mut world);
    let request = rogue.ask(&mut world, project);
    world.block();
    world.send(&alice, &ExecuteMsg::Tick {}, 0).unwrap();
    world.blocks(TTL);
    world.send(&alice, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    let deliver = ExecuteMsg::DeliverCallback { request, gas_limit: None };
    world.send(&alice, &deliver, 0).unwrap();
    world.send(&alice, &deliver, 0).unwrap_err();
    assert!(world.rewards(&alice) <= 9);
    assert_eq!(world.balance(&alice), before);
    let farmed = Settings { keepers: Some(keepers(8)), ..settings() };
    let refused = world.send(&admin, &ExecuteMsg::UpdateSettings { settings: farmed }, 0).unwrap_err();
    assert!(matches!(refused, ContractError::InvalidSettings(ref e) if e.field == "keepers"), "{refused:?}");
}

/// On Archway the first request that waits reserves the tick of the next height, for exactly the fee, out of the pool; others
/// of the same height reserve none.
#[test]
fn a_waiting_request_reserves_the_next_heights_tick() {
    let archway =
        on_archway().archway.map(|archway| ArchwaySettings { tick_fee: Some(FEE.into()), ..archway });
    let (mut world, project) = world(Settings { archway, keepers: Some(keepers(12)), ..settings() });
    world.gifts = true;
    world.block();
    let first = world.request(project);
    world.request(project);
    let height = world.height() + 1;
    assert_eq!(world.archway.0.borrow().reservations, [Reservation { job: 1, height, fee: FEE }]);
    assert_eq!(pool(&world), 24 - FEE);
    world.block();
    let opened = world.app.wasm_sudo(world.gateway.clone(), &SudoMsg::Callback { job_id: 1 }).unwrap();
    let events = crate::world::decode(&world.gateway, &opened.events);
    assert!(matches!(events[..], [GatewayEvent::RoundOpened(_)]), "{events:?}");
    assert_eq!(world.status(first), RequestStatus::Drawn);
    // A call that comes twice, or after somebody's tick, opens nothing.
    let again = world.app.wasm_sudo(world.gateway.clone(), &SudoMsg::Callback { job_id: 1 }).unwrap();
    assert!(crate::world::decode(&world.gateway, &again.events).is_empty());
    assert_eq!(world.ask::<SweepResponse>(&QueryMsg::Sweep {}).height, None);
}

/// A reserved tick is left to the chain: keepers have nothing to do before its height has passed without a round.
#[test]
fn keepers_leave_a_reserved_tick_to_the_chain() {
    let archway =
        on_archway().archway.map(|archway| ArchwaySettings { tick_fee: Some(FEE.into()), ..archway });
    let (mut world, project) = world(Settings { archway, keepers: Some(keepers(12)), ..settings() });
    world.gifts = true;
    world.block();
    world.request(project);
    let due = |world: &World| {
        let counter: CounterResponse = world.ask(&QueryMsg::Counter {});
        (counter.request_waiting, counter.tick_due)
    };
    assert_eq!(due(&world), (true, false));
    // The reserved height ends without the chain's call: a fault of the chain, or a limit too low for it.
    world.block();
    assert_eq!(due(&world), (true, true));
    world.tick();
    assert_eq!(due(&world), (false, false));
}

/// Archway v10 does not answer a contract that asks for the fee: the settings' cap is offered, which is the exact fee.
#[test]
fn where_the_chain_does_not_answer_the_cap_is_offered() {
    let archway =
        on_archway().archway.map(|archway| ArchwaySettings { tick_fee: Some(FEE.into()), ..archway });
    let (mut world, project) = world(Settings { archway, keepers: Some(keepers(12)), ..settings() });
    world.gifts = true;
    world.archway.0.borrow_mut().silent = true;
    world.block();
    world.request(project);
    let height = world.height() + 1;
    assert_eq!(world.archway.0.borrow().reservations, [Reservation { job: 1, height, fee: FEE }]);
}

/// Where the chain refuses the reservation, asks too much, or the pool is empty, the request is opened all the same.
#[test]
fn a_request_does_not_depend_on_the_reservation() {
    let archway =
        on_archway().archway.map(|archway| ArchwaySettings { tick_fee: Some(FEE.into()), ..archway });
    let (mut world, project) = world(Settings { archway, keepers: Some(keepers(9)), ..settings() });
    world.gifts = true;
    world.request(project);
    assert_eq!(pool(&world), 9, "the pool holds less than the fee");
    world.block();
    world.archway.0.borrow_mut().surcharge = 1;
    world.request(project);
    assert_eq!(pool(&world), 18);
    world.archway.0.borrow_mut().surcharge = 0;
    world.archway.0.borrow_mut().refuse = true;
    world.block();
    world.request(project);
    assert_eq!(pool(&world), 27, "what a refused reservation would have cost is back");
    assert!(world.archway.0.borrow().reservations.is_empty());
}

/// A share of what the chain pays for the contract's use goes to the pool.
#[test]
fn rewards_fill_the_pool() {
    let settings = Settings { keepers: Some(keepers(9)), ..on_archway() };
    let mut world = World::with_settings(settings);
    world.archway.0.borrow_mut().rewards = 500;
    let alice = world.alice.clone();
    world.send(&alice, &ExecuteMsg::WithdrawRewards {}, 0).unwrap();
    assert_eq!(pool(&world), 125);
}

/// The publisher's part covers the callback's gas; where the request expires it goes back with the rest.
#[test]
fn attack_65_callbacks_that_cost_more_than_a_result_earns() {
    let (mut world, project) = world(Settings { callback_gas_price: Some(Uint128::new(2)), ..settings() });
    let callback = Some(CallbackRequest { gas_limit: Some(100_001) });
    let estimate = QueryMsg::EstimateFee { project, overrides: None, callback };
    let fee: FeeResponse = world.ask(&estimate);
    assert_eq!((fee.relay.u128(), world.fee(project)), (7 + 202, 5 * SEAT + 7));
    let rogue = Rogue::new(&mut world);
    let consumer = rogue.address.clone();
    let before = world.balance(&consumer);
    let all = QueryMsg::EstimateFee {
        project,
        overrides: None,
        callback: Some(CallbackRequest { gas_limit: None }),
    };
    let fee: FeeResponse = world.ask(&all);
    let request = rogue.ask_for(&mut world, project, fee.total.u128());
    world.block();
    world.tick();
    world.publish(vec![world.publication(request, "3")]);
    let relay = world.relay.clone();
    assert_eq!(world.rewards(&relay), 7 + 600);
    rogue.ask_for(&mut world, project, fee.total.u128());
    world.blocks(TTL + 1);
    world.send(&relay, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(world.balance(&consumer), before - 5 * SEAT - 7 - 600);
}
