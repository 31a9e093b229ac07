//! Calling consumers back: the example contract, and consumers that misbehave.

use crate::rogue::Rogue;
use crate::world::{policy, rich, World, TTL};
use consumer_example::contract as example;
use consumer_example::msg::{
    AnswerResponse, ExecuteMsg as ExampleMsg, LatestResponse, QueryMsg as ExampleQuery,
};
use cosmwasm_std::Addr;
use cw_multi_test::{ContractWrapper, Executor};
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

pub(crate) fn consumer(world: &mut World) -> Addr {
    let code = world.app.store_code(Box::new(
        ContractWrapper::new(example::execute, example::instantiate, example::query)
            .with_reply(example::reply),
    ));
    let msg = consumer_example::msg::InstantiateMsg { gateway: world.gateway.to_string() };
    let alice = world.alice.clone();
    let address = world.app.instantiate_contract(code, alice, &msg, &[], "consumer", None).unwrap();
    rich(&mut world.app, &address);
    address
}

pub(crate) fn ask(world: &mut World, consumer: &Addr, project: ProjectId) -> RequestId {
    let alice = world.alice.clone();
    let msg = ExampleMsg::Ask { project, input: "[1,2]".to_owned() };
    world.app.execute_contract(alice, consumer.clone(), &msg, &[]).unwrap();
    let latest: LatestResponse =
        world.app.wrap().query_wasm_smart(consumer, &ExampleQuery::Latest {}).unwrap();
    latest.request.unwrap()
}

pub(crate) fn answer(world: &World, consumer: &Addr, request: RequestId) -> Option<Resolution> {
    let answer: AnswerResponse =
        world.app.wrap().query_wasm_smart(consumer, &ExampleQuery::Answer { request }).unwrap();
    answer.resolution
}

fn callback(world: &World, request: RequestId) -> CallbackStatus {
    world.ask::<ResultResponse>(&QueryMsg::Result { request }).callback
}

#[test]
fn a_consumer_asks_and_is_called_back_with_the_result() {
    let mut world = World::new();
    let project = world.project(policy());
    let consumer = consumer(&mut world);
    let request = ask(&mut world, &consumer, project);
    assert_eq!(answer(&world, &consumer, request), None);
    world.block();
    world.tick();
    let events = world.publish(vec![world.publication(request, "3")]);
    assert!(
        matches!(
            events[..],
            [GatewayEvent::RequestFulfilled(_), GatewayEvent::CallbackDelivered(ref e)] if e.request == request
        ),
        "{events:?}"
    );
    let body = Body::Inline { text: "3".to_owned() };
    assert_eq!(
        answer(&world, &consumer, request),
        Some(Resolution::Fulfilled { class: OutcomeClass::Ok, body })
    );
    assert_eq!(callback(&world, request), CallbackStatus::Delivered {});
}

#[test]
fn a_consumer_hears_of_an_expiry_and_has_its_fee_back() {
    let mut world = World::new();
    let project = world.project(policy());
    let consumer = consumer(&mut world);
    let before = world.balance(&consumer);
    let request = ask(&mut world, &consumer, project);
    world.blocks(TTL + 1);
    let bob = world.bob.clone();
    world.send(&bob, &ExecuteMsg::Expire { limit: None }, 0).unwrap();
    assert_eq!(answer(&world, &consumer, request), Some(Resolution::Expired {}));
    assert_eq!(world.balance(&consumer), before);
}

#[test]
fn only_contracts_are_called_and_within_the_cap() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let with = |gas_limit| ExecuteMsg::Request {
        project,
        input: "1".to_owned(),
        callback: Some(CallbackRequest { gas_limit }),
        overrides: None,
    };
    assert_eq!(world.send(&alice, &with(None), fee).unwrap_err(), ContractError::NotAContract {});
    let max = policy().callback_gas;
    for gas in [0, max + 1] {
        assert_eq!(
            world.send(&alice, &with(Some(gas)), fee).unwrap_err(),
            ContractError::CallbackGas { max }
        );
    }
}

/// The helper refuses other senders, ids it does not wait for, and an answer given twice.
#[test]
fn attack_30_callback_spoofing() {
    let mut world = World::new();
    let project = world.project(policy());
    let consumer = consumer(&mut world);
    let request = ask(&mut world, &consumer, project);
    let spoof = |request| {
        ExampleMsg::GatewayResult(GatewayResult {
            request,
            project,
            version: Version(1),
            resolution: Resolution::Expired {},
        })
    };
    let (bob, gateway) = (world.bob.clone(), world.gateway.clone());
    let send = |world: &mut World, from: &Addr, request| {
        let error = world.app.execute_contract(from.clone(), consumer.clone(), &spoof(request), &[]);
        error.unwrap_err().root_cause().to_string()
    };
    assert_eq!(send(&mut world, &bob, request), "only the gateway may call back");
    assert_eq!(send(&mut world, &gateway, RequestId(99)), "no request 99 is waited for");
    world.block();
    world.tick();
    world.publish(vec![world.publication(request, "3")]);
    assert_eq!(send(&mut world, &gateway, request), format!("no request {request} is waited for"));
}

/// A consumer that fails, with a long error, harms neither its result nor the others of the batch; it may be tried
/// three times more, by anybody.
#[test]
fn attack_29_failing_callback_and_retries() {
    let mut world = World::new();
    let project = world.project(policy());
    let rogue = Rogue::new(&mut world);
    rogue.behave(&mut world, true, None);
    let (bad, good) = (rogue.ask(&mut world, project), world.request(project));
    world.block();
    world.tick();
    world.publish(vec![world.publication(bad, "3"), world.publication(good, "4")]);
    assert_eq!(world.status(good), RequestStatus::Fulfilled);
    let tries = |world: &World| match callback(world, bad) {
        CallbackStatus::Failed { tries, error } => {
            assert!(!error.is_empty() && error.len() <= 256);
            tries
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(tries(&world), 1);
    let (bob, retry) = (world.bob.clone(), ExecuteMsg::RetryCallback { request: bad });
    world.send(&bob, &retry, 0).unwrap();
    world.send(&bob, &retry, 0).unwrap();
    assert_eq!(tries(&world), 3);
    rogue.behave(&mut world, false, None);
    world.send(&bob, &retry, 0).unwrap();
    assert_eq!(callback(&world, bad), CallbackStatus::Delivered {});
    assert_eq!(world.send(&bob, &retry, 0).unwrap_err(), ContractError::NotRetriable {});
}

#[test]
fn a_callback_is_tried_four_times_at_most() {
    let mut world = World::new();
    let project = world.project(policy());
    let rogue = Rogue::new(&mut world);
    rogue.behave(&mut world, true, None);
    let request = rogue.ask(&mut world, project);
    let (bob, retry) = (world.bob.clone(), ExecuteMsg::RetryCallback { request });
    assert_eq!(world.send(&bob, &retry, 0).unwrap_err(), ContractError::NotRetriable {});
    world.blocks(TTL + 1);
    world.send(&bob, &ExecuteMsg::Expire { limit: None }, 0).unwrap();
    for _ in 0..3 {
        world.send(&bob, &retry, 0).unwrap();
    }
    assert_eq!(world.send(&bob, &retry, 0).unwrap_err(), ContractError::NotRetriable {});
    let unknown = RequestId(99);
    assert_eq!(
        world.send(&bob, &ExecuteMsg::RetryCallback { request: unknown }, 0).unwrap_err(),
        ContractError::UnknownRequest { request: unknown }
    );
}

/// A consumer that calls in again while it is being called finds everything already written.
#[test]
fn attack_29_reentrant_callback() {
    let mut world = World::new();
    let project = world.project(policy());
    let rogue = Rogue::new(&mut world);
    let request = rogue.ask(&mut world, project);
    world.block();
    world.tick();
    let publication = world.publication(request, "3");
    rogue.behave(&mut world, false, Some(ExecuteMsg::Publish { publications: vec![publication.clone()] }));
    let events = world.publish(vec![publication]);
    let fulfilled = events.iter().filter(|e| matches!(e, GatewayEvent::RequestFulfilled(_))).count();
    let refused = events
        .iter()
        .filter(|e| matches!(e, GatewayEvent::PublicationRefused(e) if e.reason == "closed"))
        .count();
    assert_eq!((fulfilled, refused), (1, 1), "{events:?}");
    assert_eq!(callback(&world, request), CallbackStatus::Delivered {});

    // Retrying, claiming or expiring from inside gains nothing either.
    for inside in [
        ExecuteMsg::RetryCallback { request: RequestId(2) },
        ExecuteMsg::Claim {},
        ExecuteMsg::Expire { limit: None },
    ] {
        let request = rogue.ask(&mut world, project);
        world.block();
        world.tick();
        let before = world.balance(&rogue.address);
        rogue.behave(&mut world, false, Some(inside));
        let publication = world.publication(request, "3");
        world.publish(vec![publication]);
        assert_eq!(world.status(request), RequestStatus::Fulfilled);
        assert_eq!(world.balance(&rogue.address), before);
        world.check_conservation();
    }
}
