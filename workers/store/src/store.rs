//! Opens the database, and runs units of work on it.
//!
//! SQLite has one writing connection (so writers queue instead of failing) and a few reading ones; PostgreSQL has one pool.
//! Pending migrations run on opening.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    AccessMode, ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::error::{During, Result, StoreError};
use crate::fence::Fence;
use crate::migration::Migrator;
use crate::mode::{Read, Write};
use crate::sqlite;
use crate::tally::Tally;
use crate::{
    Abstentions, Attestations, Bodies, Conduct, Counting, Cursors, Events, Gaps, Jobs, Nodes, OutboxRows,
    Received, Requests, Results, Retention, Spending, Sponsored, Statistics,
};

/// How long a statement waits for another process's lock, and a task for a connection.
pub(crate) const WAIT: Duration = Duration::from_secs(10);
/// Connections of PostgreSQL.
const POSTGRES_POOL: u32 = 8;

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    sqlite: bool,
    /// The database's file, if it is one.
    file: Option<PathBuf>,
    /// Refuses units of work once another process has the database.
    fence: Arc<Fence>,
}

/// A unit of work: one transaction. Dropped without [`Work::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Work {
    tx: DatabaseTransaction,
    /// Its additions to the sums, written by [`Work::commit`].
    tally: Tally,
}

macro_rules! repositories {
    ($mode:ty, $field:ident) => {
        /// Returns the heights up to which blocks have been processed.
        #[must_use]
        pub fn cursors(&self) -> Cursors<'_, $mode> {
            Cursors::new(&self.$field)
        }
        /// Returns the mirror of the contract's nodes.
        #[must_use]
        pub fn nodes(&self) -> Nodes<'_, $mode> {
            Nodes::new(&self.$field)
        }
        /// Returns the mirror of the contract's results.
        #[must_use]
        pub fn results(&self) -> Results<'_, $mode> {
            Results::new(&self.$field)
        }
        /// Returns statistics of the mirror.
        #[must_use]
        pub fn statistics(&self) -> Statistics<'_, $mode> {
            Statistics::new(&self.$field)
        }
        /// Returns the verified attestations.
        #[must_use]
        pub fn attestations(&self) -> Attestations<'_, $mode> {
            Attestations::new(&self.$field)
        }
        /// Returns nodes' conduct by epoch.
        #[must_use]
        pub fn conduct(&self) -> Conduct<'_, $mode> {
            Conduct::new(&self.$field)
        }
        /// Returns the gaps in the mirror's past.
        #[must_use]
        pub fn gaps(&self) -> Gaps<'_, $mode> {
            Gaps::new(&self.$field)
        }
        /// Returns why nodes have no outcome.
        #[must_use]
        pub fn abstentions(&self) -> Abstentions<'_, $mode> {
            Abstentions::new(&self.$field)
        }
        /// Returns the contract's events in chain order.
        #[must_use]
        pub fn events(&self) -> Events<'_, $mode> {
            Events::new(&self.$field)
        }
        /// Returns the bodies that the chain has by hash only.
        #[must_use]
        pub fn bodies(&self) -> Bodies<'_, $mode> {
            Bodies::new(&self.$field)
        }
        /// Returns a node's jobs.
        #[must_use]
        pub fn jobs(&self) -> Jobs<'_, $mode> {
            Jobs::new(&self.$field)
        }
        /// Returns the requests received while the chain did not answer.
        #[must_use]
        pub fn received(&self) -> Received<'_, $mode> {
            Received::new(&self.$field)
        }
        /// Returns each payer's daily spending.
        #[must_use]
        pub fn spending(&self) -> Spending<'_, $mode> {
            Spending::new(&self.$field)
        }
        /// Returns the requests received over HTTP, by idempotency key.
        #[must_use]
        pub fn sponsored(&self) -> Sponsored<'_, $mode> {
            Sponsored::new(&self.$field)
        }
        /// Returns the messages waiting to become transactions.
        #[must_use]
        pub fn outbox(&self) -> OutboxRows<'_, $mode> {
            OutboxRows::new(&self.$field)
        }
    };
}

impl Store {
    /// Opens a database and migrates its schema. `url` is `sqlite:path`, `sqlite::memory:` or `postgres://…`. A missing SQLite
    /// file is created.
    ///
    /// # Errors
    /// [`StoreError::Address`] when the address is not supported, [`StoreError::Open`] when the database cannot be opened or
    /// migrated.
    pub async fn open(url: &str) -> Result<Self> {
        let store = Self::connect(url).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Connects to a database as [`Store::open`] does but leaves its schema as it is until [`Store::claim`]: another process
    /// may be using it.
    ///
    /// # Errors
    /// [`StoreError::Address`] when the address is not supported, [`StoreError::Open`] when the database cannot be opened.
    pub async fn connect(url: &str) -> Result<Self> {
        let scheme = url.split(':').next().unwrap_or_default();
        match scheme {
            "sqlite" => Self::open_sqlite(url).await,
            "postgres" | "postgresql" => {
                let mut options = ConnectOptions::new(url);
                options.max_connections(POSTGRES_POOL).acquire_timeout(WAIT).sqlx_logging(false);
                let pool = Database::connect(options).await.map_err(StoreError::Open)?;
                Ok(Self {
                    writer: pool.clone(),
                    reader: pool,
                    sqlite: false,
                    file: None,
                    fence: Arc::default(),
                })
            }
            _ => Err(StoreError::Address { address: scheme.to_owned() }),
        }
    }

    /// Migrates the schema.
    pub(crate) async fn migrate(&self) -> Result<()> {
        Migrator::up(&self.writer, None).await.map_err(StoreError::Open)
    }

    /// Returns whether the schema is older than this program.
    pub(crate) async fn is_behind(&self) -> Result<bool> {
        let pending = Migrator::get_pending_migrations(&self.writer).await.map_err(StoreError::Open)?;
        Ok(!pending.is_empty())
    }

    /// Opens an existing database read-only, even while the daemon is using it.
    ///
    /// # Errors
    /// The address is not supported, there is no such database, or it belongs to an older program
    /// ([`StoreError::NotMigrated`]).
    pub async fn open_existing(url: &str) -> Result<Self> {
        let scheme = url.split(':').next().unwrap_or_default();
        let (reader, file) = match scheme {
            "sqlite" => (
                Database::connect(sqlite::reading(url, false)).await.map_err(StoreError::Open)?,
                sqlite::file(url),
            ),
            "postgres" | "postgresql" => {
                let mut options = ConnectOptions::new(url);
                options.max_connections(POSTGRES_POOL).acquire_timeout(WAIT).sqlx_logging(false);
                (Database::connect(options).await.map_err(StoreError::Open)?, None)
            }
            _ => return Err(StoreError::Address { address: scheme.to_owned() }),
        };
        let pending = Migrator::get_pending_migrations(&reader).await.map_err(StoreError::Open)?.len();
        if pending > 0 {
            return Err(StoreError::NotMigrated { pending });
        }
        let sqlite = scheme == "sqlite";
        Ok(Self { writer: reader.clone(), reader, sqlite, file, fence: Arc::default() })
    }

    /// Checks an address without opening the database: a supported scheme and, for a SQLite file, an existing folder.
    ///
    /// # Errors
    /// [`StoreError::Address`] or [`StoreError::Folder`].
    pub fn check_address(url: &str) -> Result<()> {
        let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
        match scheme {
            "postgres" | "postgresql" => Ok(()),
            "sqlite" if rest.starts_with(":memory:") => Ok(()),
            "sqlite" => {
                let file = rest.trim_start_matches("//").split('?').next().unwrap_or_default();
                let folder = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty());
                match folder.filter(|folder| !folder.is_dir()) {
                    Some(folder) => Err(StoreError::Folder { folder: folder.to_owned() }),
                    None => Ok(()),
                }
            }
            _ => Err(StoreError::Address { address: scheme.to_owned() }),
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self> {
        let writer = Database::connect(sqlite::writing(url)).await.map_err(StoreError::Open)?;
        let reader = if sqlite::in_memory(url) {
            writer.clone()
        } else {
            Database::connect(sqlite::reading(url, true)).await.map_err(StoreError::Open)?
        };
        Ok(Self { writer, reader, sqlite: true, file: sqlite::file(url), fence: Arc::default() })
    }

    /// Begins a unit of work. SQLite runs one at a time: keep it short, and never wait for the network in it. On a PostgreSQL
    /// database that this process has claimed, no other process takes over before the unit has ended.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] when another process has taken over, [`StoreError::Statement`].
    pub async fn begin(&self) -> Result<Work> {
        let work = self.begin_unfenced().await?;
        self.fence.enter(work.transaction()).await?;
        Ok(work)
    }

    /// Begins a unit of work regardless of who has the database.
    pub(crate) async fn begin_unfenced(&self) -> Result<Work> {
        let options = TransactionOptions {
            access_mode: (!self.sqlite).then_some(AccessMode::ReadWrite),
            // Immediate: a transaction that reads first never fails half-way when it starts writing.
            sqlite_transaction_mode: self.sqlite.then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.writer.begin_with_options(options).await.during("begin a transaction")?;
        Ok(Work { tx, tally: Tally::default() })
    }

    /// Waits for running statements and closes every connection.
    ///
    /// # Errors
    /// [`StoreError::Statement`].
    pub async fn close(self) -> Result<()> {
        self.reader.close().await.during("close the database")?;
        self.writer.close().await.during("close the database")
    }

    pub(crate) const fn fence(&self) -> &Arc<Fence> {
        &self.fence
    }

    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub(crate) const fn is_sqlite(&self) -> bool {
        self.sqlite
    }

    pub(crate) const fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    pub(crate) const fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// Returns the mirror of the contract's requests, and the state of their publication.
    #[must_use]
    pub fn requests(&self) -> Requests<'_, Read> {
        Requests::reading(&self.reader)
    }

    repositories!(Read, reader);
}

impl Work {
    /// Makes everything done through this unit of work permanent, all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Statement`], in which case nothing was stored.
    pub async fn commit(self) -> Result<()> {
        self.tally.write(&self.tx).await?;
        self.tx.commit().await.during("commit a transaction")
    }

    pub(crate) const fn transaction(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// Returns the rows that may be deleted.
    #[must_use]
    pub fn retention(&self) -> Retention<'_> {
        Retention::new(&self.tx, &self.tally)
    }

    /// Returns the mirror of the contract's requests, and the state of their publication.
    #[must_use]
    pub fn requests(&self) -> Requests<'_, Write> {
        Requests::counting(&self.tx, &self.tally)
    }

    /// Returns the counter of results for nodes' conduct by epoch.
    #[must_use]
    pub fn counting(&self) -> Counting<'_> {
        Counting::new(&self.tx, &self.tally)
    }

    repositories!(Write, tx);
}
