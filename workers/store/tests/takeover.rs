//! Two processes on one PostgreSQL database: one waits, and takes over; from then on the other writes nothing. Does nothing
//! without a PostgreSQL server.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod samples;

use std::time::Duration;

use gateway_chain::Coin;
use gateway_chain::outbox::{NewItem, OutboxStore, OutboxTx};
use gateway_daemon_runtime::CancellationToken;
use gateway_daemon_runtime::health::Health;
use gateway_store::{Claim, Owner, Store, StoreError};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const OWNER: Owner<'_> = Owner { chain_id: "dev-1", contract: "archway1a", account: Some("archway1relay") };

/// Interval at which a test polls the server.
const LOOK: Duration = Duration::from_millis(20);
/// Longest time for which a test polls.
const PATIENCE: Duration = Duration::from_secs(60);

/// A database, and a connection to its server.
struct Shared {
    url: String,
    admin: DatabaseConnection,
}

impl Shared {
    async fn new(test: &str) -> Option<Self> {
        let url = samples::postgres(test).await?;
        let admin = Database::connect(&url).await.expect("connects");
        Some(Self { url, admin })
    }

    async fn process(&self) -> Store {
        Store::connect(&self.url).await.expect("connects")
    }

    /// Polls the server until the condition holds.
    async fn until(&self, what: &str, condition: &str) {
        let looking = async {
            let mut look = tokio::time::interval(LOOK);
            loop {
                look.tick().await;
                let ask = Statement::from_string(
                    self.admin.get_database_backend(),
                    format!("SELECT ({condition}) AS said"),
                );
                let row = self.admin.query_one_raw(ask).await.expect("answers").expect("a row");
                if row.try_get::<bool>("", "said").expect("yes or no") {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking).await.expect(what);
    }

    /// Cuts the connection that holds the lock, as a network failure or a server restart does, and returns which it was.
    async fn cut(&self) -> i32 {
        let sql = format!("SELECT pid, pg_terminate_backend(pid) FROM pg_locks WHERE {ADVISORY} AND granted");
        let cut = Statement::from_string(self.admin.get_database_backend(), sql);
        let row = self.admin.query_one_raw(cut).await.expect("answers").expect("somebody holds it");
        row.try_get("", "pid").expect("a process of the server")
    }

    /// Waits until a second process is queued for the lock.
    async fn until_queued(&self) {
        let condition = format!("EXISTS (SELECT 1 FROM pg_locks WHERE {ADVISORY} AND NOT granted)");
        self.until("the lock to be waited for", &condition).await;
    }
}

/// The locks of daemons on the current database.
const ADVISORY: &str =
    "locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A second process that waits for the database.
struct Waiting {
    reasons: watch::Receiver<String>,
    claimed: JoinHandle<Result<Claim, StoreError>>,
}

fn wait(store: &Store) -> Waiting {
    let (says, reasons) = watch::channel(String::new());
    let store = store.clone();
    let claimed =
        tokio::spawn(
            async move { store.claim_when_free(&OWNER, |reason| drop(says.send_replace(reason))).await },
        );
    Waiting { reasons, claimed }
}

impl Waiting {
    async fn until_it_says(&mut self, words: &str) {
        let said = self.reasons.wait_for(|reason| reason.contains(words));
        tokio::time::timeout(PATIENCE, said).await.expect("it says so in time").expect("it waits");
    }

    async fn claimed(self) -> Result<Claim, StoreError> {
        tokio::time::timeout(PATIENCE, self.claimed).await.expect("in time").expect("no panic")
    }
}

fn message(key: &str) -> NewItem {
    NewItem { key: key.to_owned(), msg: b"{}".to_vec(), funds: Vec::<Coin>::new(), reserved_gas: 0 }
}

fn signed(hash: &str, items: Vec<i64>) -> OutboxTx {
    let hash = hash.to_owned();
    OutboxTx { hash, bytes: vec![1], sequence: 7, signed_height: 10, timeout_height: 30, items }
}

/// Maintains a claim, as a daemon does, until it ends.
fn keep(claim: Claim) -> (Health, CancellationToken, JoinHandle<Result<(), StoreError>>) {
    let (health, cancel) = (Health::new(), CancellationToken::new());
    let kept = claim.keep(health.register("database"), cancel.clone());
    (health, cancel, tokio::spawn(kept))
}

#[tokio::test]
async fn a_standby_waits_and_takes_over_when_the_other_ends() {
    let Some(shared) = Shared::new("standby").await else { return };
    let (one, two) = (shared.process().await, shared.process().await);
    let claim = one.claim_when_free(&OWNER, |_| ()).await.expect("free");
    let mut waiting = wait(&two);
    waiting.until_it_says("gateway_test_standby").await;
    shared.until_queued().await;
    drop(claim);
    let _claim = waiting.claimed().await.expect("its turn");
    let work = two.begin().await.expect("it works");
    work.commit().await.expect("and writes");
    let refused = shared.process().await.claim(&OWNER).await.expect_err("in use");
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
}

#[tokio::test]
async fn a_standby_of_another_account_is_refused_at_once() {
    let Some(shared) = Shared::new("standby_other").await else { return };
    let (one, two) = (shared.process().await, shared.process().await);
    let _claim = one.claim(&OWNER).await.expect("free");
    let other = Owner { account: Some("archway1other"), ..OWNER };
    let refused = two.claim_when_free(&other, |_| ()).await.expect_err("another account");
    assert!(matches!(refused, StoreError::Foreign { name: "account", .. }), "{refused}");
}

#[tokio::test]
async fn a_replaced_process_neither_signs_nor_writes() {
    let Some(shared) = Shared::new("replaced").await else { return };
    let (one, two) = (shared.process().await, shared.process().await);
    let claim = one.claim(&OWNER).await.expect("free");
    let (_health, _cancel, kept) = keep(claim.clone());
    let item = one.enqueue(&message("a")).await.expect("queued").id;
    let waiting = wait(&two);
    shared.until_queued().await;
    shared.cut().await;
    let _claim = waiting.claimed().await.expect("its turn");

    let error = one.record_signed(&signed("T1", vec![item])).await.expect_err("it is another's turn");
    assert!(!error.retryable && error.reason.contains("taken the database over"), "{error}");
    assert!(matches!(one.begin().await, Err(StoreError::Replaced { own: 1, found: 2 })));
    assert!(matches!(claim.still_ours(), Err(StoreError::Replaced { .. })));
    let end = tokio::time::timeout(PATIENCE, kept).await.expect("it ends").expect("no panic");
    assert!(matches!(end, Err(StoreError::Replaced { .. })), "{end:?}");

    assert_eq!(two.in_flight().await.expect("reads"), []);
    two.record_signed(&signed("T2", vec![item])).await.expect("it is its turn");
}

#[tokio::test]
async fn what_was_begun_before_is_ended_before_the_other_begins() {
    let Some(shared) = Shared::new("begun").await else { return };
    let (one, two) = (shared.process().await, shared.process().await);
    let _old = one.claim(&OWNER).await.expect("free");
    let work = one.begin().await.expect("begun");
    let item = work.outbox().enqueue(&message("a")).await.expect("queued").id;
    let waiting = wait(&two);
    shared.until_queued().await;
    shared.cut().await;
    let behind = "EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
                  AND wait_event_type = 'Lock' AND query LIKE '%turn%')";
    shared.until("the next turn to wait for the unit of work", behind).await;
    work.commit().await.expect("it is still its turn");
    let _claim = waiting.claimed().await.expect("its turn");
    assert!(
        OutboxStore::item(&two, item).await.expect("reads").is_some(),
        "it was seen before anything is signed"
    );
    assert!(matches!(one.begin().await, Err(StoreError::Replaced { .. })));
}

#[tokio::test]
async fn a_cut_connection_that_nobody_waits_for_is_made_again() {
    let Some(shared) = Shared::new("cut").await else { return };
    let one = shared.process().await;
    let (health, cancel, kept) = keep(one.claim(&OWNER).await.expect("free"));
    let old = shared.cut().await;
    one.begin().await.expect("the turn is its own all the while").commit().await.expect("writes");
    let again = format!("EXISTS (SELECT 1 FROM pg_locks WHERE {ADVISORY} AND granted AND pid <> {old})");
    shared.until("the lock to be taken again", &again).await;
    let refused = shared.process().await.claim(&OWNER).await.expect_err("in use");
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    one.begin().await.expect("still its turn").commit().await.expect("writes");
    assert!(health.is_ready(), "{:?}", health.snapshot());
    cancel.cancel();
    kept.await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn a_frozen_process_loses_its_turn_and_holds_nobody_up() {
    let Some(shared) = Shared::new("frozen").await else { return };
    let (one, two) = (shared.process().await, shared.process().await);
    // Nothing maintains this claim or continues this unit of work, as in a process that the system has frozen.
    let _frozen = one.claim(&OWNER).await.expect("free");
    let work = one.begin().await.expect("begun");
    work.outbox().enqueue(&message("a")).await.expect("queued");
    let _claim = wait(&two).claimed().await.expect("its turn after the lease");
    assert!(work.commit().await.is_err(), "the server has ended it");
    assert!(matches!(one.begin().await, Err(StoreError::Replaced { .. })));
    assert_eq!(two.queued(0, 10).await.expect("reads"), []);
}
