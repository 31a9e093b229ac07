//! A backup is complete, and what was under way in it is never done again.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use gateway_api::{RequestId, RequestStatus};
use gateway_chain::outbox::{ItemState, NewItem};
use gateway_store::{JobRow, JobState, Restored, Store, StoreError};
use samples::{open, request};

#[tokio::test]
async fn what_was_under_way_in_a_backup_is_ended_by_its_restoration() {
    let dir = tempfile::tempdir().expect("dir");
    let store = open(dir.path()).await;
    let work = store.begin().await.expect("begins");
    work.requests().upsert(&[request(1, RequestStatus::Drawn)]).await.expect("stores");
    let new = NewItem { key: "publish/1".into(), msg: b"{}".to_vec(), funds: Vec::new(), reserved_gas: 0 };
    let item = work.outbox().enqueue(&new).await.expect("queues").id;
    for (id, state) in [(1, JobState::Seated), (2, JobState::Sent)] {
        let seen = request(id, RequestStatus::Drawn);
        let job = JobRow {
            seen,
            state,
            attempt: None,
            seats: 1,
            class: None,
            commit: None,
            message: None,
            tries: 0,
            reason: None,
        };
        work.jobs().put(&job).await.expect("stores");
    }
    work.commit().await.expect("commits");
    let copy = dir.path().join("copy.db");
    store.backup(&copy).await.expect("copies");
    assert!(matches!(store.backup(&copy).await, Err(StoreError::Exists { .. })), "never overwritten");

    let url = format!("sqlite:{}", dir.path().join("restored.db").display());
    let ended = Store::restore(&copy, &url).await.expect("restores");
    assert_eq!(ended, Restored { messages: 1, jobs: 1, received: 0 });
    let restored = Store::open(&url).await.expect("opens");
    let item = restored.outbox().item(item).await.expect("reads").expect("is there");
    assert_eq!(item.state, ItemState::Failed);
    let state = async |id| restored.jobs().get(RequestId(id)).await.expect("reads").expect("is there").state;
    assert_eq!((state(1).await, state(2).await), (JobState::Abstained, JobState::Sent));
    assert!(restored.requests().get(RequestId(1)).await.expect("reads").is_some());
    assert!(matches!(Store::restore(&copy, &url).await, Err(StoreError::Exists { .. })));
}
