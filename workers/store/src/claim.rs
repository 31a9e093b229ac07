//! What a database belongs to, and that one process uses it.
//!
//! Cursors, ids and signed transactions of one chain and contract make no sense for another, and two daemons on one outbox
//! would skip each other's sequence numbers. Both are refused at the start, with what to do.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait, Statement, TransactionTrait,
};

use crate::entity::binding::{ActiveModel, Column, Entity};
use crate::error::{During, Result, StoreError};
use crate::store::Store;

/// The advisory lock of PostgreSQL that a daemon holds on its database ("gateway" in ASCII).
const POSTGRES_LOCK: i64 = 0x0067_6174_6577_6179;

/// How often and at which interval the lock is asked for: the server frees it a moment after its holder has gone.
const LOCK_TRIES: u32 = 30;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// Whom a database is to belong to.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// Chain id.
    pub chain_id: &'a str,
    /// Address of the contract.
    pub contract: &'a str,
    /// Address of the account whose transactions the outbox signs; `None` where there is none.
    pub account: Option<&'a str>,
}

/// A database that this process alone uses, until this is dropped or the process ends.
#[derive(Debug)]
#[must_use = "the database is free again when this is dropped"]
pub struct Claim {
    _held: Held,
}

#[derive(Debug)]
enum Held {
    /// In memory: nobody else can reach it.
    Nothing,
    /// The lock file beside a SQLite database; the system unlocks it when the process ends, however it ends.
    File { _file: File },
    /// A connection of PostgreSQL with the advisory lock.
    Postgres { _tx: DatabaseTransaction },
}

impl Store {
    /// Takes the database for this process and binds it to `owner`, or checks that it is.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Foreign`], or the database fails.
    pub async fn claim(&self, owner: &Owner<'_>) -> Result<Claim> {
        let held = self.lock().await?;
        let wanted = [
            ("chain_id", Some(owner.chain_id)),
            ("contract", Some(owner.contract)),
            ("account", owner.account),
        ];
        let work = self.begin().await?;
        for (name, value) in wanted.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))) {
            let found =
                Entity::find_by_id(name.to_owned()).one(work.transaction()).await.during("read a binding")?;
            match found {
                Some(row) if row.value == value => {}
                Some(row) => {
                    return Err(StoreError::Foreign { name, found: row.value, expected: value.to_owned() });
                }
                None => {
                    let row = ActiveModel { name: Set(name.to_owned()), value: Set(value.to_owned()) };
                    let insert = Entity::insert(row).exec_without_returning(work.transaction());
                    insert.await.during("bind the database")?;
                }
            }
        }
        work.commit().await?;
        Ok(Claim { _held: held })
    }

    /// What the database is bound to: `chain_id`, `contract` and, where there is one, `account`. Empty before the first claim.
    ///
    /// # Errors
    /// [`StoreError::Statement`](crate::StoreError::Statement).
    pub async fn bindings(&self) -> Result<BTreeMap<String, String>> {
        let rows = Entity::find().all(self.reader()).await.during("read the bindings")?;
        Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
    }

    /// Writes what the database belongs to under a further name, over what stood there.
    ///
    /// # Errors
    /// [`StoreError::Statement`](crate::StoreError::Statement).
    pub async fn bind(&self, name: &str, value: &str) -> Result<()> {
        let work = self.begin().await?;
        let row = ActiveModel { name: Set(name.to_owned()), value: Set(value.to_owned()) };
        Entity::insert(row)
            .on_conflict(OnConflict::column(Column::Name).update_column(Column::Value).to_owned())
            .exec_without_returning(work.transaction())
            .await
            .during("bind the database")?;
        work.commit().await
    }

    async fn lock(&self) -> Result<Held> {
        if let Some(path) = self.file() {
            return lock_file(path.with_added_extension("lock"));
        }
        if self.is_sqlite() {
            return Ok(Held::Nothing);
        }
        let tx = self.writer().begin().await.during("begin a transaction")?;
        let sql = format!("SELECT pg_try_advisory_xact_lock({POSTGRES_LOCK}) AS taken");
        for _ in 0..LOCK_TRIES {
            let ask = Statement::from_string(tx.get_database_backend(), sql.clone());
            let row = tx.query_one_raw(ask).await.during("lock the database")?;
            if row.and_then(|row| row.try_get::<bool>("", "taken").ok()) == Some(true) {
                return Ok(Held::Postgres { _tx: tx });
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
        Err(in_use("its PostgreSQL lock"))
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
