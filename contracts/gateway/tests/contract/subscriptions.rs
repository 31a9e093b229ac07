//! Subscriptions pay for requests; cancelled requests; refunds to somebody else.

use cosmwasm_std::{from_json, Addr, Uint128};
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, World, TTL};

fn consumer(who: &Addr) -> SubscriptionConsumer {
    SubscriptionConsumer { address: who.to_string(), projects: vec![], max_fee: None, allowance: None }
}

/// Bob's subscription, with so many coins.
fn subscribed(world: &mut World, consumers: Vec<SubscriptionConsumer>, coins: u128) -> SubscriptionId {
    let bob = world.bob.clone();
    let response = world.send(&bob, &ExecuteMsg::Subscribe { consumers }, coins).unwrap();
    from_json(response.data.unwrap()).unwrap()
}

fn ask(project: ProjectId, subscription: SubscriptionId) -> ExecuteMsg {
    ExecuteMsg::Request(NewRequest { subscription: Some(subscription), ..NewRequest::new(project, "[1]") })
}

fn balance(world: &World, subscription: SubscriptionId) -> u128 {
    world.ask::<SubscriptionResponse>(&QueryMsg::Subscription { subscription }).balance.u128()
}

/// A consumer asks without funds; what is not used goes back to the balance, whether the request has a result or expires.
#[test]
fn a_subscription_pays_and_has_back_what_is_not_used() {
    let mut world = World::new();
    let project = world.project(Policy { committee: 10, ..policy() });
    let (alice, bob, fee) = (world.alice.clone(), world.bob.clone(), world.fee(project));
    let subscription = subscribed(&mut world, vec![consumer(&alice)], 3 * fee);
    let before = world.balance(&alice);
    let response = world.send(&alice, &ask(project, subscription), 0).unwrap();
    let request: RequestId = from_json(response.data.unwrap()).unwrap();
    assert_eq!(balance(&world, subscription), 2 * fee);
    world.block();
    world.tick();
    assert_eq!(world.verdict(world.publication(request, "3")), None);
    // Five of ten seats are there; the others' pay is back.
    let returned = fee - 5 * crate::world::SEAT - crate::world::RELAY;
    assert_eq!(balance(&world, subscription), 2 * fee + returned);
    world.send(&alice, &ask(project, subscription), 0).unwrap();
    world.blocks(TTL + 1);
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!((balance(&world, subscription), world.balance(&alice)), (2 * fee + returned, before));

    world.send(&alice, &ExecuteMsg::Deposit { subscription }, 5).unwrap();
    let take = |amount: Option<u128>| ExecuteMsg::Withdraw { subscription, amount: amount.map(Uint128::new) };
    let total = 2 * fee + returned + 5;
    let refused = world.send(&bob, &take(Some(total + 1)), 0).unwrap_err();
    assert_eq!(refused, ContractError::BalanceTooLow { balance: total.into() });
    let before = world.balance(&bob);
    world.send(&bob, &take(None), 0).unwrap();
    assert_eq!(world.balance(&bob), before + total);
    assert_eq!(balance(&world, subscription), 0);
}

/// Strangers, other projects, more expensive requests and more than the allowance or the balance are refused, and nothing is taken.
#[test]
fn attack_71_a_subscription_drained() {
    let mut world = World::new();
    let (cheap, costly) =
        (world.project(policy()), world.project(Policy { price: Uint128::new(9), ..policy() }));
    let (alice, bob, fee) = (world.alice.clone(), world.bob.clone(), world.fee(cheap));
    let limited = SubscriptionConsumer {
        projects: vec![cheap],
        max_fee: Some(fee.into()),
        allowance: Some((2 * fee).into()),
        ..consumer(&alice)
    };
    let subscription = subscribed(&mut world, vec![limited.clone()], 5 * fee);
    let limit = |limit| ContractError::SubscriptionLimit { limit };
    let relay = world.relay.clone();
    assert_eq!(world.send(&relay, &ask(cheap, subscription), 0).unwrap_err(), ContractError::NotAConsumer {});
    assert_eq!(world.send(&alice, &ask(costly, subscription), 0).unwrap_err(), limit("projects"));
    for _ in 0..2 {
        world.send(&alice, &ask(cheap, subscription), 0).unwrap();
    }
    assert_eq!(world.send(&alice, &ask(cheap, subscription), 0).unwrap_err(), limit("allowance"));
    // What comes back may be spent again.
    world.blocks(TTL + 1);
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    world.send(&alice, &ask(cheap, subscription), 0).unwrap();
    let wide = SubscriptionConsumer { projects: vec![], ..limited };
    let set = |consumers| ExecuteMsg::SetConsumers { subscription, consumers };
    world.send(&bob, &set(vec![wide]), 0).unwrap();
    assert_eq!(world.send(&alice, &ask(costly, subscription), 0).unwrap_err(), limit("max_fee"));
    world.send(&bob, &set(vec![consumer(&alice)]), 0).unwrap();
    world.send(&bob, &ExecuteMsg::Withdraw { subscription, amount: Some((4 * fee).into()) }, 0).unwrap();
    assert_eq!(world.send(&alice, &ask(cheap, subscription), 0).unwrap_err(), limit("balance"));
    assert_eq!(
        world.send(&alice, &ask(cheap, subscription), 1).unwrap_err(),
        ContractError::PaidBySubscription {}
    );
    for msg in [set(vec![]), ExecuteMsg::Withdraw { subscription, amount: None }] {
        assert!(matches!(world.send(&alice, &msg, 0), Err(ContractError::Unauthorized { .. })));
    }
    let bounds = ContractError::Consumers { max: 32, projects: 16 };
    let many = SubscriptionConsumer { projects: vec![cheap; 17], ..consumer(&alice) };
    for consumers in [vec![consumer(&alice); 2], vec![many]] {
        assert_eq!(world.send(&bob, &set(consumers), 0).unwrap_err(), bounds);
    }
    let unknown = SubscriptionId(9);
    assert_eq!(
        world.send(&alice, &ask(cheap, unknown), 0).unwrap_err(),
        ContractError::UnknownSubscription { subscription: unknown }
    );
}

/// A batch may be paid by a subscription, by funds, or by both, each request by its own.
#[test]
fn a_batch_is_paid_request_by_request() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let subscription = subscribed(&mut world, vec![consumer(&alice)], fee);
    let paid = NewRequest { subscription: Some(subscription), ..NewRequest::new(project, "1") };
    let requests = vec![paid.clone(), NewRequest::new(project, "2"), paid];
    let before = world.balance(&alice);
    let response = world.send(&alice, &ExecuteMsg::Requests { requests }, 2 * fee).unwrap();
    let ids: Vec<Option<RequestId>> = from_json(response.data.unwrap()).unwrap();
    assert_eq!(ids, [Some(RequestId(1)), Some(RequestId(2)), None]);
    assert_eq!((world.balance(&alice), balance(&world, subscription)), (before - fee, 0));
}

/// Before a round opens that draws it, its requester may take a request back, once; afterwards, when the draw can be known,
/// nobody may.
#[test]
fn attack_72_a_draw_looked_at_and_cancelled() {
    let mut world = World::new();
    let project = world.project(policy());
    let fast = world.project(Policy { draw: DrawClass::Fast, ..policy() });
    let (alice, bob) = (world.alice.clone(), world.bob.clone());
    let before = world.balance(&alice);
    let cancel = |request| ExecuteMsg::Cancel { request };
    let request = world.request(project);
    assert!(matches!(world.send(&bob, &cancel(request), 0), Err(ContractError::Unauthorized { .. })));
    let response = world.send(&alice, &cancel(request), 0).unwrap();
    let events = world.events(&response);
    assert!(
        matches!(events[..], [GatewayEvent::RequestExpired(ref e)] if e.request == request),
        "{events:?}"
    );
    assert_eq!((world.balance(&alice), world.status(request)), (before, RequestStatus::Expired));
    let late = world.drawn_request(project);
    let known = world.request(fast);
    for request in [request, late, known] {
        assert_eq!(world.send(&alice, &cancel(request), 0).unwrap_err(), ContractError::NotCancellable {});
    }
}

/// What is not used goes to whom the requester names.
#[test]
fn refunds_go_to_the_address_that_the_request_names() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, bob, fee) = (world.alice.clone(), world.bob.clone(), world.fee(project));
    let new = NewRequest { refund_to: Some(bob.to_string()), ..NewRequest::new(project, "1") };
    world.send(&alice, &ExecuteMsg::Request(new), fee).unwrap();
    world.blocks(TTL + 1);
    let before = world.balance(&bob);
    world.send(&alice, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(world.balance(&bob), before + fee);
}
