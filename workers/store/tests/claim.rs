//! A database belongs to one process and one contract.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use gateway_store::{Owner, Store, StoreError};

const OWNER: Owner<'_> = Owner { chain_id: "dev-1", contract: "archway1a", account: Some("archway1relay") };

#[tokio::test]
async fn a_second_daemon_is_refused_until_the_first_ends() {
    let dir = tempfile::tempdir().expect("dir");
    let (one, other) = (samples::open(dir.path()).await, samples::open(dir.path()).await);
    let claim = one.claim(&OWNER).await.expect("free");
    let error = other.claim(&OWNER).await.expect_err("in use");
    assert!(matches!(error, StoreError::InUse { .. }) && !error.is_retryable(), "{error}");
    assert!(error.to_string().contains("test.db.lock"), "{error}");
    drop(claim);
    let _again = other.claim(&OWNER).await.expect("free again");
}

#[tokio::test]
async fn another_chain_contract_or_account_is_refused_by_name() {
    let databases = samples::databases("claim").await;
    for store in &databases.stores {
        drop(store.claim(&OWNER).await.expect("bound"));
        drop(store.claim(&OWNER).await.expect("the same"));
        drop(store.claim(&Owner { account: None, ..OWNER }).await.expect("without an account"));
        for (owner, field) in [
            (Owner { chain_id: "dev-2", ..OWNER }, "chain_id"),
            (Owner { contract: "archway1b", ..OWNER }, "contract"),
            (Owner { account: Some("archway1other"), ..OWNER }, "account"),
        ] {
            let error = store.claim(&owner).await.expect_err(field).to_string();
            assert!(error.contains(field) && error.contains("another database"), "{error}");
        }
    }
}

#[tokio::test]
async fn looking_into_a_database_changes_nothing_and_needs_no_claim() {
    let dir = tempfile::tempdir().expect("dir");
    let url = format!("sqlite:{}", dir.path().join("test.db").display());
    Store::open_existing(&url).await.expect_err("nothing is made");
    let used = samples::open(dir.path()).await;
    let _claim = used.claim(&OWNER).await.expect("free");
    let looking = Store::open_existing(&url).await.expect("beside the daemon");
    let bound = looking.bindings().await.expect("bindings");
    assert_eq!((bound["chain_id"].as_str(), bound["account"].as_str()), ("dev-1", "archway1relay"));
    let work = looking.begin().await;
    let written = match work {
        Ok(work) => work.cursors().advance("x", 1).await,
        Err(error) => Err(error),
    };
    assert!(written.is_err(), "it must not write");
}
