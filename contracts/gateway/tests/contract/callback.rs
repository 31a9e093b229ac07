//! Calling consumers back: the example contract, and consumers that misbehave.

use consumer_example::contract as example;
use consumer_example::msg::{
    AnswerResponse, ExecuteMsg as ExampleMsg, LatestResponse, QueryMsg as ExampleQuery,
};
use cosmwasm_std::{Addr, Uint128};
use cw_multi_test::{ContractWrapper, Executor};
use gateway_api::events::{CallbackDue, GatewayEvent};
use gateway_api::*;
use gateway_contract::ContractError;

use crate::rogue::Rogue;
use crate::world::{code, policy, rich, World, TTL};

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
    let max_fee = Uint128::new(world.fee(project));
    let allow = ExampleMsg::Allow { project, code: Some(code().sha256), max_fee };
    world.app.execute_contract(alice.clone(), consumer.clone(), &allow, &[]).unwrap();
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
fn a_consumer_is_called_back_on_expiry_and_refunded() {
    let mut world = World::new();
    let project = world.project(policy());
    let consumer = consumer(&mut world);
    let before = world.balance(&consumer);
    let request = ask(&mut world, &consumer, project);
    world.blocks(TTL + 1);
    let bob = world.bob.clone();
    let expired = world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    let due = GatewayEvent::CallbackDue(CallbackDue { request });
    assert!(world.events(&expired).contains(&due));
    assert_eq!(world.balance(&consumer), before, "the refund does not wait for the callback");
    assert_eq!(answer(&world, &consumer, request), None);
    let deliver = ExecuteMsg::DeliverCallback { request, gas_limit: None };
    world.send(&bob, &deliver, 0).unwrap();
    assert_eq!(answer(&world, &consumer, request), Some(Resolution::Expired {}));
    assert_eq!(world.send(&bob, &deliver, 0).unwrap_err(), ContractError::NotRetriable {});
}

#[test]
fn only_contracts_are_called_and_within_the_cap() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let with = |gas_limit| {
        let callback = Some(CallbackRequest { gas_limit });
        ExecuteMsg::Request(NewRequest { callback, ..NewRequest::new(project, "1") })
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
            code: code().sha256,
            draw: DrawClass::Normal,
            schedule: None,
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

/// A consumer that fails, with a long error, harms neither its result nor the others of the batch.
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
    let (bob, retry) = (world.bob.clone(), ExecuteMsg::DeliverCallback { request: bad, gas_limit: None });
    world.blocks(limits::CALLBACK_COOLDOWN_BLOCKS);
    world.send(&bob, &retry, 0).unwrap();
    assert_eq!(tries(&world), 2);
    rogue.behave(&mut world, false, None);
    world.blocks(limits::CALLBACK_COOLDOWN_BLOCKS);
    world.send(&bob, &retry, 0).unwrap();
    assert_eq!(callback(&world, bad), CallbackStatus::Delivered {});
    assert_eq!(world.send(&bob, &retry, 0).unwrap_err(), ContractError::NotRetriable {});
}

/// Others cannot use up the retries in one block, and once they have used theirs the requester still has its own.
#[test]
fn attack_58_retries_burned_by_others() {
    let mut world = World::new();
    let project = world.project(policy());
    let rogue = Rogue::new(&mut world);
    rogue.behave(&mut world, true, None);
    let request = rogue.ask(&mut world, project);
    let (bob, retry) = (world.bob.clone(), ExecuteMsg::DeliverCallback { request, gas_limit: None });
    assert_eq!(world.send(&bob, &retry, 0).unwrap_err(), ContractError::NotRetriable {});
    world.blocks(TTL + 1);
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    world.send(&bob, &retry, 0).unwrap();
    for _ in 0..3 {
        let from = world.height() + limits::CALLBACK_COOLDOWN_BLOCKS;
        assert_eq!(world.send(&bob, &retry, 0).unwrap_err(), ContractError::RetryTooSoon { from });
        world.blocks(limits::CALLBACK_COOLDOWN_BLOCKS);
        world.send(&bob, &retry, 0).unwrap();
    }
    world.blocks(limits::CALLBACK_COOLDOWN_BLOCKS);
    assert_eq!(world.send(&bob, &retry, 0).unwrap_err(), ContractError::NotRetriable {});

    let more = |gas_limit| ExecuteMsg::DeliverCallback { request, gas_limit };
    let refused = world.send(&bob, &more(Some(1_500_000)), 0).unwrap_err();
    assert!(matches!(refused, ContractError::Unauthorized { .. }), "{refused:?}");
    let requester = rogue.address.clone();
    for gas in [0, 1_500_001] {
        let refused = world.send(&requester, &more(Some(gas)), 0).unwrap_err();
        assert_eq!(refused, ContractError::CallbackGas { max: 1_500_000 });
    }
    world.send(&requester, &more(None), 0).unwrap();
    rogue.behave(&mut world, false, None);
    let delivered = world.send(&requester, &more(Some(1_500_000)), 0).unwrap();
    let events = world.events(&delivered);
    assert!(matches!(events[..], [GatewayEvent::CallbackDelivered(_)]), "{events:?}");
    let unknown = RequestId(99);
    assert_eq!(
        world.send(&bob, &ExecuteMsg::DeliverCallback { request: unknown, gas_limit: None }, 0).unwrap_err(),
        ContractError::UnknownRequest { request: unknown }
    );
}

/// The example asks only what its owner has allowed, at the allowed price and with the allowed code: nobody makes it pay
/// for a project of theirs, and the project's owner cannot swap the code under it.
#[test]
fn attack_59_a_consumer_drained() {
    let mut world = World::new();
    let (alice, bob) = (world.alice.clone(), world.bob.clone());
    let (mine, good) =
        (world.project(Policy { price: Uint128::new(900), ..policy() }), world.project(policy()));
    let consumer = consumer(&mut world);
    let before = world.balance(&consumer);
    let send = |world: &mut World, from: &Addr, msg: ExampleMsg| {
        let sent = world.app.execute_contract(from.clone(), consumer.clone(), &msg, &[]);
        sent.map(|_| ()).map_err(|error| error.root_cause().to_string())
    };
    let ask = |project| ExampleMsg::Ask { project, input: "1".to_owned() };
    let allow = |project, max_fee: u128| ExampleMsg::Allow {
        project,
        code: Some(code().sha256),
        max_fee: Uint128::new(max_fee),
    };
    assert!(send(&mut world, &bob, ask(mine)).unwrap_err().contains("not among those"));
    assert!(send(&mut world, &bob, allow(mine, 1000)).unwrap_err().contains("only the owner"));
    let fee = world.fee(good);
    send(&mut world, &alice, allow(good, fee)).unwrap();
    // The owner raises the price, then swaps the code.
    let policy = Policy { price: Uint128::new(1), ..policy() };
    let other = CodeRef { sha256: CodeHash([8; 32]), ..code() };
    for (version, code) in [(2, code()), (3, other)] {
        let add = ExecuteMsg::AddVersion { project: good, code, policy: policy.clone() };
        world.send(&bob, &add, 0).unwrap();
        let activate = ExecuteMsg::ActivateVersion { project: good, version: Version(version) };
        world.send(&bob, &activate, 0).unwrap();
        if version == 3 {
            send(&mut world, &alice, allow(good, fee + 1)).unwrap();
        }
        let refused = send(&mut world, &bob, ask(good)).unwrap_err();
        assert!(refused.contains(if version == 2 { "above the" } else { "is active" }), "{refused}");
    }
    assert_eq!(world.balance(&consumer), before);
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
        ExecuteMsg::DeliverCallback { request: RequestId(2), gas_limit: None },
        ExecuteMsg::Claim { r#for: None },
        ExecuteMsg::Expire { limit: None, requests: None },
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
