//! Ending overdue requests: the refund needs no action by the requester.

use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::rogue::Rogue;
use crate::world::{policy, World, TTL};

fn expire(world: &mut World, limit: Option<u32>) -> Vec<GatewayEvent> {
    let bob = world.bob.clone();
    let response = world.send(&bob, &ExecuteMsg::Expire { limit, requests: None }, 0).unwrap();
    world.events(&response)
}

#[test]
fn an_overdue_request_is_refunded_whole_by_anybody() {
    let mut world = World::new();
    let project = world.project(policy());
    let alice = world.alice.clone();
    let before = world.balance(&alice);
    let request = world.request(project);
    world.blocks(TTL);
    // In the block of its deadline it may still be answered.
    assert!(expire(&mut world, None).is_empty());
    world.block();
    let events = expire(&mut world, None);
    assert!(
        matches!(events[..], [GatewayEvent::RequestExpired(ref e)] if e.request == request),
        "{events:?}"
    );
    assert_eq!(world.balance(&alice), before);
    assert_eq!(world.status(request), RequestStatus::Expired);
    assert!(world.refused(&QueryMsg::Result { request }).contains("no result"));
}

/// Before the deadline, twice, after a result: nothing.
#[test]
fn attack_31_refund_theft() {
    let mut world = World::new();
    let project = world.project(policy());
    let (done, overdue) = (world.request(project), world.request(project));
    world.block();
    world.tick();
    assert!(expire(&mut world, None).is_empty());
    let publication = world.publication(overdue, "3");
    assert_eq!(world.verdict(world.publication(done, "3")), None);
    world.blocks(TTL);
    let events = expire(&mut world, None);
    assert_eq!(events.len(), 1);
    assert!(expire(&mut world, None).is_empty());
    assert_eq!(world.status(done), RequestStatus::Fulfilled);
    assert_eq!(world.verdict(publication), Some(Refusal::Closed {}));
    let ledger: LedgerResponse = world.ask(&QueryMsg::Ledger {});
    assert!(ledger.reserved.is_zero());
}

/// Many overdue requests are refunded in bounded steps, the oldest deadline first.
#[test]
fn attack_33_sweep_starvation() {
    let mut world = World::new();
    let project = world.project(policy());
    let mut requests = Vec::new();
    for _ in 0..7 {
        requests.push(world.request(project));
        world.block();
    }
    world.blocks(TTL);
    let mut ended = Vec::new();
    for step in [3, 3, 1, 0] {
        let events = expire(&mut world, Some(3));
        assert_eq!(events.len(), step);
        ended.extend(events.iter().map(|event| match event {
            GatewayEvent::RequestExpired(e) => e.request,
            other => panic!("{other:?}"),
        }));
    }
    assert_eq!(ended, requests);
}

/// Requests that call expensive contracts back stand at the head of the queue: neither named requests nor the sweep wait for
/// them, their own refunds do not either, and no consumer is called.
#[test]
fn attack_52_the_head_of_the_queue() {
    let mut world = World::new();
    let project = world.project(policy());
    let rogue = Rogue::new(&mut world);
    rogue.behave(&mut world, true, None);
    let blocking: Vec<_> = (0..5).map(|_| rogue.ask(&mut world, project)).collect();
    world.block();
    let honest = world.request(project);
    world.blocks(TTL + 1);
    let (bob, alice) = (world.bob.clone(), world.alice.clone());
    let before = world.balance(&alice);
    let named = ExecuteMsg::Expire { limit: None, requests: Some(vec![honest, honest, RequestId(99)]) };
    let response = world.send(&bob, &named, 0).unwrap();
    let events = world.events(&response);
    assert!(matches!(events[..], [GatewayEvent::RequestExpired(ref e)] if e.request == honest), "{events:?}");
    assert_eq!(world.balance(&alice), before + world.fee(project));
    let events = expire(&mut world, None);
    let expired = events.iter().filter(|e| matches!(e, GatewayEvent::RequestExpired(_))).count();
    let due = events.iter().filter(|e| matches!(e, GatewayEvent::CallbackDue(_))).count();
    assert_eq!((expired, due, events.len()), (5, 5, 10), "{events:?}");
    assert!(blocking.iter().all(|request| world.status(*request) == RequestStatus::Expired));
}

/// Requests that are not overdue, have ended or do not exist are skipped where they are named.
#[test]
fn only_overdue_requests_end_where_they_are_named() {
    let mut world = World::new();
    let project = world.project(policy());
    let (done, open) = (world.drawn_request(project), world.request(project));
    assert_eq!(world.verdict(world.publication(done, "3")), None);
    let bob = world.bob.clone();
    let named = |requests| ExecuteMsg::Expire { limit: None, requests: Some(requests) };
    world.blocks(TTL);
    let response = world.send(&bob, &named(vec![done, open, RequestId(9)]), 0).unwrap();
    assert!(world.events(&response).is_empty());
    for requests in [vec![], vec![open; 101]] {
        let refused = world.send(&bob, &named(requests), 0).unwrap_err();
        assert_eq!(refused, ContractError::RequestCount { max: 100 });
    }
}

#[test]
fn the_limit_is_bounded() {
    let mut world = World::empty();
    let bob = world.bob.clone();
    for limit in [0, 101] {
        assert_eq!(
            world.send(&bob, &ExecuteMsg::Expire { limit: Some(limit), requests: None }, 0).unwrap_err(),
            ContractError::Limit { max: 100 }
        );
    }
}

#[test]
fn the_counter_holds_the_next_deadline() {
    let mut world = World::new();
    let project = world.project(policy());
    let next = |world: &World| world.ask::<CounterResponse>(&QueryMsg::Counter {}).next_deadline;
    assert_eq!(next(&world), None);
    let request = world.request(project);
    let deadline = world.height() + TTL;
    world.block();
    world.request(project);
    assert_eq!(next(&world), Some(deadline));
    world.block();
    world.tick();
    world.publish(vec![world.publication(request, "3")]);
    assert_eq!(next(&world), Some(deadline + 1));
}
