//! Errors of the database, and which are retryable.

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Result of a call to the database.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A failed call to the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address does not name a supported database.
    #[error("database address {address:?}: it must start with sqlite: or postgres:")]
    Address {
        /// The scheme found; the rest may carry a password.
        address: String,
    },
    /// The folder of a SQLite file does not exist.
    #[error("database: the folder {} does not exist", folder.display())]
    Folder {
        /// The folder.
        folder: std::path::PathBuf,
    },
    /// Only SQLite databases can be copied.
    #[error("copies are made of sqlite: databases only; for PostgreSQL use pg_dump and pg_restore")]
    NotSqlite,
    /// The target already exists.
    #[error("{} exists: nothing is overwritten, move it away first", file.display())]
    Exists {
        /// The file.
        file: std::path::PathBuf,
    },
    /// A copy could not be put in place.
    #[error("cannot copy {}: {source}", file.display())]
    Copy {
        /// The copy.
        file: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database could not be opened or migrated.
    #[error("cannot open the database: {0}")]
    Open(#[source] DbErr),
    /// The database was made by an older program, and must not be changed.
    #[error(
        "the database is {pending} migrations behind this program: start the daemon of this release on it first"
    )]
    NotMigrated {
        /// Pending migrations.
        pending: usize,
    },
    /// A statement failed.
    #[error("{what}: {source}")]
    Statement {
        /// What was being done.
        what: &'static str,
        /// The database's reason.
        #[source]
        source: DbErr,
    },
    /// A stored value is malformed: something else has changed the file.
    #[error("{what} is not readable in the database: {reason}")]
    Corrupt {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process uses the database.
    #[error(
        "the database is in use by another daemon ({lock} is held): stop that one, or configure another database"
    )]
    InUse {
        /// What is held.
        lock: String,
    },
    /// Another process has taken over the database since this one claimed it.
    #[error(
        "another daemon has taken the database over (its turn is {found}, this one's was {own}): nothing more is written from here; \
         where a second relay is to wait for its turn, set standby = true"
    )]
    Replaced {
        /// The turn of the process that now has the database; 0 if the database does not record it.
        found: i64,
        /// The turn of this process.
        own: i64,
    },
    /// The lock file cannot be used.
    #[error("cannot lock {}: {source}", path.display())]
    Lock {
        /// The file.
        path: std::path::PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The database belongs to another chain, contract or account.
    #[error(
        "the database belongs to {name} {found}, the configuration says {expected}: configure another database"
    )]
    Foreign {
        /// The name of the differing value.
        name: &'static str,
        /// The database's value.
        found: String,
        /// The configured value.
        expected: String,
    },
    /// A number does not fit the database's integers.
    #[error("{what} {value} does not fit the database")]
    Range {
        /// Which number.
        what: &'static str,
        /// The number.
        value: u64,
    },
}

impl StoreError {
    /// Returns whether the same call may succeed later without intervention.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Statement { source, .. } | Self::Open(source) => is_transient(source),
            Self::NotSqlite
            | Self::Exists { .. }
            | Self::Copy { .. }
            | Self::Address { .. }
            | Self::Folder { .. }
            | Self::Corrupt { .. }
            | Self::InUse { .. }
            | Self::Replaced { .. }
            | Self::Lock { .. }
            | Self::Foreign { .. }
            | Self::NotMigrated { .. }
            | Self::Range { .. } => false,
        }
    }

    pub(crate) fn corrupt(what: &'static str, reason: impl ToString) -> Self {
        Self::Corrupt { what, reason: reason.to_string() }
    }
}

impl gateway_daemon_runtime::Retryable for StoreError {
    fn is_retryable(&self) -> bool {
        Self::is_retryable(self)
    }
}

/// Primary codes of SQLite's transient errors: busy, locked, a failed read or write, a full disk.
const SQLITE_PASSING: [u32; 4] = [5, 6, 10, 13];

/// Codes of PostgreSQL's transient errors: a transaction that was idle for too long, serialisation, deadlock, shutting down,
/// starting up, a failed read or write; and the whole class "insufficient resources", which includes a full disk.
const POSTGRES_PASSING: [&str; 7] = ["25P03", "40001", "40P01", "57P01", "57P02", "57P03", "58030"];
const POSTGRES_RESOURCES: &str = "53";

fn of_sqlx(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error.as_ref()),
        _ => None,
    }
}

/// Returns whether the database refused with a code.
pub(crate) fn has_code(error: &DbErr, code: &str) -> bool {
    of_sqlx(error)
        .and_then(sqlx::Error::as_database_error)
        .is_some_and(|error| error.code().as_deref() == Some(code))
}

fn is_transient(error: &DbErr) -> bool {
    let Some(error) = of_sqlx(error) else {
        return matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_));
    };
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient_code(&code)),
        _ => false,
    }
}

/// Returns whether an error code is transient: PostgreSQL's codes have five characters, SQLite's are smaller numbers with the
/// primary code in their lowest byte.
fn is_transient_code(code: &str) -> bool {
    if code.len() == 5 {
        return code.starts_with(POSTGRES_RESOURCES) || POSTGRES_PASSING.contains(&code);
    }
    code.parse::<u32>().is_ok_and(|code| SQLITE_PASSING.contains(&(code & 0xff)))
}

/// Adds to a database error what was being done.
pub(crate) trait During<T> {
    fn during(self, what: &'static str) -> Result<T>;
}

impl<T> During<T> for std::result::Result<T, DbErr> {
    fn during(self, what: &'static str) -> Result<T> {
        self.map_err(|source| StoreError::Statement { what, source })
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Database};

    use super::*;

    #[test]
    fn transient_errors_are_known_by_their_codes() {
        for code in ["5", "6", "13", "261", "517", "773", "778", "1034", "40001", "53100", "53300", "57P03"] {
            assert!(is_transient_code(code), "{code}");
        }
        for code in ["1", "11", "19", "2067", "23505", "42P01", ""] {
            assert!(!is_transient_code(code), "{code}");
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_transient_and_a_broken_constraint_is_not() {
        let database = Database::connect("sqlite::memory:").await.expect("a database");
        database.execute_unprepared("CREATE TABLE t (x BLOB NOT NULL)").await.expect("a table");
        database.execute_unprepared("PRAGMA max_page_count = 4").await.expect("a bound");
        let full = database.execute_unprepared("INSERT INTO t VALUES (zeroblob(100000))").await;
        let error = full.during("writing").expect_err("there is no place");
        assert!(error.is_retryable() && error.to_string().contains("full"), "{error}");
        let broken = database.execute_unprepared("INSERT INTO t VALUES (NULL)").await;
        assert!(!broken.during("writing").expect_err("no value").is_retryable());
    }
}
