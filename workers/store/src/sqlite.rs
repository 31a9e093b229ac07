//! Connections to a SQLite database: one for writing, a few for reading.

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::sqlx::Connection as _;

use crate::store::WAIT;

/// Reading connections.
const READERS: u32 = 4;

/// Returns whether the database disappears with its last connection.
pub(crate) fn in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

/// Returns the file of an address; `None` if it is in memory.
pub(crate) fn file(url: &str) -> Option<PathBuf> {
    let path =
        url.trim_start_matches("sqlite:").trim_start_matches("//").split('?').next().unwrap_or_default();
    (!in_memory(url) && !path.is_empty()).then(|| PathBuf::from(path))
}

/// Returns the options of the writing connection. A missing file is created.
///
/// When a disk is full SQLite itself rolls a transaction back. sqlx does not notice: it would treat whatever is begun
/// afterwards as part of that transaction, and report commits that never reach the disk. Such a connection is closed instead,
/// and a new one takes its place.
pub(crate) fn writing(url: &str) -> ConnectOptions {
    let mut options = options(url, 1, false, true);
    if !in_memory(url) {
        options.map_sqlx_sqlite_pool_opts(|pool| {
            // By then sqlx has waited for the rollback of dropped transactions.
            pool.before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        });
    }
    options
}

/// Returns the options of the reading connections, which refuse to write. A missing file is created if `create` is set.
pub(crate) fn reading(url: &str, create: bool) -> ConnectOptions {
    options(url, READERS, true, create)
}

fn options(url: &str, connections: u32, readers: bool, create: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).acquire_timeout(WAIT).sqlx_logging(false);
    if in_memory(url) {
        // The database lives as long as its one connection.
        options.idle_timeout(None::<Duration>).max_lifetime(None::<Duration>);
    }
    options.map_sqlx_sqlite_opts(move |o| {
        let o = o
            .create_if_missing(create)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            // FULL: a confirmed commit also survives a power cut, not only a killed process.
            .pragma("synchronous", "FULL")
            .pragma("journal_mode", "WAL");
        if readers { o.pragma("query_only", "ON") } else { o }
    });
    options
}
