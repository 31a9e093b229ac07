//! Sums maintained by units of work equal what counting finds; gaps shrink and close.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use std::ops::RangeInclusive;
use std::time::Duration;

use gateway_api::{Epoch, NodeId, RequestId, RequestStatus};
use gateway_store::{CountedResult, GapKind, NodeConduct, RequestCount, SeenNode, Store};
use proptest::prelude::*;
use samples::{databases, request};

/// Compares the sums with what counting finds.
async fn compare(store: &Store) {
    let mut counted = RequestCount::default();
    let rows = store.requests().list(Default::default(), RequestId(0), 1000).await.expect("lists");
    for row in rows {
        match row.seen.status {
            RequestStatus::Fulfilled => counted.fulfilled += 1,
            RequestStatus::Expired => counted.expired += 1,
            RequestStatus::Waiting | RequestStatus::Drawn => counted.open += 1,
        }
    }
    assert_eq!(store.statistics().requests().await.expect("reads"), counted);
    let by_status = store.requests().count().await.expect("reads").map(|(_, number)| number);
    assert_eq!(by_status.iter().sum::<u64>(), counted.fulfilled + counted.expired + counted.open);
}

/// Applies the steps, one by one or many at once, in two units of work of which one may be dropped, and deletes what is old.
async fn story(store: &Store, steps: &[(u64, u8)], kept: bool, at_once: bool) {
    const STATUSES: [RequestStatus; 4] =
        [RequestStatus::Waiting, RequestStatus::Drawn, RequestStatus::Fulfilled, RequestStatus::Expired];
    for (half, keep) in [(&steps[..steps.len() / 2], kept), (&steps[steps.len() / 2..], true)] {
        let work = store.begin().await.expect("begins");
        let seen: Vec<_> =
            half.iter().map(|(id, status)| request(*id, STATUSES[usize::from(*status)])).collect();
        if at_once {
            work.requests().upsert(&seen).await.expect("stores");
        } else {
            for seen in seen {
                work.requests().upsert(&[seen]).await.expect("stores");
            }
        }
        if keep {
            work.commit().await.expect("commits");
        }
        compare(store).await;
    }
    let work = store.begin().await.expect("begins");
    work.retention().prune_below(111).await.expect("deletes");
    work.commit().await.expect("commits");
    compare(store).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn counts_by_status_are_what_counting_finds(
        steps in prop::collection::vec((1u64..8, 0u8..4), 0..24), kept: bool, at_once: bool,
    ) {
        let runtime = tokio::runtime::Runtime::new().expect("runtime");
        runtime.block_on(async {
            for store in databases("counts_by_status").await.stores {
                story(&store, &steps, kept, at_once).await;
            }
        });
    }
}

#[tokio::test]
async fn many_requests_stored_at_once_only_move_forward() {
    use RequestStatus::{Drawn, Fulfilled, Waiting};
    for store in databases("many_requests_stored_at_once").await.stores {
        let steps = [
            vec![(1, Waiting), (2, Waiting), (3, Waiting)],
            vec![(1, Drawn), (2, Fulfilled), (3, Waiting), (4, Drawn)],
            vec![(1, Waiting), (2, Drawn), (3, Drawn), (4, Fulfilled)],
        ];
        for step in steps {
            let seen: Vec<_> = step.into_iter().map(|(id, status)| request(id, status)).collect();
            let work = store.begin().await.expect("begins");
            work.requests().upsert(&seen).await.expect("stores");
            work.commit().await.expect("commits");
            compare(&store).await;
        }
        let rows = store.requests().list(Default::default(), RequestId(0), 10).await.expect("lists");
        let statuses: Vec<_> = rows.iter().map(|row| row.seen.status).collect();
        assert_eq!(statuses, [Drawn, Fulfilled, Drawn, Fulfilled]);
    }
}

#[tokio::test]
async fn what_another_unit_of_work_stored_in_the_meantime_is_counted_once() {
    for store in databases("stored_in_the_meantime").await.stores {
        let first = store.begin().await.expect("begins");
        first.requests().upsert(&[request(1, RequestStatus::Waiting)]).await.expect("stores");
        // It finds nothing yet, and waits for the first one to end: on SQLite before it begins, on PostgreSQL at its insert.
        let mut second = tokio::spawn({
            let store = store.clone();
            async move {
                let work = store.begin().await.expect("begins");
                let seen = [request(1, RequestStatus::Drawn), request(2, RequestStatus::Drawn)];
                work.requests().upsert(&seen).await.expect("stores");
                work.commit().await.expect("commits");
            }
        });
        let early = tokio::time::timeout(Duration::from_millis(200), &mut second).await;
        early.expect_err("it ends after the first one");
        first.commit().await.expect("commits");
        second.await.expect("ends");
        compare(&store).await;
        let open = store.requests().open_ids(RequestId(0), 10).await.expect("lists");
        assert_eq!(open, [RequestId(1), RequestId(2)]);
        assert_eq!(store.requests().waiting_ids(RequestId(0), 10).await.expect("lists"), []);
    }
}

#[tokio::test]
async fn two_units_of_work_at_once_count_right() {
    for store in databases("two_units_of_work_at_once").await.stores {
        let tasks = (0..4u64).map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for id in 1..=20 {
                    // In a different order each: waiting for another's row must not deadlock.
                    let id = if task % 2 == 0 { id } else { 21 - id };
                    let work = store.begin().await.expect("begins");
                    for status in [RequestStatus::Waiting, RequestStatus::Drawn, RequestStatus::Fulfilled] {
                        work.requests().upsert(&[request(id, status)]).await.expect("stores");
                    }
                    let nodes = vec![SeenNode { node: NodeId(1), seats: 2, agrees: true }];
                    let result =
                        CountedResult { request: RequestId(id), epoch: Epoch(3), expected: 500_000, nodes };
                    work.counting().add(vec![result]).await.expect("counts");
                    work.commit().await.expect("commits");
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.expect("ends");
        }
        compare(&store).await;
        let epochs = store.conduct().epochs(None, 10).await.expect("lists");
        assert_eq!((epochs.len(), epochs[0].results, epochs[0].expected), (1, 20, 10_000_000));
        let seen = NodeConduct { node: NodeId(1), results: 20, agreeing: 20, seats: 40 };
        assert_eq!(epochs[0].nodes, [seen], "each result once");
    }
}

#[tokio::test]
async fn epochs_are_listed_the_newest_first() {
    for store in databases("epochs_are_listed_the_newest_first").await.stores {
        let work = store.begin().await.expect("begins");
        for id in 1..=5 {
            let nodes = [1, 2].map(|node| SeenNode { node: NodeId(node), seats: 1, agrees: node == 1 });
            let result = CountedResult {
                request: RequestId(id),
                epoch: Epoch(id / 2),
                expected: 1,
                nodes: nodes.to_vec(),
            };
            work.counting().add(vec![result]).await.expect("counts");
        }
        work.commit().await.expect("commits");
        let epochs = async |before: Option<u64>, limit| {
            let rows = store.conduct().epochs(before.map(Epoch), limit).await.expect("lists");
            rows.into_iter().map(|row| (row.epoch.get(), row.results)).collect::<Vec<_>>()
        };
        assert_eq!(epochs(None, 2).await, [(2, 2), (1, 2)]);
        assert_eq!(epochs(Some(1), 10).await, [(0, 1)]);
        let newest = store.conduct().epochs(None, 1).await.expect("lists").remove(0);
        let agreeing: Vec<_> = newest.nodes.iter().map(|node| (node.results, node.agreeing)).collect();
        assert_eq!(agreeing, [(2, 2), (2, 0)]);
    }
}

#[tokio::test]
async fn gaps_shrink_and_close() {
    for store in databases("gaps_shrink_and_close").await.stores {
        let work = store.begin().await.expect("begins");
        for range in [1..=9, 20..=29, RangeInclusive::new(5, 4)] {
            work.gaps().add(GapKind::Blocks, range).await.expect("notes");
        }
        work.gaps().add(GapKind::Requests, 1..=3).await.expect("notes");
        work.commit().await.expect("commits");
        let gaps = async || {
            let rows = store.gaps().list(GapKind::Blocks).await.expect("lists");
            rows.into_iter().map(|gap| (gap.first, gap.last, gap.pruned)).collect::<Vec<_>>()
        };
        assert_eq!(gaps().await, [(20, 29, false), (1, 9, false)], "an empty range is no gap");
        let rows = store.gaps().list(GapKind::Blocks).await.expect("lists");
        let work = store.begin().await.expect("begins");
        work.gaps().set(rows[0].id, RangeInclusive::new(20, 19), false).await.expect("closes");
        work.gaps().set(rows[1].id, 1..=4, true).await.expect("shrinks");
        work.commit().await.expect("commits");
        assert_eq!(gaps().await, [(1, 4, true)]);
        assert_eq!(store.gaps().list(GapKind::Requests).await.expect("lists").len(), 1);
    }
}
