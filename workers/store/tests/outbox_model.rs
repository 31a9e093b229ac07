//! The outbox's rows in SQL behave like the in-memory reference under any sequence of operations.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use gateway_chain::Coin;
use gateway_chain::outbox::{NewItem, OutboxItem, OutboxStore, OutboxTx, TxEnd};
use gateway_chain::testing::MemoryStore;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Enqueue(u8),
    Sign(u8, Vec<i64>),
    Include(u8, u64),
    Replace(u8, u8),
    Return(u8, Vec<i64>, Vec<i64>),
    Dead(u8),
    Lost(u8),
    Fail(i64),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ids = || proptest::collection::btree_set(1..6i64, 1..4).prop_map(|ids| ids.into_iter().collect());
    let step = prop_oneof![
        4 => (0..6u8).prop_map(Step::Enqueue),
        4 => (0..4u8, ids()).prop_map(|(tx, ids)| Step::Sign(tx, ids)),
        2 => (0..4u8, 1..9u64).prop_map(|(tx, height)| Step::Include(tx, height)),
        2 => (0..4u8, 0..4u8).prop_map(|(old, tx)| Step::Replace(old, tx)),
        2 => (0..4u8, ids(), ids()).prop_map(|(tx, blamed, ended)| Step::Return(tx, blamed, ended)),
        1 => (0..4u8).prop_map(Step::Dead),
        1 => (0..4u8).prop_map(Step::Lost),
        1 => (1..6i64).prop_map(Step::Fail),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..40)
}

fn timeless(items: Vec<OutboxItem>) -> Vec<OutboxItem> {
    items.into_iter().map(|item| OutboxItem { created_ms: 0, ..item }).collect()
}

/// Returns everything observable about a store.
async fn seen(store: &dyn OutboxStore) -> (Vec<OutboxItem>, Vec<OutboxItem>, Vec<OutboxTx>, Option<u64>) {
    let mut items = Vec::new();
    for id in 1..8 {
        items.extend(store.item(id).await.expect("reads"));
    }
    let queued = store.queued(2, 3).await.expect("lists");
    let (flights, highest) = (store.in_flight().await.expect("lists"), store.highest_sequence().await);
    (timeless(items), timeless(queued), flights, highest.expect("reads"))
}

fn transaction(tx: u8, items: Vec<i64>) -> OutboxTx {
    OutboxTx {
        hash: format!("T{tx}"),
        bytes: vec![tx],
        // Two of them share a sequence, as a replacement and what it replaces do.
        sequence: u64::from(tx / 2),
        signed_height: 1,
        timeout_height: 9 + u64::from(tx),
        items,
    }
}

async fn run(store: &dyn OutboxStore, step: &Step, used: &mut Vec<u8>) -> bool {
    match step {
        Step::Enqueue(key) => {
            let funds = (0..key % 2).map(|_| Coin::new(5, "aarch")).collect();
            let new =
                NewItem { key: format!("k{key}"), msg: vec![*key], funds, reserved_gas: u64::from(*key) };
            store.enqueue(&new).await.is_ok()
        }
        Step::Sign(tx, items) => {
            // A transaction's hash is unique: it covers the sequence.
            if used.contains(tx) {
                return true;
            }
            let done = store.record_signed(&transaction(*tx, items.clone())).await.is_ok();
            if done {
                used.push(*tx);
            }
            done
        }
        Step::Include(tx, height) => store
            .settle(&format!("T{tx}"), &TxEnd::Included { height: *height, refused: Vec::new() })
            .await
            .is_ok(),
        Step::Replace(old, tx) => {
            let old = format!("T{old}");
            let flights = store.in_flight().await.expect("lists");
            let Some(items) = flights.into_iter().find(|tx| tx.hash == old).map(|tx| tx.items) else {
                return true;
            };
            if used.contains(tx) {
                return true;
            }
            let done = store.record_replacement(&old, &transaction(*tx, items)).await.is_ok();
            if done {
                used.push(*tx);
            }
            done
        }
        Step::Return(tx, blamed, give_up) => {
            let (blamed, give_up) = (blamed.clone(), give_up.clone());
            store
                .settle(&format!("T{tx}"), &TxEnd::Failed { error: "e".into(), blamed, give_up })
                .await
                .is_ok()
        }
        Step::Dead(tx) => store.settle(&format!("T{tx}"), &TxEnd::Dead { error: "d".into() }).await.is_ok(),
        Step::Lost(tx) => store.settle(&format!("T{tx}"), &TxEnd::Lost { error: "l".into() }).await.is_ok(),
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
