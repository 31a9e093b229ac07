//! The sweep of overdue requests that renews itself, by the chain's callbacks.

use cosmwasm_std::{coins, Event, Uint128};
use cw_multi_test::Executor;
use gateway_api::events::{CallbackDue, GatewayEvent, SweepChanged};
use gateway_api::*;
use gateway_contract::ContractError;

use crate::archway::{on_archway, Reservation, EVERY, FEE};
use crate::rogue::Rogue;
use crate::world::{decode, policy, settings, World, TTL};

fn world() -> (World, ProjectId) {
    let mut world = World::with_settings(on_archway());
    world.gifts = true;
    for _ in 0..5 {
        world.register_node(1);
    }
    world.activate_nodes();
    let project = world.project(policy());
    (world, project)
}

impl World {
    /// The end of a block: callbacks reserved for it are called, and never again.
    fn end_block(&mut self) -> Vec<GatewayEvent> {
        let height = self.height();
        let mut due = Vec::new();
        self.archway.0.borrow_mut().reservations.retain(|reservation| {
            let now = reservation.height == height;
            due.extend(now.then_some(reservation.job));
            !now
        });
        let mut events = Vec::new();
        for job_id in due {
            events.extend(self.sudo(&format!("{{\"callback\":{{\"job_id\":{job_id}}}}}")));
        }
        events
    }

    /// Sends a message of the chain, as the chain writes it.
    fn sudo(&mut self, message: &str) -> Vec<GatewayEvent> {
        let msg: SudoMsg = serde_json::from_str(message).unwrap();
        let called = self.app.wasm_sudo(self.gateway.clone(), &msg).unwrap();
        self.check_conservation();
        decode(&self.gateway, &called.events)
    }

    fn start_sweep(&mut self, funds: u128) -> Result<Vec<GatewayEvent>, ContractError> {
        let bob = self.bob.clone();
        let response = self.send(&bob, &ExecuteMsg::StartSweep {}, funds)?;
        Ok(self.events(&response))
    }

    fn sweep(&self) -> SweepResponse {
        self.ask(&QueryMsg::Sweep {})
    }

    fn until_called(&mut self) -> Vec<GatewayEvent> {
        self.blocks(EVERY);
        self.end_block()
    }
}

fn expired(events: &[GatewayEvent]) -> usize {
    events.iter().filter(|event| matches!(event, GatewayEvent::RequestExpired(_))).count()
}

fn status(events: &[GatewayEvent]) -> &str {
    let mut words = events.iter().rev().filter_map(|event| match event {
        GatewayEvent::SweepChanged(event) => Some(event.status.as_str()),
        _ => None,
    });
    words.next().unwrap()
}

#[test]
fn a_sweep_ends_a_few_requests_and_renews_itself_while_it_is_paid_for() {
    let (mut world, project) = world();
    for _ in 0..3 {
        world.request(project);
    }
    world.blocks(TTL);
    let height = world.height() + EVERY;
    let reserved = SweepChanged { job: 1, height, status: "reserved".to_owned() };
    assert_eq!(world.start_sweep(2 * FEE + 5).unwrap(), [GatewayEvent::SweepChanged(reserved)]);
    assert_eq!(world.archway.0.borrow().reservations, [Reservation { job: 1, height, fee: FEE }]);
    assert_eq!(world.sweep(), SweepResponse { job: 1, height: Some(height), stopped: None });
    assert_eq!(world.start_sweep(FEE).unwrap_err(), ContractError::SweepReserved { height });
    let alice = world.alice.clone();
    let before = world.balance(&alice);

    let events = world.until_called();
    assert_eq!((expired(&events), status(&events)), (2, "reserved"));
    assert_eq!(world.balance(&alice), before + 2 * world.fee(project));
    // A request is open whose fee would pay for the next one: it is not the contract's to spend.
    let open = world.request(project);
    let events = world.until_called();
    assert_eq!((expired(&events), status(&events)), (1, "nothing is left to pay for the next"));
    assert_eq!(world.sweep().height, None);
    assert_eq!(world.status(open), RequestStatus::Waiting);
    world.start_sweep(FEE).unwrap();
    assert_eq!(world.sweep().job, 3);
}

/// The chain keeps what is offered above the exact fee: it is offered exactly that, up to the cap. A reservation that the
/// chain refuses costs whoever started the sweep nothing.
#[test]
fn attack_62_funds_of_a_refused_sweep() {
    let (mut world, _) = world();
    let bob = world.bob.clone();
    let before = world.balance(&bob);
    world.archway.0.borrow_mut().surcharge = 1;
    let too_much = ContractError::ReservationFee { fee: Uint128::new(FEE + 1), cap: Uint128::new(FEE) };
    assert_eq!(world.start_sweep(2 * FEE).unwrap_err(), too_much);
    world.archway.0.borrow_mut().surcharge = 0;
    world.archway.0.borrow_mut().refuse = true;
    let refused = world.app.execute_contract(
        bob.clone(),
        world.gateway.clone(),
        &ExecuteMsg::StartSweep {},
        &coins(2 * FEE, crate::world::DENOM),
    );
    assert!(refused.unwrap_err().root_cause().to_string().contains("code: 2"));
    assert_eq!(world.balance(&bob), before);
    world.archway.0.borrow_mut().refuse = false;
    world.start_sweep(2 * FEE).unwrap();
    assert_eq!(world.balance(&bob), before - 2 * FEE);
    // More expensive the next time: the sweep stops and records why.
    world.archway.0.borrow_mut().surcharge = 1;
    assert_eq!(status(&world.until_called()), "a reservation costs 11, and may cost 10");
}

/// What the chain returns, or anybody gives, pays for sweeps too.
#[test]
fn gifts_pay_for_sweeps() {
    let (mut world, _) = world();
    world.start_sweep(FEE).unwrap();
    let (alice, gateway) = (world.alice.clone(), world.gateway.clone());
    world.app.send_tokens(alice, gateway, &coins(FEE, crate::world::DENOM)).unwrap();
    assert_eq!(status(&world.until_called()), "reserved");
    assert_eq!(status(&world.until_called()), "nothing is left to pay for the next");
}

#[test]
fn a_refused_reservation_stops_the_sweep_and_nothing_else() {
    let (mut world, project) = world();
    world.start_sweep(3 * FEE).unwrap();
    let request = world.request(project);
    world.blocks(TTL - EVERY + 1);
    world.start_sweep(FEE).unwrap();
    world.archway.0.borrow_mut().refuse = true;
    let events = world.until_called();
    assert_eq!(expired(&events), 1);
    assert!(status(&events).contains("code: 2"), "{events:?}");
    assert_eq!(world.status(request), RequestStatus::Expired);
    let SweepResponse { height, stopped, .. } = world.sweep();
    assert!(height.is_none() && stopped.unwrap().contains("code: 2"));
    world.archway.0.borrow_mut().refuse = false;
    assert_eq!(status(&world.start_sweep(FEE).unwrap()), "reserved");
}

/// The chain never calls twice: a callback that failed leaves a height that passes.
#[test]
fn a_failed_callback_may_be_started_again() {
    let (mut world, _) = world();
    world.start_sweep(FEE).unwrap();
    let height = world.sweep().height.unwrap();
    world.archway.0.borrow_mut().reservations.clear();
    world.blocks(EVERY);
    assert_eq!(world.start_sweep(FEE).unwrap_err(), ContractError::SweepReserved { height });
    world.block();
    assert_eq!(status(&world.start_sweep(FEE).unwrap()), "reserved");
    // The old job, called after all, does nothing.
    assert_eq!(world.sudo(r#"{"callback":{"job_id":1}}"#), []);
    assert_eq!(world.sweep().job, 2);
}

/// The chain's calls have no gas for a consumer's callback, and need none: it becomes due.
#[test]
fn requests_that_call_back_are_swept_like_others() {
    let (mut world, project) = world();
    let rogue = Rogue::new(&mut world);
    let request = rogue.ask(&mut world, project);
    let other = world.request(project);
    world.blocks(TTL);
    world.start_sweep(FEE).unwrap();
    let events = world.until_called();
    assert_eq!(expired(&events), 2);
    assert!(events.contains(&GatewayEvent::CallbackDue(CallbackDue { request })));
    for request in [request, other] {
        assert_eq!(world.status(request), RequestStatus::Expired);
    }
}

/// The chain omits empty fields.
#[test]
fn what_the_chain_says_failed_is_kept() {
    let (mut world, _) = world();
    assert_eq!(world.sudo(r#"{"error":{"module_name":"callback","error_message":"out of gas"}}"#), []);
    assert_eq!(world.sweep().stopped.as_deref(), Some("callback 0: out of gas"));
    world.sudo(&format!(r#"{{"error":{{"error_code":7,"error_message":"{}"}}}}"#, "x".repeat(1000)));
    let stopped = world.sweep().stopped.unwrap();
    assert!(stopped.starts_with(" 7: x") && stopped.len() <= 256, "{stopped}");
}

#[test]
fn it_is_off_where_the_settings_say_nothing_and_ends_where_they_say_so() {
    let mut plain = World::new();
    assert_eq!(plain.start_sweep(FEE).unwrap_err(), ContractError::NoArchway {});
    let (mut world, _) = world();
    let short = world.start_sweep(FEE - 1).unwrap_err();
    assert!(matches!(short, ContractError::InsufficientFunds { .. }), "{short:?}");
    world.start_sweep(3 * FEE).unwrap();
    let admin = world.admin.clone();
    world.send(&admin, &ExecuteMsg::UpdateSettings { settings: settings() }, 0).unwrap();
    assert_eq!(status(&world.until_called()), "the settings have no archway");
    assert_eq!(world.sweep().height, None);
}

#[test]
fn a_sweep_is_bounded() {
    let mut world = World::empty();
    let admin = world.admin.clone();
    let with = |sweep_blocks, sweep_requests, fee: u128| {
        let reservation_fee = Uint128::new(fee);
        let archway = ArchwaySettings { sweep_blocks, sweep_requests, reservation_fee, tick_fee: None };
        let archway = Some(archway);
        ExecuteMsg::UpdateSettings { settings: Settings { archway, ..settings() } }
    };
    for msg in [with(0, 1, 1), with(100_001, 1, 1), with(1, 0, 1), with(1, 11, 1), with(1, 1, u128::MAX)] {
        let refused = world.send(&admin, &msg, 0).unwrap_err();
        assert!(matches!(&refused, ContractError::InvalidSettings(e) if e.field == "archway"), "{refused:?}");
    }
    world.send(&admin, &with(1, 10, 0), 0).unwrap();
}

/// Nobody but the chain reaches the entry point: a transaction has no message for it.
#[test]
fn a_callback_is_no_message() {
    let words = r#"{"callback":{"job_id":1}}"#;
    assert!(serde_json::from_str::<ExecuteMsg>(words).is_err());
    let event: Event = SweepChanged { job: 1, height: 2, status: "reserved".to_owned() }.into();
    assert_eq!(event.ty, "gateway-sweep-changed");
}
