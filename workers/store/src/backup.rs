//! Copies of a SQLite database: made while the daemon runs, and restored so that nothing is done twice.
//!
//! A restored database is older than the chain. What it still had to send may have been sent since, and what a node was about
//! to attest it may have attested differently: two attestations for one request are slashed. So whatever was under way when the
//! copy was made is ended; the daemon reconciles the rest with the contract at its start.

use std::path::{Path, PathBuf};

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use crate::entity::{cursor, job, outbox, outbox_tx, received};
use crate::error::{During, Result, StoreError};
use crate::store::{Store, Work};

/// Why work under way is ended.
const WHY: &str = "the database was restored from a backup: this may have been done since";

/// What was ended because it may have been done since the copy was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Messages that were queued or sent, and are not sent again.
    pub messages: u64,
    /// A node's jobs that were not attested or not delivered.
    pub jobs: u64,
    /// Requests that were received and not sent.
    pub received: u64,
}

impl Store {
    /// Writes a copy of the database to `file`, which must not exist; the daemon may keep running. SQLite only: for PostgreSQL
    /// use `pg_dump`.
    ///
    /// # Errors
    /// [`StoreError::NotSqlite`], [`StoreError::Exists`], or that of a failed statement.
    pub async fn backup(&self, file: &Path) -> Result<()> {
        if !self.is_sqlite() {
            return Err(StoreError::NotSqlite);
        }
        if file.exists() {
            return Err(StoreError::Exists { file: file.to_owned() });
        }
        let db = self.writer();
        let into = Statement::from_sql_and_values(
            db.get_database_backend(),
            "VACUUM INTO ?",
            [file.display().to_string().into()],
        );
        db.execute_raw(into).await.during("copy the database")?;
        Ok(())
    }

    /// Restores a copy to a database that does not exist yet, and ends what was under way in it.
    ///
    /// # Errors
    /// [`StoreError::NotSqlite`], [`StoreError::Exists`], [`StoreError::Copy`], or that of a failed statement.
    pub async fn restore(copy: &Path, url: &str) -> Result<Restored> {
        let path = url.strip_prefix("sqlite:").ok_or(StoreError::NotSqlite)?;
        let file = PathBuf::from(path.trim_start_matches("//").split('?').next().unwrap_or_default());
        if file.exists() {
            return Err(StoreError::Exists { file });
        }
        std::fs::copy(copy, &file).map_err(|source| StoreError::Copy { file: copy.to_owned(), source })?;
        let store = Self::open(url).await?;
        let work = store.begin().await?;
        let ended = work.end_what_was_under_way().await?;
        work.commit().await?;
        store.close().await?;
        Ok(ended)
    }
}

impl Work {
    async fn end_what_was_under_way(&self) -> Result<Restored> {
        let db = self.transaction();
        let what = "end what was under way";
        let messages = outbox::Entity::update_many()
            .col_expr(outbox::Column::State, Expr::value("failed"))
            .col_expr(outbox::Column::Error, Expr::value(WHY))
            .filter(outbox::Column::State.is_in(["queued", "signed"]))
            .exec(db)
            .await
            .during(what)?
            .rows_affected;
        outbox_tx::Entity::update_many()
            .col_expr(outbox_tx::Column::Settled, Expr::value(true))
            .filter(outbox_tx::Column::Settled.eq(false))
            .exec(db)
            .await
            .during(what)?;
        let jobs = job::Entity::update_many()
            .col_expr(job::Column::State, Expr::value("abstained"))
            .col_expr(job::Column::Reason, Expr::value(WHY))
            .filter(job::Column::State.is_in(["waiting", "seated", "attested"]))
            .exec(db)
            .await
            .during(what)?
            .rows_affected;
        // A node's follower starts anew, as on an empty database: requests opened since the copy was made may have been
        // answered.
        cursor::Entity::delete_by_id("node".to_owned()).exec(db).await.during(what)?;
        let received = received::Entity::update_many()
            .col_expr(received::Column::State, Expr::value("refused"))
            .col_expr(received::Column::Reason, Expr::value(WHY))
            .filter(received::Column::State.eq("waiting"))
            .exec(db)
            .await
            .during(what)?
            .rows_affected;
        Ok(Restored { messages, jobs, received })
    }
}
