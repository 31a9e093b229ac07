//! The outbox against a chain that drops, forgets, refuses and lies, stopped at any await point.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use gateway_daemon_runtime::CancellationToken;
use gateway_daemon_runtime::health::Health;
use proptest::prelude::*;

use super::*;
use crate::testing::{FakeChain, Fault, MemoryStore};
use crate::types::Coin;

const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

struct World {
    chain: Arc<FakeChain>,
    store: Arc<MemoryStore>,
    engine: Engine,
    client: OutboxClient,
}

fn config() -> OutboxConfig {
    OutboxConfig {
        max_items: 8,
        timeout_blocks: 4,
        max_in_flight: 3,
        max_attempts: 3,
        poll_interval: std::time::Duration::from_millis(100),
        ..OutboxConfig::default()
    }
}

fn build(chain: &Arc<FakeChain>, store: &Arc<MemoryStore>) -> (Engine, OutboxClient) {
    built(chain, store, &Health::new())
}

fn built(chain: &Arc<FakeChain>, store: &Arc<MemoryStore>, health: &Health) -> (Engine, OutboxClient) {
    configured(chain, store, health, config())
}

fn configured(
    chain: &Arc<FakeChain>,
    store: &Arc<MemoryStore>,
    health: &Health,
    config: OutboxConfig,
) -> (Engine, OutboxClient) {
    let chain_config = ChainConfig::new("http://fake", FakeChain::CHAIN_ID, CONTRACT);
    let signer = Signer::from_bytes(&[7; 32], "archway").expect("signer");
    let readiness = health.register("outbox");
    Outbox::build(chain.clone(), signer, store.clone(), &chain_config, config, readiness).expect("outbox")
}

impl World {
    fn new() -> Self {
        let (chain, store) = (Arc::new(FakeChain::new()), Arc::new(MemoryStore::new()));
        let (engine, client) = build(&chain, &store);
        Self { chain, store, engine, client }
    }

    /// Creates a world whose transactions time out after forty blocks.
    fn patient() -> Self {
        let (chain, store) = (Arc::new(FakeChain::new()), Arc::new(MemoryStore::new()));
        let config = OutboxConfig { timeout_blocks: 40, ..config() };
        let (engine, client) = configured(&chain, &store, &Health::new(), config);
        Self { chain, store, engine, client }
    }

    fn restart(&mut self) {
        (self.engine, self.client) = build(&self.chain, &self.store);
    }

    fn enqueue(&self, key: &str, kind: &str) -> i64 {
        self.enqueue_with(key, kind, 0)
    }

    /// Queues a message, with coins if `coins` is not 0.
    fn enqueue_with(&self, key: &str, kind: &str, coins: u128) -> i64 {
        let msg = format!("{{\"{kind}\":\"{key}\"}}").into_bytes();
        let funds = (coins > 0).then(|| Coin::new(coins, "aarch")).into_iter().collect();
        run(self.client.enqueue(key, msg, funds)).expect("queued")
    }

    fn item(&self, id: i64) -> OutboxItem {
        run(self.client.item(id)).expect("item")
    }

    fn pass(&mut self) {
        run(self.engine.pass()).expect("pass");
    }

    fn state(&self, id: i64) -> ItemState {
        run(self.client.item(id)).expect("item").state
    }

    /// Alternates passes and blocks until nothing is open.
    fn settle(&mut self) {
        for _ in 0..500 {
            let open = |item: &OutboxItem| matches!(item.state, ItemState::Queued | ItemState::Signed);
            if !self.store.items().iter().any(open) {
                return;
            }
            // A pass may fail while the script's faults last.
            let _ = run(self.engine.pass());
            self.chain.commit();
        }
        panic!("items stay open: {:?}", self.store.items());
    }

    fn executions(&self) -> HashMap<String, usize> {
        let mut count = HashMap::new();
        for msg in self.chain.executed() {
            *count.entry(String::from_utf8(msg).expect("text")).or_default() += 1;
        }
        count
    }
}

fn run<F: Future>(future: F) -> F::Output {
    futures::executor::block_on(future)
}

/// Polls a future at most `polls` times, then drops it at that point.
fn run_some<F: Future>(future: F, polls: usize) {
    let mut future = pin!(future);
    let mut left = polls;
    run(std::future::poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        future.as_mut().poll(cx).map(|_| ())
    }));
}

#[path = "failure_tests.rs"]
mod failures;

#[test]
fn many_messages_travel_in_one_transaction() {
    let mut world = World::new();
    let ids: Vec<_> = (0..8).map(|n| world.enqueue(&format!("m{n}"), "ok")).collect();
    world.pass();
    let hash = run(world.client.item(ids[0])).expect("item").tx_hash;
    assert!(hash.is_some());
    for id in &ids {
        let item = run(world.client.item(*id)).expect("item");
        assert_eq!((item.state, &item.tx_hash), (ItemState::Signed, &hash));
    }
    let height = world.chain.commit();
    world.pass();
    let item = run(world.client.item(ids[7])).expect("item");
    assert_eq!((item.state, item.height), (ItemState::Done, Some(height)));
}

#[test]
fn only_an_empty_outbox_is_idle() {
    let mut world = World::new();
    let idle = |world: &mut World| run(world.engine.pass()).expect("pass");
    assert!(idle(&mut world));
    world.enqueue("m", "ok");
    assert!(!idle(&mut world), "it signs the message");
    assert!(!idle(&mut world), "the transaction is in flight");
    world.chain.commit();
    assert!(!idle(&mut world), "it settles the transaction");
    assert!(idle(&mut world));
}

#[test]
fn several_transactions_are_in_flight_in_sequence() {
    let mut world = World::new();
    for n in 0..30 {
        world.enqueue(&format!("m{n}"), "ok");
    }
    world.pass();
    let flights = run(world.store.in_flight()).expect("flights");
    assert_eq!(flights.iter().map(|tx| tx.sequence).collect::<Vec<_>>(), [0, 1, 2]);
    world.chain.commit();
    assert_eq!(world.chain.executed().len(), 24);
    world.settle();
    assert_eq!(world.chain.executed().len(), 30);
}

#[test]
fn the_same_key_is_one_message_and_another_message_under_it_is_refused() {
    let mut world = World::new();
    let first = world.enqueue("a", "ok");
    assert_eq!(world.enqueue("a", "ok"), first);
    let other = run(world.client.enqueue("a", b"{}".to_vec(), Vec::new()));
    assert_eq!(other, Err(OutboxError::Conflict { key: "a".into() }));
    let funded = run(world.client.enqueue("a", b"{\"ok\":\"a\"}".to_vec(), vec![Coin::new(1, "aarch")]));
    assert_eq!(funded, Err(OutboxError::Conflict { key: "a".into() }));
    assert_eq!(run(world.client.enqueue("", Vec::new(), Vec::new())), Err(OutboxError::Key { len: 0 }));
    world.settle();
    assert_eq!(world.enqueue("a", "ok"), first, "also after it is done");
    assert_eq!(world.executions().values().sum::<usize>(), 1);
}

#[test]
fn a_poisoned_message_is_isolated_before_anything_is_sent() {
    let mut world = World::new();
    let good = world.enqueue("good", "ok");
    let bad = world.enqueue("bad", "poison");
    let late = world.enqueue("late", "ok");
    world.pass();
    assert_eq!(world.state(bad), ItemState::Failed);
    let error = run(world.client.item(bad)).expect("item").error.expect("why");
    assert!(error.contains("poison"), "{error}");
    world.chain.commit();
    world.pass();
    assert_eq!((world.state(good), world.state(late)), (ItemState::Done, ItemState::Done));
    assert_eq!(world.chain.executed().len(), 2);
}

#[test]
fn a_message_that_fails_only_in_its_block_does_not_take_others_down() {
    let mut world = World::new();
    let trap = world.enqueue("trap", "trap");
    let good: Vec<_> = (0..7).map(|n| world.enqueue(&format!("m{n}"), "ok")).collect();
    world.settle();
    assert_eq!(world.state(trap), ItemState::Failed);
    for id in good {
        assert_eq!(world.state(id), ItemState::Done);
    }
    assert!(world.executions().values().all(|n| *n == 1));
}

#[test]
fn a_restart_sends_the_same_bytes_and_nothing_twice() {
    let mut world = World::new();
    let id = world.enqueue("a", "ok");
    // Accepted by the pool, but the answer never arrived and the process died.
    world.chain.fault(before_broadcast(Fault::LostReply));
    assert!(run(world.engine.pass()).is_err(), "the broadcast is lost");
    let before = run(world.store.in_flight()).expect("flights");
    world.restart();
    world.pass();
    assert_eq!(run(world.store.in_flight()).expect("flights"), before);
    world.settle();
    assert_eq!(world.state(id), ItemState::Done);
    assert_eq!(world.executions().values().sum::<usize>(), 1);
}

#[test]
fn a_forgotten_transaction_is_rebroadcast_and_a_dead_one_signed_again() {
    let mut world = World::new();
    let id = world.enqueue("a", "ok");
    world.chain.fault(before_broadcast(Fault::Forgotten));
    world.pass();
    let first = run(world.client.item(id)).expect("item").tx_hash;
    for _ in 0..3 {
        world.chain.commit();
        world.pass();
    }
    world.chain.commit();
    world.pass();
    let item = run(world.client.item(id)).expect("item");
    assert_eq!((item.state, &item.tx_hash), (ItemState::Done, &first), "the same bytes, sent again");

    let id = world.enqueue("b", "ok");
    // The account is already known.
    world.chain.fault([Fault::Fine, Fault::Fine, Fault::Fine, Fault::Forgotten]);
    world.pass();
    let first = run(world.client.item(id)).expect("item").tx_hash;
    for _ in 0..5 {
        world.chain.commit();
    }
    world.settle();
    let item = run(world.client.item(id)).expect("item");
    assert_eq!(item.state, ItemState::Done);
    assert_ne!(item.tx_hash, first, "its time-out passed, so it was signed anew");
    assert_eq!(item.attempts, 0, "never executed, so it is not to blame");
}

#[test]
fn a_late_index_does_not_make_a_transaction_dead() {
    let mut world = World::new();
    world.chain.set_index_lag(50);
    let id = world.enqueue("a", "ok");
    world.pass();
    let included = world.chain.commit();
    for _ in 0..6 {
        world.chain.commit();
        world.pass();
    }
    let item = run(world.client.item(id)).expect("item");
    assert_eq!((item.state, item.height), (ItemState::Done, Some(included)));
    assert_eq!(world.executions().values().sum::<usize>(), 1);
}

#[test]
fn a_wrong_sequence_is_cured_by_asking_again_with_the_next_block() {
    let mut world = World::new();
    let id = world.enqueue("a", "ok");
    world.chain.fault(before_broadcast(Fault::WrongSequence));
    world.pass();
    assert_eq!(world.state(id), ItemState::Signed, "another node may have taken it");
    world.settle();
    assert_eq!((world.state(id), world.executions().len()), (ItemState::Done, 1));
}

#[test]
fn an_empty_account_holds_the_queue_up_and_loses_nothing() {
    let mut world = World::new();
    let id = world.enqueue("a", "ok");
    world.chain.set_balance(0);
    world.pass();
    assert_eq!((world.state(id), world.item(id).attempts), (ItemState::Queued, 0));
    world.chain.set_balance(u128::MAX);
    world.settle();
    assert_eq!(world.state(id), ItemState::Done);
}

#[tokio::test(start_paused = true)]
async fn the_task_runs_until_cancelled_and_wakes_waiters() {
    let World { chain, engine, client, .. } = World::new();
    let cancel = CancellationToken::new();
    let task = tokio::spawn(engine.run(cancel.clone()));
    let blocks = {
        let chain = chain.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                chain.commit();
            }
        })
    };
    let good = client.enqueue("a", b"{\"ok\":1}".to_vec(), Vec::new()).await.expect("queued");
    let bad = client.enqueue("b", b"{\"poison\":1}".to_vec(), Vec::new()).await.expect("queued");
    let outcome = client.wait(good).await.expect("outcome");
    assert!(matches!(outcome, Outcome::Done { height: 2, .. }), "{outcome:?}");
    assert!(matches!(client.wait(bad).await.expect("outcome"), Outcome::Failed { .. }));
    assert_eq!(client.wait(77).await, Err(OutboxError::NoItem { id: 77 }));
    let open = client.enqueue("c", b"{\"ok\":2}".to_vec(), Vec::new()).await.expect("queued");
    cancel.cancel();
    task.await.expect("no panic").expect("clean end");
    assert_eq!(client.wait(open).await, Err(OutboxError::Stopped));
    blocks.abort();
}

/// Places `fault` at the broadcast of a first pass, which follows the calls for status, balance, account and simulation.
fn before_broadcast(fault: Fault) -> [Fault; 5] {
    [Fault::Fine, Fault::Fine, Fault::Fine, Fault::Fine, fault]
}

#[derive(Clone, Debug)]
enum Step {
    Enqueue(&'static str),
    Pass,
    Killed(usize),
    Block,
    Faults(Vec<Fault>),
    IndexLag(u64),
    Index(bool),
    Behind(u64),
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        4 => Just(Fault::Fine),
        1 => Just(Fault::Away),
        2 => Just(Fault::LostReply),
        2 => Just(Fault::Forgotten),
        1 => Just(Fault::WrongSequence),
        2 => Just(Fault::RefusedYetTaken),
        1 => Just(Fault::NoState),
        1 => Just(Fault::Slow(30)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop_oneof![6 => Just("ok"), 1 => Just("poison"), 1 => Just("trap")].prop_map(Step::Enqueue),
        4 => Just(Step::Pass),
        4 => (0usize..60).prop_map(Step::Killed),
        4 => Just(Step::Block),
        2 => prop::collection::vec(fault(), 1..6).prop_map(Step::Faults),
        1 => (0u64..9).prop_map(Step::IndexLag),
        1 => any::<bool>().prop_map(Step::Index),
        1 => (0u64..4).prop_map(Step::Behind),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_each_message_runs_exactly_once_or_fails_for_its_own_fault(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new();
        let mut kinds = Vec::new();
        for step in steps {
            match step {
                Step::Enqueue(kind) => {
                    let key = format!("m{}", kinds.len());
                    kinds.push((world.enqueue(&key, kind), key, kind));
                }
                // Errors of the chain end a pass; the next one continues.
                Step::Pass => drop(run(world.engine.pass())),
                Step::Killed(polls) => {
                    run_some(world.engine.pass(), polls);
                    world.restart();
                }
                Step::Block => drop(world.chain.commit()),
                Step::Faults(faults) => world.chain.fault(faults),
                Step::IndexLag(blocks) => world.chain.set_index_lag(blocks),
                Step::Index(has_index) => world.chain.set_index(has_index),
                Step::Behind(blocks) => world.chain.set_behind(blocks),
            }
        }
        world.chain.heal();
        world.chain.set_behind(0);
        world.settle();
        let executions = world.executions();
        for (id, key, kind) in kinds {
            let item = run(world.client.item(id)).expect("item");
            let times = executions.get(&format!("{{\"{kind}\":\"{key}\"}}")).copied().unwrap_or(0);
            let expected = if kind == "ok" { (ItemState::Done, 1) } else { (ItemState::Failed, 0) };
            prop_assert_eq!((item.state, times), expected, "{} {:?}", kind, item);
        }
    }
}
