//! From a request to a relay's receipt, and what keeps a node from attesting.

use gateway_api::{AgreementRule, Attempt, AttestationBytes, OutcomeClass, Policy, RequestId, Seed};
use gateway_engine::Abstention;
use gateway_protocol::{DrawnRequest, body_digest};
use gateway_store::JobState;
use gateway_testkit::DOMAIN;

use super::fixture::{Answer, MANY, NODE, Relay, Vm, World, seats, secret};

/// Returns whether this seed's draw among 400 units seats the node first at this attempt (`None`: at none).
fn seated_first(seed: &Seed, request: u64, first: Option<usize>) -> bool {
    seats(seed, request, 400).iter().position(|seats| *seats > 0) == first
}

#[tokio::test]
async fn a_request_is_drawn_run_attested_and_sent_as_the_contract_will_check_it() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.commit();
    node.job(1, JobState::Waiting).await;
    assert_eq!(vm.runs(), 0);
    world.chain.draw();
    world.chain.commit();
    let job = node.job(1, JobState::Sent).await;
    assert_eq!((job.attempt, job.seats), (Some(Attempt(0)), 8));

    let message = relay.calls(1).await.remove(0);
    assert_eq!(
        (message.request, message.class, message.body.as_str()),
        (RequestId(1), OutcomeClass::Ok, "42")
    );
    assert_eq!((message.attestation.node, message.attestation.value.as_deref()), (NODE, None));
    let seen = world.chain.request(RequestId(1));
    let proof = AttestationBytes::from_slice(&message.attestation.proof).unwrap();
    let drawn = DrawnRequest::of(DOMAIN, &seen, seen.draw.as_ref().unwrap());
    let outcome = drawn.outcome(message.engine, message.class, body_digest(&message.body));
    let key = secret().public();
    assert_eq!(drawn.verify(&key, &proof, &outcome), Ok(()));
    let commit = drawn.commitment(&key, &outcome, &proof.salt);
    assert_eq!(job.commit, Some(commit));

    let run = vm.jobs.lock().unwrap().remove(0);
    let draw = seen.draw.as_ref().unwrap();
    assert_eq!(run.now_ns, draw.time_ns);
    assert_eq!(run.seed, DOMAIN.run_seed(&draw.seed, RequestId(1), &seen.code.sha256));
    assert_eq!(run.limits.wall_ms, Policy::default().wall_ms);
    assert_eq!(run.limits.output_bytes, Policy::default().max_result_bytes);
    node.stop().await;
}

#[tokio::test]
async fn without_a_seat_nothing_is_run() {
    let world = World::among(MANY);
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    for id in 1..=3 {
        world.open(id, Policy::default());
    }
    world.chain.draw_where(|seed| seated_first(seed, 2, None));
    world.chain.commit();
    let job = node.job(2, JobState::NotSeated).await;
    assert_eq!((job.attempt, job.seats, job.message), (None, 0, None));
    node.stop().await;
    assert!(vm.jobs.lock().unwrap().iter().all(|job| job.label != "request 2"));
}

#[tokio::test]
async fn a_key_that_is_not_registered_has_no_seat() {
    let world = World::unregistered();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(1, JobState::NotSeated).await;
    assert_eq!(vm.runs(), 0);
    node.stop().await;
}

#[tokio::test]
async fn a_later_attempt_is_run_one_attempt_ahead_and_sent_when_it_begins() {
    let world = World::among(MANY);
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw_where(|seed| seated_first(seed, 1, Some(2)));
    let drawn = world.chain.commit();
    node.job(1, JobState::Seated).await;
    // Attempts last three blocks: attempt 1 begins at +3, attempt 2 at +6.
    while world.chain.commit() < drawn + 2 {}
    node.height(drawn + 2).await;
    assert_eq!(vm.runs(), 0);
    world.chain.commit();
    node.job(1, JobState::Attested).await;
    while world.chain.commit() < drawn + 5 {}
    node.height(drawn + 5).await;
    assert_eq!((vm.runs(), relay.count()), (1, 0));
    world.chain.commit();
    node.job(1, JobState::Sent).await;
    assert_eq!(relay.count(), 1);
    node.stop().await;
}

#[tokio::test]
async fn a_limit_of_the_machine_is_tried_once_more_and_then_abstained_from() {
    let world = World::new();
    let answers = [Answer::Abstain(Abstention::Network), Answer::Abstain(Abstention::Wall)];
    let (vm, relay) = (Vm::new(answers, 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    let drawn = world.chain.commit();
    node.height(drawn).await;
    vm.begun.subscribe().wait_for(|runs| *runs >= 1).await.unwrap();
    let mut news = node.context.news.subscribe();
    let job = loop {
        news.borrow_and_update();
        let job = node.context.store.jobs().get(RequestId(1)).await.unwrap().unwrap();
        if job.tries > 0 {
            break job;
        }
        news.changed().await.unwrap();
    };
    assert_eq!((job.state, job.tries), (JobState::Seated, 1));
    world.chain.commit();
    let job = node.job(1, JobState::Abstained).await;
    assert_eq!((job.tries, job.message, job.commit), (2, None, None));
    assert!(job.reason.unwrap().contains("wall"));
    assert_eq!((vm.runs(), relay.count()), (2, 0));
    node.stop().await;
}

#[tokio::test]
async fn what_another_run_cannot_cure_is_abstained_from_at_once() {
    let world = World::new();
    let (vm, relay) = (Vm::new([Answer::Abstain(Abstention::Heap)], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    assert_eq!(node.job(1, JobState::Abstained).await.tries, 1);
    node.stop().await;
}

#[tokio::test]
async fn a_request_that_ends_first_is_not_answered() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 0), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    vm.begun.subscribe().wait_for(|runs| *runs == 1).await.unwrap();
    world.fulfil(1);
    world.chain.commit();
    node.job(1, JobState::Ended).await;
    vm.permits.add_permits(1);
    // The run's place is freed only once it has finished: the second request takes it.
    world.open(2, Policy::default());
    world.chain.draw();
    world.chain.commit();
    vm.permits.add_permits(1);
    node.job(2, JobState::Sent).await;
    assert_eq!(relay.calls(1).await[0].request, RequestId(2));
    assert_eq!(node.job(1, JobState::Ended).await.message, None);
    node.stop().await;
}

#[tokio::test]
async fn a_relay_that_refuses_is_sent_the_same_bytes_again_and_one_that_takes_them_is_enough() {
    let world = World::new();
    let (busy, dead) = (Relay::start(2).await, "http://127.0.0.1:9".to_owned());
    let vm = Vm::new([], 9);
    let node = world.start(vm.clone(), vec![dead, busy.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(1, JobState::Sent).await;
    let calls = busy.calls(3).await;
    assert!(calls.iter().all(|call| *call == calls[0]));
    assert_eq!((calls.len(), vm.runs()), (3, 1));
    node.stop().await;
}

#[tokio::test]
async fn under_the_median_rule_the_decimal_is_opened() {
    let world = World::new();
    let answers = [Answer::Value("\"1234567890.123456789\""), Answer::Value("\"1e5\"")];
    let (vm, relay) = (Vm::new(answers, 9), Relay::start(0).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    let policy = Policy { rule: AgreementRule::Median { tolerance_bps: 100 }, ..Policy::default() };
    for id in [1, 2] {
        world.open(id, policy.clone());
        world.chain.draw();
        world.chain.commit();
        node.job(id, JobState::Sent).await;
    }
    let calls = relay.calls(2).await;
    assert_eq!(calls[0].body, "1234567890.123456789");
    assert_eq!(calls[0].attestation.value.as_deref(), Some("1234567890.123456789"));
    assert_eq!((calls[1].class, calls[1].attestation.value.as_deref()), (OutcomeClass::NotJson, None));
    node.stop().await;
}
