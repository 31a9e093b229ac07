//! The follower against a chain that is unreachable, reports too low a height, and prunes.

use super::*;
use crate::testing::{FakeChain, Fault};

async fn heights(follower: &mut Follower, count: usize) -> Vec<u64> {
    let cancel = CancellationToken::new();
    let mut heights = Vec::new();
    for _ in 0..count {
        heights.push(follower.next(&cancel).await.expect("block").height);
    }
    heights
}

fn chain(blocks: u64) -> Arc<FakeChain> {
    let chain = Arc::new(FakeChain::new());
    while chain.commit() < blocks {}
    chain
}

#[tokio::test(start_paused = true)]
async fn catches_up_and_then_follows_the_notifier() {
    let chain = chain(5);
    let (block_signal, block_notifier) = BlockNotifier::manual();
    let mut follower = Follower::new(chain.clone(), block_notifier, 2);
    assert_eq!(heights(&mut follower, 4).await, [2, 3, 4, 5]);
    assert_eq!(follower.lag(), 0);
    chain.commit();
    // The signal is one block late: the missing blocks are delivered nevertheless.
    let height = chain.commit();
    block_signal.notify(height);
    assert_eq!(heights(&mut follower, 2).await, [6, 7]);
}

#[tokio::test(start_paused = true)]
async fn polls_when_the_notifier_is_silent_or_gone() {
    for block_notifier in [BlockNotifier::silent(), BlockNotifier::manual().1] {
        let chain = chain(2);
        let mut follower = Follower::new(chain.clone(), block_notifier, 0);
        assert_eq!(heights(&mut follower, 2).await, [1, 2]);
        chain.commit();
        assert_eq!(heights(&mut follower, 1).await, [3]);
    }
}

#[tokio::test(start_paused = true)]
async fn faults_and_signals_from_the_future_delay_but_never_skip() {
    let chain = chain(3);
    chain.fault([Fault::Away, Fault::LostReply, Fault::Fine, Fault::Away, Fault::LostReply]);
    let (block_signal, block_notifier) = BlockNotifier::manual();
    block_signal.notify(6);
    let mut follower = Follower::new(chain.clone(), block_notifier, 1);
    assert_eq!(heights(&mut follower, 3).await, [1, 2, 3]);
    let cancel = CancellationToken::new();
    let (next, ()) = tokio::join!(follower.next(&cancel), async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        chain.commit();
    });
    assert_eq!(next.expect("block").height, 4);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_loses_nothing() {
    let chain = chain(3);
    let mut follower = Follower::new(chain, BlockNotifier::silent(), 1);
    let cancel = CancellationToken::new();
    for _ in 0..5 {
        let mut next = Box::pin(follower.next(&cancel));
        assert!(futures::poll!(&mut next).is_pending());
        drop(next);
    }
    assert_eq!(heights(&mut follower, 3).await, [1, 2, 3]);
    cancel.cancel();
    assert_eq!(follower.next(&cancel).await, Err(ChainError::Cancelled));
}

#[tokio::test(start_paused = true)]
async fn pruned_blocks_are_reported_and_left_to_the_caller() {
    let chain = chain(9);
    chain.prune_below(6);
    let mut follower = Follower::new(chain, BlockNotifier::silent(), 2);
    let cancel = CancellationToken::new();
    for _ in 0..2 {
        let error = follower.next(&cancel).await.expect_err("pruned");
        assert_eq!(error, ChainError::Pruned { height: 2, earliest: 6 });
    }
    follower.resume_at(6);
    assert_eq!(heights(&mut follower, 4).await, [6, 7, 8, 9]);
}
