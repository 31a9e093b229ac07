//! A key that another process also attests with.

use gateway_api::Policy;
use gateway_store::JobState;

use super::fixture::{NODE, Relay, Vm, World};

#[tokio::test]
async fn in_a_watch_requests_are_left_and_another_process_of_the_key_is_found() {
    let mut world = World::new();
    // Seven blocks, starting with the next.
    world.watch_until = world.chain.height() + 7;
    let relay = Relay::start(0).await;
    let node = world.start(Vm::new([], 9), vec![relay.url.clone()]).await;
    for id in 1..=2 {
        world.open(id, Policy::default());
    }
    world.chain.draw();
    world.chain.commit();
    let left = node.job(1, JobState::Abstained).await;
    assert!(left.reason.unwrap().contains("another process may have answered it") && left.commit.is_none());
    node.job(2, JobState::Abstained).await;
    // A result without this key proves nothing.
    world.fulfil(1);
    world.chain.commit();
    let store = node.context.store.clone();
    world.fulfil_by_key(2);
    let height = world.chain.commit();
    let error = node.ended().await;
    assert!(error.contains(&format!("node {NODE} agreed to the result of request 2")), "{error}");
    let watch = store.cursors().get("node watch").await.unwrap();
    assert_eq!(watch, Some(height + 7), "the watch begins anew");
}

#[tokio::test]
async fn what_was_opened_before_the_watch_may_be_answered_by_the_process_before() {
    let mut world = World::new();
    world.open(1, Policy::default());
    world.chain.draw();
    let opened = world.chain.commit();
    world.watch_until = opened + 7;
    let node = world.start(Vm::new([], 9), vec![Relay::start(0).await.url.clone()]).await;
    node.job(1, JobState::Abstained).await;
    world.fulfil_by_key(1);
    let height = world.chain.commit();
    let mut news = node.context.news.subscribe();
    while news.borrow_and_update().height < height {
        news.changed().await.unwrap();
    }
    node.stop().await;
}
