//! What must not stop a node, lose its seats or delay it: undecodable events, lists with gaps, a relay that never answers.

use std::time::Duration;

use cosmwasm_std::Event;
use gateway_api::{
    AbstentionReason, EngineId, EngineRelease, Epoch, ExecuteMsg, Policy, QueryMsg, RequestId,
};
use gateway_daemon_runtime::CancellationToken;
use gateway_engine::Abstention;
use gateway_protocol::verify_abstention;
use gateway_store::JobState;
use gateway_testkit::{DOMAIN, account};
use tokio::net::TcpListener;

use super::fixture::{Answer, NODE, OTHERS, PATIENCE, Relay, Vm, World, secret};
use crate::deliver::deliver_one;

#[tokio::test]
async fn an_event_that_cannot_be_read_is_skipped_and_the_node_goes_on() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    let before = world.chain.commit();
    node.height(before).await;
    world.chain.emit(Event::new("gateway-request-expired").add_attribute("request", "no number"));
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(1, JobState::Sent).await;
    node.stop().await;
}

/// Draws a waiting request while lists leave it out, as of a node that lags behind, and its own query too if it is `unknown`.
/// Returns the state that its job has then; afterwards it must go on.
async fn drawn_unseen(unknown: bool) -> JobState {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 0), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.commit();
    node.job(1, JobState::Waiting).await;
    let nothing = serde_json::json!({ "requests": [] });
    world.chain.script(move |query| matches!(query, QueryMsg::OpenRequests { .. }).then(|| nothing.clone()));
    world.chain.set_unknown(unknown.then_some(RequestId(1)));
    world.chain.draw();
    let drawn = world.chain.commit();
    node.height(drawn).await;
    let state = node.context.store.jobs().get(RequestId(1)).await.unwrap().unwrap().state;
    world.chain.unscript();
    world.chain.set_unknown(None);
    world.open(2, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(1, JobState::Seated).await;
    node.stop().await;
    state
}

#[tokio::test]
async fn a_list_that_leaves_an_open_request_out_does_not_end_its_job() {
    assert_ne!(drawn_unseen(false).await, JobState::Ended);
}

#[tokio::test]
async fn a_contract_state_that_lacks_an_open_request_does_not_end_its_job() {
    assert_eq!(drawn_unseen(true).await, JobState::Waiting);
}

/// Starts a relay that accepts connections and never answers.
async fn black_hole() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (format!("http://{}", listener.local_addr().unwrap()), listener)
}

#[tokio::test]
async fn a_relay_that_never_answers_does_not_delay_the_others() {
    // More than may be delivered at once.
    const REQUESTS: u64 = 60;
    let mut world = World::new();
    // A delivery that waited for the silent relay would not end while the test lasts.
    world.relay_timeout = PATIENCE * 100;
    let (vm, relay) = (Vm::new([], 1000), Relay::start(0).await);
    let (silent, _listener) = black_hole().await;
    let node = world.start(vm, vec![silent, relay.url.clone()]).await;
    for id in 1..=REQUESTS {
        world.open(id, Policy::default());
    }
    world.chain.draw();
    world.chain.commit();
    for id in 1..=REQUESTS {
        node.job(id, JobState::Sent).await;
    }
    node.stop().await;
}

#[tokio::test]
async fn an_attestation_of_a_request_that_ended_is_offered_no_more() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 10), Relay::start(u32::MAX).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    let attested = node.job(1, JobState::Attested).await;
    world.fulfil(1);
    world.chain.commit();
    node.job(1, JobState::Ended).await;
    let never = CancellationToken::new();
    let delivery = deliver_one(&node.context, attested, &never);
    let ended = tokio::time::timeout(PATIENCE, delivery).await.expect("it is given up").unwrap();
    assert!(!ended.taken);
    node.stop().await;
}

#[tokio::test]
async fn a_jailed_node_is_not_ready() {
    let world = World::new();
    let until = world.jail();
    let node = world.start(Vm::new([], 9), vec![Relay::start(0).await.url.clone()]).await;
    let jailed = async {
        while !node.health.snapshot()["node"]
            .clone()
            .is_err_and(|reason| reason.contains(&format!("height {until}")))
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), jailed).await.expect("the jail is reported");
    node.stop().await;
}

#[tokio::test]
async fn a_node_whose_jobs_fail_is_not_ready() {
    let world = World::new();
    let answers = (0..3).map(|_| Answer::Abstain(Abstention::Heap));
    let (vm, relay) = (Vm::new(answers, 9), Relay::start(0).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    for id in 1..=3 {
        world.open(id, Policy::default());
        world.chain.draw();
        world.chain.commit();
        node.job(id, JobState::Abstained).await;
    }
    let parts = node.health.snapshot();
    assert!(parts["jobs"].clone().unwrap_err().contains("the last 3 requests"), "{parts:?}");
    node.stop().await;
}

/// Requires an engine of draws from the second epoch from now on, and begins that epoch.
fn require_engine(world: &World, byte: u8) {
    let engine = EngineRelease { jitless: EngineId([byte; 32]), jit: EngineId([byte + 100; 32]) };
    let from_epoch = Epoch(world.chain.counter().epoch.get() + 2);
    let msg = ExecuteMsg::AnnounceEngine { engine, from_epoch, min_ready_bps: 0 };
    world.chain.send(&account("admin"), &msg, 0);
    world.chain.next_epoch();
    world.chain.next_epoch();
}

#[tokio::test]
async fn a_node_without_the_engine_abstains_with_its_name_and_runs_nothing() {
    let world = World::with_epochs(OTHERS, 8);
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    require_engine(&world, 6);
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(1, JobState::Abstained).await;
    let abstention = relay.abstentions(1).await.remove(0);
    assert_eq!(abstention.reason, AbstentionReason::EngineMissing);
    assert!(abstention.detail.contains(&EngineId([6; 32]).to_string()), "{}", abstention.detail);
    assert_eq!(vm.runs(), 0);
    // The engine that it has attests as before.
    require_engine(&world, 5);
    world.open(2, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(2, JobState::Sent).await;
    node.stop().await;
}

#[tokio::test]
async fn relays_receive_why_a_node_has_no_outcome() {
    let world = World::new();
    let (vm, relay) = (Vm::new([Answer::Abstain(Abstention::Heap)], 9), Relay::start(0).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(1, JobState::Abstained).await;
    let abstention = relay.abstentions(1).await.remove(0);
    assert_eq!(
        (abstention.request, abstention.node, abstention.reason),
        (RequestId(1), NODE, AbstentionReason::LimitExceeded)
    );
    assert!(abstention.detail.contains("heap"), "{}", abstention.detail);
    assert_eq!(verify_abstention(&DOMAIN, &secret().public(), &abstention), Ok(()));
    node.stop().await;
}
