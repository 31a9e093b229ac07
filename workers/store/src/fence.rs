//! Turns at a database, counted in it: they keep a process from writing once another has taken over.
//!
//! A lock alone does not: PostgreSQL frees it when a connection is cut, and its holder finds out later. So each claim takes the
//! next turn, and each unit of work reads the turn under a lock of the row: the next claim waits for units already started, and
//! whatever starts later is refused. SQLite's lock is the system's and ends with the process, so nothing is counted there.

use std::sync::atomic::{AtomicI64, Ordering};

use gateway_daemon_runtime::CancellationToken;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement};

use crate::error::{During, Result, StoreError, has_code};

/// Milliseconds after which the server ends an idle transaction: a frozen or disconnected process blocks others no longer than
/// that. Greater than the time that a daemon's tasks get to end.
pub(crate) const LEASE_MS: u32 = 15_000;

/// PostgreSQL's code for a table that does not exist.
const NO_TABLE: &str = "42P01";

/// The turn of this process, and whether it is over.
#[derive(Debug, Default)]
pub(crate) struct Fence {
    /// 0 if turns are not counted.
    own: AtomicI64,
    replaced: CancellationToken,
    /// The other process's turn, once found.
    found: AtomicI64,
}

impl Fence {
    /// Checks that it is still this process's turn, and ensures it stays so until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError::Replaced`], [`StoreError::Statement`].
    pub(crate) async fn enter(&self, tx: &DatabaseTransaction) -> Result<()> {
        let own = self.own.load(Ordering::Acquire);
        if own == 0 {
            return Ok(());
        }
        let sql = format!(
            "SELECT CAST(value AS bigint) AS turn, set_config('idle_in_transaction_session_timeout', '{LEASE_MS}', true) \
             FROM binding WHERE name = 'turn' FOR SHARE"
        );
        self.compare(turn(tx, sql).await.during("look whose turn it is")?)
    }

    /// Compares a turn read from the database with this process's.
    ///
    /// # Errors
    /// [`StoreError::Replaced`].
    pub(crate) fn compare(&self, found: i64) -> Result<()> {
        if found != self.own.load(Ordering::Acquire) {
            self.found.store(found, Ordering::Release);
            self.replaced.cancel();
        }
        self.check()
    }

    /// Checks whether another process was found to have taken over.
    ///
    /// # Errors
    /// [`StoreError::Replaced`].
    pub(crate) fn check(&self) -> Result<()> {
        if !self.replaced.is_cancelled() {
            return Ok(());
        }
        let (found, own) = (self.found.load(Ordering::Acquire), self.own.load(Ordering::Acquire));
        Err(StoreError::Replaced { found, own })
    }

    /// Waits until another process is found to have taken over.
    pub(crate) async fn replaced(&self) {
        self.replaced.cancelled().await;
    }

    /// Takes the turn that [`advance`] returned.
    pub(crate) fn set(&self, turn: i64) {
        self.own.store(turn, Ordering::Release);
    }
}

/// Starts the next turn and returns it; the caller must hold the lock. Waits for units of work of the previous turn.
///
/// # Errors
/// [`StoreError::Statement`].
pub(crate) async fn advance(tx: &DatabaseTransaction) -> Result<i64> {
    let sql = "INSERT INTO binding (name, value) VALUES ('turn', '1') ON CONFLICT (name) DO UPDATE \
               SET value = CAST(CAST(binding.value AS bigint) + 1 AS text) RETURNING CAST(value AS bigint) AS turn";
    turn(tx, sql.to_owned()).await.during("begin a turn")
}

/// Returns the current turn in the database; 0 if it counts none.
///
/// # Errors
/// [`StoreError::Statement`].
pub(crate) async fn current(db: &impl ConnectionTrait) -> Result<i64> {
    let sql = "SELECT CAST(value AS bigint) AS turn FROM binding WHERE name = 'turn'";
    match turn(db, sql.to_owned()).await {
        Err(error) if has_code(&error, NO_TABLE) => Ok(0),
        read => read.during("look whose turn it is"),
    }
}

async fn turn(db: &impl ConnectionTrait, sql: String) -> Result<i64, DbErr> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    row.map_or(Ok(0), |row: QueryResult| row.try_get("", "turn"))
}
