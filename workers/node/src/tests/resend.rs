//! An accepted attestation without a result is resent: late enough, with the same bytes, once per attempt.

use gateway_api::Policy;
use gateway_chain::outbox::ItemState;
use gateway_store::JobState;

use super::fixture::{DEAD, MANY, Relay, Vm, World, attestation, blocks, seats};

/// Nodes of a committee resend within so many blocks.
const SPREAD: u64 = 4;

fn ask(world: &World, id: u64) {
    world.open(id, Policy::default());
    world.chain.draw();
    world.chain.commit();
}

#[tokio::test]
async fn a_relay_that_never_publishes_is_bypassed() {
    let mut world = World::new();
    world.overdue_blocks = 8;
    let relay = Relay::start(0).await;
    let node = world.start_funded(Vm::new([], 9), vec![relay.url.clone()], 1).await;
    ask(&world, 1);
    node.job(1, JobState::Sent).await;
    blocks(&world, &node, 7).await;
    assert_eq!((node.item(1).await, relay.count()), (None, 1));
    blocks(&world, &node, SPREAD).await;
    node.until_item(1, ItemState::Signed, || ()).await;
    node.until_item(1, ItemState::Done, || _ = world.chain.commit()).await;
    let calls = relay.calls(2).await;
    assert_eq!(calls[0], calls[1]);
    blocks(&world, &node, 8).await;
    let job = node.job(1, JobState::Sent).await;
    assert_eq!(world.attested(), [attestation(job, 2)]);
    assert_eq!(relay.count(), 2);
    node.stop().await;
}

#[tokio::test]
async fn an_ended_request_is_not_resent() {
    let mut world = World::new();
    world.overdue_blocks = 2;
    let relay = Relay::start(0).await;
    let node = world.start_funded(Vm::new([], 9), vec![relay.url.clone()], 1).await;
    ask(&world, 1);
    node.job(1, JobState::Sent).await;
    world.fulfil(1);
    blocks(&world, &node, 1).await;
    node.job(1, JobState::Answered).await;
    // The same node does resend one that has not.
    ask(&world, 2);
    node.job(2, JobState::Sent).await;
    blocks(&world, &node, 2 + SPREAD).await;
    node.until_item(2, ItemState::Signed, || ()).await;
    assert_eq!(node.item(1).await, None);
    let resent: Vec<u64> = relay.calls(3).await.iter().map(|message| message.request.get()).collect();
    assert_eq!(resent, [1, 2, 2]);
    node.stop().await;
}

#[tokio::test]
async fn without_an_account_every_relay_gets_a_resend() {
    let mut world = World::new();
    world.overdue_blocks = 8;
    let relay = Relay::start(0).await;
    let node = world.start(Vm::new([], 9), vec![DEAD.to_owned(), relay.url.clone()]).await;
    ask(&world, 1);
    node.job(1, JobState::Sent).await;
    blocks(&world, &node, 8 + SPREAD).await;
    relay.calls(2).await;
    blocks(&world, &node, 8).await;
    assert_eq!((relay.count(), node.item(1).await), (2, None));
    node.stop().await;
}

#[tokio::test]
async fn a_kept_attestation_is_resent_if_a_later_attempt_adds_seats() {
    let world = World::among(MANY);
    let node = world.start_funded(Vm::new([], 9), vec![DEAD.to_owned()], 1).await;
    world.open(1, Policy::default());
    world.chain.draw_where(|seed| {
        let [first, second, third] = seats(seed, 1, 400);
        0 < first && first < second && second == third
    });
    world.chain.commit();
    node.reason(1, DEAD).await;
    blocks(&world, &node, 1).await;
    node.until_item_in(1, 0, ItemState::Signed, || ()).await;
    blocks(&world, &node, 1).await;
    node.until_item_in(1, 0, ItemState::Done, || ()).await;
    let job = node.job(1, JobState::Sent).await;
    // The second attempt begins three blocks after the draw, and the nodes are spread over four more.
    let until = job.seen.draw.as_ref().unwrap().height + 3 + SPREAD;
    while node.context.height() < until {
        blocks(&world, &node, 1).await;
    }
    let later = node.until_item_after(1, 0, ItemState::Done, || _ = world.chain.commit()).await;
    // The third attempt gives it no more seats.
    blocks(&world, &node, 10).await;
    assert_eq!(world.attested(), [attestation(job.clone(), 0), attestation(job, later)]);
    node.stop().await;
}
