//! A chain that is reset under a running daemon, and under one that starts.

use gateway_chain::testing::FakeChain;
use gateway_daemon_runtime::health::Health;
use gateway_http::{HttpConfig, Listen};

use super::*;
use crate::daemon::Daemon;
use crate::progress;

fn chain(height: u64) -> Arc<FakeChain> {
    let chain = FakeChain::new();
    while chain.commit() < height {}
    Arc::new(chain)
}

#[tokio::test]
async fn a_chain_that_was_reset_answers_nothing_and_says_what_to_do() {
    let fake = chain(50);
    let same = SameChain::new(fake.clone(), Memory::default());
    assert_eq!(same.status().await.unwrap().height, 50);
    fake.reset();
    // A refusal that comes from another chain is not passed on.
    let error = same.block(30).await.unwrap_err();
    assert!(matches!(error, ChainError::NotYet { .. }) && error.is_retryable(), "{error}");
    let error = same.status().await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("reset under the same id"), "{error}");
    assert!(error.to_string().contains("move its database away"), "{error}");
    for error in [
        same.block(1).await.err(),
        same.balance("archway1x", "aarch").await.err(),
        same.account("archway1x", 0).await.err(),
        same.broadcast(b"x").await.err(),
    ] {
        assert!(matches!(error, Some(ChainError::Reset { .. })), "{error:?}");
    }
    // It is still another chain after it has grown.
    while fake.commit() < 90 {}
    same.status().await.unwrap_err();
}

#[tokio::test]
async fn a_refusal_of_another_chain_is_not_taken_for_an_answer() {
    let fake = chain(50);
    let same = SameChain::new(fake.clone(), Memory::default());
    same.status().await.unwrap();
    fake.reset();
    // The transaction cannot be decoded, which no retry would cure.
    let error = same.simulate(b"x").await.unwrap_err();
    assert!(matches!(error, ChainError::Reset { .. }), "{error}");
}

#[tokio::test]
async fn a_lower_height_is_a_lag_or_another_chain() {
    let fake = chain(50);
    let same = |height| SameChain::new(fake.clone(), Memory { height, lowest: None });
    same(70).status().await.unwrap();
    let error = same(71).status().await.unwrap_err().to_string();
    assert!(error.contains("at height 50, 21 blocks below height 71"), "{error}");
    // A node that keeps other blocks than before proves nothing about the first ones.
    let same = same(40);
    same.status().await.unwrap();
    fake.prune_below(10);
    same.status().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn readiness_names_it_at_once() {
    let (fake, health) = (chain(50), Health::new());
    let same = Arc::new(SameChain::new(fake.clone(), Memory::default()));
    let progress = progress::Progress::default();
    progress.applied(50, 50_000_000_000);
    let readiness = health.register("chain");
    let task = tokio::spawn(progress::watch(same, progress, readiness, CancellationToken::new()));
    let until = async |part: Option<&str>| {
        for _ in 0..100 {
            match (&health.snapshot()["chain"], part) {
                (Ok(()), None) => return,
                (Err(reason), Some(part)) if reason.contains(part) => return,
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        panic!("{:?} instead of {part:?}", health.snapshot());
    };
    until(None).await;
    fake.reset();
    until(Some("reset under the same id")).await;
    task.abort();
}

#[tokio::test]
async fn a_database_remembers_its_chain_and_a_daemon_waits_for_it() {
    let fake = chain(50);
    let store = Store::open("sqlite::memory:").await.unwrap();
    let started = async |cursor| {
        let cancel = CancellationToken::new();
        let listen = Listen { service: None, admin: Some(([127, 0, 0, 1], 0).into()) };
        let server = gateway_http::bind(listen, HttpConfig::default()).await.unwrap();
        let (mut daemon, _) = Daemon::start(server, &cancel);
        let health = daemon.health().clone();
        let mut same = std::pin::pin!(daemon.same_chain(fake.clone(), &store, cursor));
        loop {
            tokio::select! {
                same = &mut same => break same.unwrap().map(|_| "followed".to_owned()),
                () = tokio::time::sleep(Duration::from_millis(5)) => {
                    if let Err(reason) = &health.snapshot()["chain"] && reason.contains("reset") {
                        cancel.cancel();
                        let reason = reason.clone();
                        assert!(same.await.unwrap().is_none(), "the stop came first");
                        break Some(reason);
                    }
                }
            }
        }
    };
    assert_eq!(started(None).await.as_deref(), Some("followed"));
    let memory = Memory::read(&store, Some(60)).await.unwrap();
    assert_eq!(memory.height, 60);
    let seen = SameChain::new(fake.clone(), memory);
    seen.status().await.unwrap();
    let memory = seen.state().memory.clone();
    store.bind(BINDING, &memory.text()).await.unwrap();
    assert_eq!(Memory::read(&store, None).await.unwrap(), memory);
    fake.reset();
    let reason = started(None).await.unwrap();
    assert!(reason.contains("under the same id"), "{reason}");
    fake.reset();
    store.bind(BINDING, "0 0 ").await.unwrap();
    let reason = started(Some(400)).await.unwrap();
    assert!(reason.contains("399 blocks below height 400"), "{reason}");
}
