//! Several requests in one message, each checked on its own; rounds that open in passing.

use cosmwasm_std::{from_json, Uint128};
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::world::{policy, World, TTL};

/// A bad request in the middle is refused with its reason; the others are opened for exactly what they cost, and what is
/// left comes back at once.
#[test]
fn attack_56_one_bad_request_in_a_batch() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let before = world.balance(&alice);
    let requests = vec![
        NewRequest::new(project, "1"),
        NewRequest::new(ProjectId(99), "1"),
        NewRequest::new(project, ""),
        NewRequest { version: Some(Version(7)), ..NewRequest::new(project, "2") },
        NewRequest::new(project, "3"),
        // The funds do not reach for this one.
        NewRequest::new(project, "4"),
    ];
    let response = world.send(&alice, &ExecuteMsg::Requests { requests }, 2 * fee + fee / 2).unwrap();
    let refused: Vec<_> = world
        .events(&response)
        .into_iter()
        .filter_map(|event| match event {
            GatewayEvent::RequestRefused(event) => Some((event.index, event.reason)),
            _ => None,
        })
        .collect();
    let places: Vec<_> = refused.iter().map(|(index, _)| *index).collect();
    assert_eq!(places, [1, 2, 3, 5], "{refused:?}");
    assert!(refused[0].1.contains("no project") && refused[3].1.contains("do not reach"), "{refused:?}");
    let ids: Vec<Option<RequestId>> = from_json(response.data.unwrap()).unwrap();
    assert_eq!(ids, [Some(RequestId(1)), None, None, None, Some(RequestId(2)), None]);
    assert_eq!(world.balance(&alice), before - 2 * fee);
    let reserved = |request| world.ask::<RequestResponse>(&QueryMsg::Request { request }).reserved;
    assert_eq!([RequestId(1), RequestId(2)].map(reserved), [Uint128::new(fee); 2]);

    for requests in [vec![], vec![NewRequest::new(project, "1"); 101]] {
        let refused = world.send(&alice, &ExecuteMsg::Requests { requests }, fee).unwrap_err();
        assert_eq!(refused, ContractError::RequestCount { max: 100 });
    }
}

/// Quotas hold within a batch.
#[test]
fn a_batch_has_no_larger_quota() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let requests = vec![NewRequest::new(project, "1"); 60];
    let response = world.send(&alice, &ExecuteMsg::Requests { requests }, 60 * fee).unwrap();
    let ids: Vec<Option<RequestId>> = from_json(response.data.unwrap()).unwrap();
    assert_eq!(ids.iter().flatten().count(), 50);
}

fn opened(events: &[GatewayEvent]) -> usize {
    events.iter().filter(|event| matches!(event, GatewayEvent::RoundOpened(_))).count()
}

/// A request, a batch and a publication each open a round that is due, and never draw what was asked in their own block.
#[test]
fn rounds_open_in_passing() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    world.block();
    let first = world.request(project);
    world.block();
    let response = world.send(&alice, &ExecuteMsg::Request(NewRequest::new(project, "1")), fee).unwrap();
    assert_eq!(opened(&world.events(&response)), 1);
    assert_eq!(world.status(first), RequestStatus::Drawn);
    let second: RequestId = from_json(response.data.unwrap()).unwrap();
    assert_eq!(world.status(second), RequestStatus::Waiting);
    world.block();
    let requests = vec![NewRequest::new(project, "1")];
    let response = world.send(&alice, &ExecuteMsg::Requests { requests }, fee).unwrap();
    assert_eq!(opened(&world.events(&response)), 1);
    assert_eq!(world.status(second), RequestStatus::Drawn);
    world.block();
    let events = world.publish(vec![world.publication(first, "3")]);
    assert_eq!(opened(&events), 1);
    assert_eq!(world.status(RequestId(3)), RequestStatus::Drawn);
    world.blocks(TTL);
}
