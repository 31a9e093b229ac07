//! The outbox's rows in SQL behave as the reference in memory, whatever is asked of them in whatever order.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use gateway_chain::outbox::{NewItem, OutboxItem, OutboxStore, OutboxTx, TxEnd};
use gateway_chain::testing::MemoryStore;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Enqueue(u8),
    Sign(u8, Vec<i64>),
    Include(u8, u64),
    Return(u8, Vec<i64>),
    Fail(i64),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ids = || proptest::collection::btree_set(1..6i64, 1..4).prop_map(|ids| ids.into_iter().collect());
    let step = prop_oneof![
        4 => (0..6u8).prop_map(Step::Enqueue),
        4 => (0..4u8, ids()).prop_map(|(tx, ids)| Step::Sign(tx, ids)),
        2 => (0..4u8, 1..9u64).prop_map(|(tx, height)| Step::Include(tx, height)),
        2 => (0..4u8, ids()).prop_map(|(tx, ids)| Step::Return(tx, ids)),
        1 => (1..6i64).prop_map(Step::Fail),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..40)
}

fn timeless(items: Vec<OutboxItem>) -> Vec<OutboxItem> {
    items.into_iter().map(|item| OutboxItem { created_ms: 0, ..item }).collect()
}

/// Everything that can be seen of a store.
async fn seen(store: &dyn OutboxStore) -> (Vec<OutboxItem>, Vec<OutboxItem>, Vec<OutboxTx>) {
    let mut items = Vec::new();
    for id in 1..8 {
        items.extend(store.item(id).await.expect("reads"));
    }
    let queued = store.queued(3).await.expect("lists");
    (timeless(items), timeless(queued), store.in_flight().await.expect("lists"))
}

async fn run(store: &dyn OutboxStore, step: &Step, used: &mut Vec<u8>) -> bool {
    match step {
        Step::Enqueue(key) => {
            let new = NewItem { key: format!("k{key}"), msg: vec![*key], funds: Vec::new() };
            store.enqueue(&new).await.is_ok()
        }
        Step::Sign(tx, items) => {
            // A transaction's hash is unique: it covers the sequence.
            if used.contains(tx) {
                return true;
            }
            let signed = OutboxTx {
                hash: format!("T{tx}"),
                bytes: vec![*tx],
                sequence: u64::from(*tx),
                signed_height: 1,
                timeout_height: 9,
                items: items.clone(),
            };
            let done = store.record_signed(&signed).await.is_ok();
            if done {
                used.push(*tx);
            }
            done
        }
        Step::Include(tx, height) => {
            store.settle(&format!("T{tx}"), &TxEnd::Included { height: *height }).await.is_ok()
        }
        Step::Return(tx, give_up) => {
            let end = TxEnd::Returned { error: "e".into(), give_up: give_up.clone() };
            store.settle(&format!("T{tx}"), &end).await.is_ok()
        }
        Step::Fail(id) => store.fail(*id, "f").await.is_ok(),
        Step::Reopen => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sql_and_memory_agree(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        runtime.block_on(async {
            let dir = tempfile::tempdir().expect("dir");
            let mut sql = samples::open(dir.path()).await;
            let memory = MemoryStore::default();
            let (mut a, mut b) = (Vec::new(), Vec::new());
            for step in &steps {
                if matches!(step, Step::Reopen) {
                    sql.close().await.expect("closes");
                    sql = samples::open(dir.path()).await;
                }
                let (one, two) = (run(&sql, step, &mut a).await, run(&memory, step, &mut b).await);
                prop_assert_eq!(one, two, "{:?}", step);
                prop_assert_eq!(seen(&sql).await, seen(&memory).await, "after {:?}", step);
            }
            Ok(())
        })?;
    }
}
