//! The lock that a process holds on its database: a lock file for SQLite, an advisory lock for PostgreSQL.
//!
//! PostgreSQL's is held by a transaction that does nothing else, so that it also works behind a transaction pooler, and under a
//! lease: the server ends a transaction that has been idle for [`LEASE_MS`].

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, TransactionTrait};

use crate::error::{During, Result, StoreError, has_code};
use crate::fence::LEASE_MS;
use crate::store::Store;

/// The PostgreSQL advisory lock that a daemon holds on its database ("gateway" in ASCII).
const POSTGRES_LOCK: i64 = 0x0067_6174_6577_6179;

/// Milliseconds for which one statement waits for the lock: a connection that broke unnoticed is detected by the next one.
const QUEUE_MS: u32 = 5_000;
/// PostgreSQL's code for a lock that did not become free in that time.
const NOT_FREE: &str = "55P03";
/// Time limit for the server's answer on the lock's connection.
const ANSWER: Duration = Duration::from_secs(3);

/// A lock that is held.
#[derive(Debug)]
pub(crate) enum Held {
    /// In memory: no other process can reach it.
    Nothing,
    /// The lock file next to a SQLite database; the system unlocks it when the process ends, however it ends.
    File { _file: File },
    /// A PostgreSQL transaction with the advisory lock; `None` while its connection is lost.
    Postgres(Option<DatabaseTransaction>),
}

impl Store {
    /// Takes the lock if it is free.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when it is held, [`StoreError::Lock`], [`StoreError::Statement`].
    pub(crate) async fn try_lock(&self) -> Result<Held> {
        if let Some(path) = self.file() {
            return lock_file(path.with_added_extension("lock"));
        }
        if self.is_sqlite() {
            return Ok(Held::Nothing);
        }
        let tx = self.under_lease().await?;
        let sql = format!("SELECT pg_try_advisory_xact_lock({POSTGRES_LOCK}) AS taken");
        let row = tx.query_one_raw(Statement::from_string(tx.get_database_backend(), sql)).await;
        match row.during("lock the database")?.and_then(|row| row.try_get::<bool>("", "taken").ok()) {
            Some(true) => Ok(Held::Postgres(Some(tx))),
            _ => Err(in_use("its PostgreSQL lock")),
        }
    }

    /// Waits in PostgreSQL's queue for the lock, which the server hands over the moment it becomes free; `None` if it did not
    /// become free within a while.
    ///
    /// # Errors
    /// [`StoreError::Statement`].
    pub(crate) async fn queue_for_lock(&self) -> Result<Option<Held>> {
        let tx = self.under_lease().await?;
        let bound = format!("SET LOCAL lock_timeout = {QUEUE_MS}; SET LOCAL statement_timeout = 0");
        tx.execute_unprepared(&bound).await.during("lock the database")?;
        match tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({POSTGRES_LOCK})")).await {
            Ok(_) => Ok(Some(Held::Postgres(Some(tx)))),
            Err(error) if has_code(&error, NOT_FREE) => Ok(None),
            Err(error) => Err(error).during("lock the database"),
        }
    }

    /// Returns PostgreSQL's name of the database.
    ///
    /// # Errors
    /// [`StoreError::Statement`].
    pub(crate) async fn name(&self) -> Result<String> {
        let ask = Statement::from_string(
            self.reader().get_database_backend(),
            "SELECT current_database()::text AS name",
        );
        let row = self.reader().query_one_raw(ask).await.during("ask for the database's name")?;
        Ok(row.and_then(|row| row.try_get("", "name").ok()).unwrap_or_default())
    }

    async fn under_lease(&self) -> Result<DatabaseTransaction> {
        let tx = self.writer().begin().await.during("begin a transaction")?;
        let lease = format!("SET LOCAL idle_in_transaction_session_timeout = {LEASE_MS}");
        tx.execute_unprepared(&lease).await.during("lock the database")?;
        Ok(tx)
    }
}

impl Held {
    /// Checks that the lock is still held, which renews its lease. A connection that does not answer is given up.
    pub(crate) async fn renew(&mut self) -> bool {
        let Self::Postgres(held) = self else { return true };
        let Some(tx) = held.take() else { return false };
        let answer = tokio::time::timeout(ANSWER, tx.execute_unprepared("SELECT 1")).await;
        let answers = matches!(answer, Ok(Ok(_)));
        if answers {
            *held = Some(tx);
        }
        answers
    }
}

fn lock_file(path: PathBuf) -> Result<Held> {
    let failed = |source| StoreError::Lock { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Held::File { _file: file }),
        Err(TryLockError::WouldBlock) => Err(in_use(&path.display().to_string())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn in_use(lock: &str) -> StoreError {
    StoreError::InUse { lock: lock.to_owned() }
}
