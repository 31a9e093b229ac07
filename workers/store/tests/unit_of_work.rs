//! A unit of work is stored whole or not at all, whatever happens to the process.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use gateway_api::{RequestId, RequestStatus};
use gateway_chain::outbox::NewItem;
use gateway_store::{PublicationMark, Store};
use samples::{attestation, open, request};

fn message(key: &str) -> NewItem {
    NewItem { key: key.into(), msg: b"{}".to_vec(), funds: Vec::new(), reserved_gas: 0 }
}

#[tokio::test]
async fn the_cursor_moves_with_the_work_and_never_back() {
    let dir = tempfile::tempdir().expect("dir");
    let store = open(dir.path()).await;
    assert_eq!(store.cursors().get("relay").await.expect("reads"), None);
    let work = store.begin().await.expect("begins");
    work.requests().upsert(&[request(1, RequestStatus::Waiting)]).await.expect("stores");
    work.cursors().advance("relay", 7).await.expect("advances");
    work.commit().await.expect("commits");

    let work = store.begin().await.expect("begins");
    work.requests().upsert(&[request(2, RequestStatus::Waiting)]).await.expect("stores");
    work.cursors().advance("relay", 8).await.expect("advances");
    drop(work);
    store.close().await.expect("closes");

    let store = open(dir.path()).await;
    assert_eq!(store.cursors().get("relay").await.expect("reads"), Some(7));
    assert!(store.requests().get(RequestId(1)).await.expect("reads").is_some());
    assert!(store.requests().get(RequestId(2)).await.expect("reads").is_none());
    let work = store.begin().await.expect("begins");
    work.cursors().advance("relay", 3).await.expect("advances");
    work.cursors().advance("node", 3).await.expect("advances");
    work.commit().await.expect("commits");
    assert_eq!(store.cursors().get("relay").await.expect("reads"), Some(7));
    assert_eq!(store.cursors().get("node").await.expect("reads"), Some(3));
}

/// Copies what a killed process leaves behind: the files as they are at this instant.
fn as_if_killed(from: &std::path::Path, to: &std::path::Path) {
    for name in ["test.db", "test.db-wal"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).expect("copies");
        }
    }
}

#[tokio::test]
async fn a_kill_between_queueing_and_commit_leaves_neither_message_nor_mark() {
    let (dir, copy) = (tempfile::tempdir().expect("dir"), tempfile::tempdir().expect("dir"));
    let store = open(dir.path()).await;
    let work = store.begin().await.expect("begins");
    work.requests().upsert(&[request(1, RequestStatus::Drawn)]).await.expect("stores");
    work.commit().await.expect("commits");
    let work = store.begin().await.expect("begins");
    let item = work.outbox().enqueue(&message("publish/1")).await.expect("queues").id;
    work.requests().publishing(item, &[(RequestId(1), "f".to_owned())]).await.expect("marks");
    as_if_killed(dir.path(), copy.path());
    work.commit().await.expect("commits");

    let killed = open(copy.path()).await;
    assert_eq!(killed.outbox().depth().await.expect("counts"), 0);
    let row = killed.requests().get(RequestId(1)).await.expect("reads").expect("is there");
    assert_eq!(row.publication, None);

    let copy = tempfile::tempdir().expect("dir");
    as_if_killed(dir.path(), copy.path());
    let killed = open(copy.path()).await;
    assert_eq!(killed.outbox().depth().await.expect("counts"), 1);
    let row = killed.requests().get(RequestId(1)).await.expect("reads").expect("is there");
    let mark = PublicationMark { item, fingerprint: "f".into() };
    assert_eq!(row.publication, Some(mark), "without the process having closed its database");
}

#[tokio::test]
async fn writers_queue_instead_of_failing() {
    let dir = tempfile::tempdir().expect("dir");
    let (one, other) = (open(dir.path()).await, open(dir.path()).await);
    let write = |store: Store, from: u64| async move {
        for id in from..from + 20 {
            let work = store.begin().await?;
            work.attestations().insert(&[attestation(id, 1, "1")]).await?;
            work.commit().await?;
        }
        Ok::<(), gateway_store::StoreError>(())
    };
    let (a, b, c) = tokio::join!(write(one.clone(), 0), write(one.clone(), 100), write(other.clone(), 200));
    a.and(b).and(c).expect("nobody fails");
    assert_eq!(one.attestations().count().await.expect("counts"), 60);
}

#[tokio::test]
async fn an_address_of_another_kind_is_refused_without_being_quoted() {
    let error = Store::open("mysql://user:hunter2@host/db").await.expect_err("refused").to_string();
    assert!(error.contains("\"mysql\"") && !error.contains("hunter2"), "{error}");
}
