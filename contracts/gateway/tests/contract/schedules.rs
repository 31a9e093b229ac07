//! Schedules: what is due is opened once, what was missed is seen, and what is not used comes back.

use cosmwasm_std::{from_json, Addr, Uint128};
use gateway_api::events::GatewayEvent;
use gateway_api::*;
use gateway_contract::ContractError;

use crate::rogue::Rogue;
use crate::world::{policy, settings, World, TTL};

const EVERY: u64 = 3;

fn every(project: ProjectId, every_blocks: u64) -> NewSchedule {
    let request = NewRequest::new(project, "[1,2]");
    NewSchedule { request, at: None, every_blocks: Some(every_blocks), until: None }
}

fn begin(
    world: &mut World,
    owner: &Addr,
    new: NewSchedule,
    budget: u128,
) -> Result<ScheduleId, ContractError> {
    let response = world.send(owner, &ExecuteMsg::Schedule(new), budget)?;
    Ok(from_json(response.data.unwrap()).unwrap())
}

fn found(world: &World, schedule: ScheduleId) -> ScheduleResponse {
    world.ask(&QueryMsg::Schedule { schedule })
}

/// What happened to schedules, in order, as texts.
fn run(world: &mut World, schedules: Option<Vec<ScheduleId>>) -> Vec<String> {
    let relay = world.relay.clone();
    let response = world.send(&relay, &ExecuteMsg::RunSchedules { limit: None, schedules }, 0).unwrap();
    world
        .events(&response)
        .iter()
        .filter_map(|event| match event {
            GatewayEvent::ScheduleFired(e) => Some(format!("fired {} {}", e.due, e.request)),
            GatewayEvent::FiringsMissed(e) => Some(format!("missed {} {} {}", e.due, e.firings, e.reason)),
            GatewayEvent::ScheduleEnded(e) => Some(format!("ended {} {}", e.reason, e.returned)),
            GatewayEvent::BountyPaid(e) => Some(format!("bounty {}", e.amount)),
            _ => None,
        })
        .collect()
}

/// Every firing is made once, however often and by however many keepers it is run; between firings nothing happens.
#[test]
fn attack_73_a_firing_doubled() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let schedule = world.schedule(&alice, project, 10 * fee);
    let first = found(&world, schedule).next;
    assert_eq!(first, world.height() + 1);
    assert!(run(&mut world, None).is_empty(), "it is not due yet");
    let mut fired = Vec::new();
    for _ in 0..7 {
        world.block();
        assert_eq!(
            world.ask::<CounterResponse>(&QueryMsg::Counter {}).next_firing,
            Some(found(&world, schedule).next)
        );
        for _ in 0..2 {
            // Named twice in one message, and sent twice in one block.
            fired.extend(run(&mut world, Some(vec![schedule, schedule])));
        }
    }
    let expected: Vec<_> =
        (0..3).map(|number| format!("fired {} {}", first + number * EVERY, number + 1)).collect();
    assert_eq!(fired, expected);
    let record = found(&world, schedule);
    assert_eq!((record.opened, record.missed, record.last), (3, 0, Some(RequestId(3))));
    assert_eq!(record.budget.u128(), 7 * fee);
    let asked: RequestResponse = world.ask(&QueryMsg::Request { request: RequestId(1) });
    assert_eq!((asked.requester, asked.input.as_deref()), (alice.to_string(), Some("[1,2]")));
}

/// Where keepers were away, the latest firing is made, the others are counted and said.
#[test]
fn what_was_missed_is_seen_and_not_made_up_for() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, bob, fee) = (world.alice.clone(), world.bob.clone(), world.fee(project));
    let schedule = world.schedule(&alice, project, 10 * fee);
    let first = found(&world, schedule).next;
    world.blocks(1 + 2 * EVERY + 1);
    let (second, third) = (first, first + 2 * EVERY);
    assert_eq!(run(&mut world, None), [format!("missed {second} 2 late"), format!("fired {third} 1")]);
    let access = |paused| ExecuteMsg::SetAccess { project, requesters: Requesters::Anyone {}, paused };
    world.send(&bob, &access(true), 0).unwrap();
    world.blocks(EVERY);
    let refused = run(&mut world, None);
    assert!(refused[0].starts_with(&format!("missed {} 1 ", third + EVERY)), "{refused:?}");
    world.send(&bob, &access(false), 0).unwrap();
    world.blocks(EVERY);
    assert_eq!(run(&mut world, None), [format!("fired {} 2", third + 2 * EVERY)]);
    let record = found(&world, schedule);
    assert_eq!((record.opened, record.missed), (2, 3));
    assert_eq!(record.budget.u128(), 8 * fee);
}

/// What requests do not use comes back to the budget while the schedule lives, to its owner afterwards; what is left of the
/// budget comes with the cancellation, or is claimable at its end.
#[test]
fn an_unused_budget_returns() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, bob, relay) = (world.alice.clone(), world.bob.clone(), world.relay.clone());
    let fee = world.fee(project);
    let before = world.balance(&alice);
    let schedule = world.schedule(&alice, project, 2 * fee);
    world.block();
    run(&mut world, None);
    assert_eq!(found(&world, schedule).budget.u128(), fee);
    world.send(&bob, &ExecuteMsg::FundSchedule { schedule }, fee).unwrap();
    world.blocks(TTL + 1);
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(found(&world, schedule).budget.u128(), 3 * fee);
    run(&mut world, None);
    let cancel = ExecuteMsg::CancelSchedule { schedule };
    assert!(matches!(world.send(&bob, &cancel, 0), Err(ContractError::Unauthorized { .. })));
    world.send(&alice, &cancel, 0).unwrap();
    assert_eq!(world.balance(&alice), before);
    assert_eq!(world.send(&alice, &cancel, 0).unwrap_err(), ContractError::UnknownSchedule { schedule });
    // The request that it had opened goes on, and its refund to the owner.
    world.blocks(TTL + 1);
    world.send(&bob, &ExecuteMsg::Expire { limit: None, requests: None }, 0).unwrap();
    assert_eq!(world.balance(&alice), before + fee);

    // Its last firing ends one with an end.
    let until = Some(world.height() + 2 + EVERY);
    let new = NewSchedule { until, ..every(project, EVERY) };
    let schedule = begin(&mut world, &alice, new, 5 * fee).unwrap();
    world.block();
    run(&mut world, None);
    world.blocks(EVERY);
    let ended = run(&mut world, None);
    assert_eq!(ended[1], format!("ended done {}", 3 * fee));
    assert!(world.refused(&QueryMsg::Schedule { schedule }).contains("no schedule"));
    world.send(&relay, &ExecuteMsg::Claim { r#for: Some(alice.to_string()) }, 0).unwrap();
    // Two requests are still open.
    assert_eq!(world.balance(&alice), before + fee - 2 * fee);
    let page = QueryMsg::Schedules { start_after: None, limit: None };
    assert!(world.ask::<SchedulesResponse>(&page).schedules.is_empty());
}

/// One that fires once has ended with it. Above its end nothing is made any more, and a budget that cannot pay ends it: nothing
/// stays in the keepers' queue that nobody pays for.
#[test]
fn attack_74_a_queue_full_of_what_nobody_pays_for() {
    let bounty = 4;
    let mut world =
        World::with_settings(Settings { schedule_bounty: Some(Uint128::new(bounty)), ..settings() });
    for _ in 0..5 {
        world.register_node(1);
    }
    world.activate_nodes();
    let project = world.project(policy());
    let (alice, bob, fee) = (world.alice.clone(), world.bob.clone(), world.fee(project));
    let once = NewSchedule { every_blocks: None, ..every(project, 1) };
    let needed = fee + bounty;
    let sent = begin(&mut world, &alice, once.clone(), needed - 1).unwrap_err();
    assert!(matches!(sent, ContractError::InsufficientFunds { .. }), "{sent:?}");
    begin(&mut world, &alice, once.clone(), needed).unwrap();
    world.block();
    let first = world.height();
    assert_eq!(
        run(&mut world, None),
        ["bounty 4".to_owned(), format!("fired {first} 1"), "ended done 0".to_owned()]
    );
    let late = NewSchedule { until: Some(world.height() + 1), ..once };
    begin(&mut world, &alice, late, needed).unwrap();
    world.blocks(2);
    let missed = world.height() - 1;
    let expected = ["bounty 4".to_owned(), format!("missed {missed} 1 late"), format!("ended done {fee}")];
    assert_eq!(run(&mut world, None), expected);
    // The second firing finds the budget empty.
    world.schedule(&alice, project, needed + bounty + fee - 1);
    world.block();
    run(&mut world, None);
    world.blocks(EVERY);
    let ended = run(&mut world, None);
    assert_eq!(ended.last().unwrap().split(' ').next(), Some("ended"), "{ended:?}");
    world.blocks(10 * EVERY);
    assert!(run(&mut world, None).is_empty());
    let relay = world.relay.clone();
    assert_eq!(world.rewards(&relay), 4 * bounty);

    // A subscription pays for firings and bounties within its consumer's limits, and nobody else's schedule.
    let consumers = vec![SubscriptionConsumer {
        address: alice.to_string(),
        projects: vec![project],
        max_fee: None,
        allowance: Some((needed + fee).into()),
    }];
    world.send(&bob, &ExecuteMsg::Subscribe { consumers }, 10 * needed).unwrap();
    let mut paid = every(project, EVERY);
    paid.request.subscription = Some(SubscriptionId(1));
    assert_eq!(begin(&mut world, &bob, paid.clone(), 0).unwrap_err(), ContractError::NotAConsumer {});
    assert_eq!(begin(&mut world, &alice, paid.clone(), 1).unwrap_err(), ContractError::PaidBySubscription {});
    let schedule = begin(&mut world, &alice, paid, 0).unwrap();
    assert_eq!(
        world.send(&alice, &ExecuteMsg::FundSchedule { schedule }, 1).unwrap_err(),
        ContractError::PaidBySubscription {}
    );
    world.block();
    assert_eq!(run(&mut world, None).len(), 2);
    let left: SubscriptionResponse = world.ask(&QueryMsg::Subscription { subscription: SubscriptionId(1) });
    assert_eq!(left.balance.u128(), 9 * needed);
    world.blocks(EVERY);
    let ended = run(&mut world, None);
    assert!(ended.last().unwrap().contains("allowance"), "{ended:?}");
}

/// A contract has itself called back, periodically, with the schedule's id.
#[test]
fn a_scheduled_request_calls_its_owner_back() {
    let mut world = World::new();
    let project = world.project(policy());
    let rogue = Rogue::new(&mut world);
    let fee: FeeResponse = world.ask(&QueryMsg::EstimateFee {
        project,
        overrides: None,
        callback: Some(CallbackRequest { gas_limit: None }),
    });
    let mut new = every(project, EVERY);
    new.request.callback = Some(CallbackRequest { gas_limit: None });
    let owner = rogue.address.clone();
    begin(&mut world, &owner, new.clone(), 2 * fee.total.u128()).unwrap();
    let alice = world.alice.clone();
    begin(&mut world, &alice, new, 2 * fee.total.u128()).unwrap();
    world.block();
    let fired = run(&mut world, None);
    assert!(fired[0].starts_with("fired") && fired[1].starts_with("missed"), "{fired:?}");
    world.block();
    world.tick();
    assert_eq!(world.verdict(world.publication(RequestId(1), "3")), None);
    let result: ResultResponse = world.ask(&QueryMsg::Result { request: RequestId(1) });
    assert_eq!(result.callback, CallbackStatus::Delivered {});
}

#[test]
fn what_is_outside_its_bounds_is_refused() {
    let mut world = World::new();
    let project = world.project(policy());
    let (alice, fee) = (world.alice.clone(), world.fee(project));
    let good = every(project, EVERY);
    let height = world.height();
    let mut refunding = good.clone();
    refunding.request.refund_to = Some(alice.to_string());
    for new in [
        NewSchedule { at: Some(height), ..good.clone() },
        NewSchedule { at: Some(height + 2 + limits::MAX_SCHEDULE_BLOCKS), ..good.clone() },
        NewSchedule { every_blocks: Some(0), ..good.clone() },
        NewSchedule { every_blocks: Some(limits::MAX_SCHEDULE_BLOCKS + 1), ..good.clone() },
        NewSchedule { until: Some(height), ..good.clone() },
        refunding,
    ] {
        let refused = begin(&mut world, &alice, new.clone(), fee).unwrap_err();
        assert!(matches!(refused, ContractError::InvalidSchedule { .. }), "{new:?}: {refused:?}");
    }
    let mut large = good.clone();
    large.request.input = "1".repeat(limits::MAX_INPUT_BYTES as usize + 1);
    assert!(matches!(begin(&mut world, &alice, large, fee), Err(ContractError::InputSize { .. })));
    let mut unknown = good.clone();
    unknown.request.project = ProjectId(99);
    assert!(matches!(begin(&mut world, &alice, unknown, fee), Err(ContractError::UnknownProject { .. })));
    for (limit, schedules) in [(Some(0), None), (Some(101), None), (None, Some(vec![]))] {
        let refused = world.send(&alice, &ExecuteMsg::RunSchedules { limit, schedules }, 0);
        assert_eq!(refused.unwrap_err(), ContractError::Limit { max: 100 });
    }
}
