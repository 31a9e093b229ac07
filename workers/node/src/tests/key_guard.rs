//! A key that another process attests with too.

use gateway_api::{Policy, Seed};
use gateway_store::JobState;

use super::fixture::{Relay, Vm, World};

#[tokio::test]
async fn in_a_watch_requests_are_left_and_another_process_of_the_key_is_found() {
    let mut world = World::new();
    // Seven blocks that began with the first.
    world.watch_until = 8;
    let relay = Relay::start(0).await;
    let node = world.start(Vm::new([], 9), vec![relay.url.clone()]).await;
    for id in 1..=2 {
        world.chain.open(id, Policy::default());
    }
    world.chain.draw(Seed([9; 32]), 5);
    world.chain.commit();
    let left = node.job(1, JobState::Abstained).await;
    assert!(left.reason.unwrap().contains("another process may have answered it") && left.commit.is_none());
    node.job(2, JobState::Abstained).await;
    // A result without this key says nothing.
    world.chain.fulfil(1);
    world.chain.commit();
    let store = node.context.store.clone();
    world.chain.fulfil_by_key(2);
    let height = world.chain.commit();
    let error = node.ended().await;
    assert!(error.contains("node 3 agreed to the result of request 2"), "{error}");
    let watch = store.cursors().get("node watch").await.unwrap();
    assert_eq!(watch, Some(height + 7), "the watch begins anew");
}

#[tokio::test]
async fn what_was_opened_before_the_watch_may_be_answered_by_the_process_before() {
    let mut world = World::new();
    world.chain.open(1, Policy::default());
    world.chain.draw(Seed([9; 32]), 5);
    let opened = world.chain.commit();
    world.watch_until = opened + 7;
    let node = world.start(Vm::new([], 9), vec![Relay::start(0).await.url.clone()]).await;
    node.job(1, JobState::Abstained).await;
    world.chain.fulfil_by_key(1);
    let height = world.chain.commit();
    let mut news = node.context.news.subscribe();
    while news.borrow_and_update().height < height {
        news.changed().await.unwrap();
    }
    node.stop().await;
}
