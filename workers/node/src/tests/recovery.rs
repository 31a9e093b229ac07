//! Stopped at any point, a node resumes where it was: nothing is lost, nothing attested twice.

use gateway_api::{Policy, RequestId};
use gateway_store::JobState;

use super::fixture::{Answer, Relay, Vm, World};

#[tokio::test]
async fn what_was_attested_before_a_stop_is_sent_after_it_as_it_was() {
    let world = World::new();
    let first = Vm::new([Answer::Value("1")], 9);
    let node = world.start(first.clone(), vec!["http://127.0.0.1:9".to_owned()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    let attested = node.job(1, JobState::Attested).await;
    node.stop().await;

    let (second, relay) = (Vm::new([Answer::Value("2")], 9), Relay::start(0).await);
    let node = world.start(second.clone(), vec![relay.url.clone()]).await;
    let sent = node.job(1, JobState::Sent).await;
    assert_eq!(relay.calls(1).await[0].body, "1");
    assert_eq!((sent.commit, sent.message), (attested.commit, attested.message));
    assert_eq!((first.runs(), second.runs()), (1, 0));
    node.stop().await;
}

#[tokio::test]
async fn a_run_cut_off_by_a_stop_begins_again() {
    let world = World::new();
    let (stuck, relay) = (Vm::new([], 0), Relay::start(0).await);
    let node = world.start(stuck.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    stuck.begun.subscribe().wait_for(|runs| *runs == 1).await.unwrap();
    node.stop().await;

    let vm = Vm::new([], 9);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    node.job(1, JobState::Sent).await;
    assert_eq!((vm.runs(), relay.count()), (1, 1));
    node.stop().await;
}

#[tokio::test]
async fn blocks_made_while_the_node_was_down_are_worked_off() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    let seen = world.chain.commit();
    node.height(seen).await;
    node.stop().await;
    world.chain.draw();
    world.chain.commit();
    world.open(2, Policy::default());
    world.chain.commit();
    world.fulfil(1);
    world.chain.commit();
    world.chain.draw();
    let newest = world.chain.commit();

    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    node.job(1, JobState::Ended).await;
    node.job(2, JobState::Sent).await;
    assert_eq!(vm.runs(), 1);
    node.height(newest).await;
    node.stop().await;
}

#[tokio::test]
async fn pruned_blocks_are_recovered_from_the_contracts_state() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    let seen = world.chain.commit();
    node.job(1, JobState::Waiting).await;
    node.height(seen).await;
    node.stop().await;
    for id in 2..=4 {
        world.open(id, Policy::default());
    }
    world.chain.draw();
    world.chain.commit();
    world.fulfil(1);
    world.chain.commit();
    let newest = world.chain.commit();
    world.chain.prune_below(newest);

    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    for id in 2..=4 {
        node.job(id, JobState::Sent).await;
    }
    node.job(1, JobState::Ended).await;
    // From there on it follows block by block.
    world.open(5, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(5, JobState::Sent).await;
    node.stop().await;
}

#[tokio::test]
async fn a_chain_that_does_not_answer_is_asked_again_before_the_cursor_moves() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    let before = world.chain.commit();
    node.height(before).await;
    world.chain.fail_queries(3);
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    node.job(1, JobState::Sent).await;
    let cursor = node.context.store.cursors().get("node").await.unwrap();
    // The round's block has no effects of its own if the request's was read only after it.
    assert!([before + 1, before + 2].map(Some).contains(&cursor), "{cursor:?}");
    node.stop().await;
}

#[tokio::test]
async fn the_cursor_follows_blocks_without_effects_at_intervals() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    let cursor = async || node.context.store.cursors().get("node").await.unwrap();
    let mut kept = world.chain.commit();
    while !kept.is_multiple_of(16) {
        kept = world.chain.commit();
    }
    node.height(kept).await;
    assert_eq!(cursor().await, Some(kept));
    node.height(world.chain.commit()).await;
    assert_eq!(cursor().await, Some(kept), "nothing happened in the block after it");
    world.open(1, Policy::default());
    let opened = world.chain.commit();
    node.height(opened).await;
    assert_eq!(cursor().await, Some(opened), "what a block did is stored with its height");
    node.stop().await;
}

/// The database refuses a second attestation even to a node that would make one.
#[tokio::test]
async fn a_stored_attestation_never_changes() {
    let world = World::new();
    let (vm, relay) = (Vm::new([], 9), Relay::start(0).await);
    let node = world.start(vm, vec![relay.url.clone()]).await;
    world.open(1, Policy::default());
    world.chain.draw();
    world.chain.commit();
    let sent = node.job(1, JobState::Sent).await;
    let mut other = sent.clone();
    other.commit = Some(gateway_api::Commit([1; 32]));
    other.message.as_mut().unwrap().body = "43".to_owned();
    let work = node.context.store.begin().await.unwrap();
    work.jobs().put(&other).await.unwrap();
    work.commit().await.unwrap();
    let kept = node.context.store.jobs().get(RequestId(1)).await.unwrap().unwrap();
    assert_eq!((kept.commit, kept.message), (sent.commit, sent.message));
    node.stop().await;
}

/// Killed repeatedly at any await point, with a VM that gives a different answer each time, a node sends exactly one answer to
/// each request.
#[tokio::test]
async fn killed_at_any_instant_it_attests_every_request_once_with_the_same_bytes() {
    const REQUESTS: u64 = 12;
    const KILLS: u64 = 24;
    let world = World::new();
    // The relay refuses now and then, so that kills also fall between two deliveries of one message.
    let relay = Relay::start(KILLS as u32).await;
    let answers = (0..REQUESTS * (KILLS + 1)).map(|n| Answer::Value(n.to_string().leak()));
    let vm = Vm::new(answers, 10_000);
    for kill in 0..KILLS {
        if kill < REQUESTS {
            world.open(kill + 1, Policy::default());
        }
        world.chain.draw();
        world.chain.commit();
        let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
        for _ in 0..kill * 40 {
            tokio::task::yield_now().await;
        }
        node.kill().await;
    }
    let node = world.start(vm.clone(), vec![relay.url.clone()]).await;
    let mut said = std::collections::BTreeMap::new();
    for id in 1..=REQUESTS {
        let job = node.job(id, JobState::Sent).await;
        said.insert(RequestId(id), job.message.unwrap());
    }
    node.stop().await;
    let calls = relay.calls(REQUESTS as usize).await;
    for call in &calls {
        assert_eq!(Some(call), said.get(&call.request), "request {} was answered in two ways", call.request);
    }
    let requests: std::collections::BTreeSet<RequestId> = calls.iter().map(|call| call.request).collect();
    assert_eq!(requests.len() as u64, REQUESTS);
}
