//! Binds a database to its owner, and ensures that only one process uses it.
//!
//! Cursors, ids and signed transactions of one chain and contract make no sense for another: such a database is refused at the
//! start, with advice. Two daemons on one outbox would skip each other's sequence numbers: the second one waits or is refused.
//! A claim on PostgreSQL is maintained by [`Claim::keep`], because its connection may be cut.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gateway_daemon_runtime::CancellationToken;
use gateway_daemon_runtime::health::Readiness;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};
use tokio::sync::Mutex;

use crate::entity::binding::{ActiveModel, Column, Entity};
use crate::error::{During, Result, StoreError};
use crate::fence::{self, Fence};
use crate::lock::Held;
use crate::store::{Store, Work};

/// Number and interval of attempts at PostgreSQL's lock: the server frees it a moment after its holder has gone.
const LOCK_TRIES: u32 = 30;
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// Pause between two checks of a held lock: a small fraction of its lease.
const LOOK: Duration = Duration::from_secs(2);

/// The intended owner of a database.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// Chain id.
    pub chain_id: &'a str,
    /// Address of the contract.
    pub contract: &'a str,
    /// Address of the account whose transactions the outbox signs, if there is one.
    pub account: Option<&'a str>,
}

/// Exclusive use of a database by this process, until the last clone of this is dropped or the process ends.
#[derive(Clone, Debug)]
#[must_use = "the database is free again when this is dropped"]
pub struct Claim {
    held: Arc<Mutex<Held>>,
    fence: Arc<Fence>,
    store: Store,
}

impl Store {
    /// Claims the database for this process, migrates its schema and binds it to `owner`, or checks that it is bound to it.
    ///
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::Foreign`], or that of a failed statement.
    pub async fn claim(&self, owner: &Owner<'_>) -> Result<Claim> {
        let mut tries = LOCK_TRIES;
        let held = loop {
            match self.try_lock().await {
                Err(StoreError::InUse { .. }) if tries > 0 && !self.is_sqlite() => tries -= 1,
                end => break end?,
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        };
        self.bound(held, owner).await
    }

    /// Claims the database as [`Store::claim`] does, but waits while another process holds it. `waiting` gets the reason.
    ///
    /// # Errors
    /// [`StoreError::InUse`] on SQLite, [`StoreError::Foreign`], or that of a failed statement.
    pub async fn claim_when_free(&self, owner: &Owner<'_>, waiting: impl Fn(String)) -> Result<Claim> {
        let held = match self.try_lock().await {
            Err(StoreError::InUse { .. }) if !self.is_sqlite() => {
                // What would be refused after the wait is refused now.
                if !self.is_behind().await? {
                    let bound = self.bindings().await?;
                    owner.wanted().try_for_each(|(name, value)| owns(&bound, name, value))?;
                }
                let name = self.name().await?;
                waiting(format!(
                    "standby: another process holds the database {name}, this one takes over when that ends"
                ));
                loop {
                    if let Some(held) = self.queue_for_lock().await? {
                        break held;
                    }
                }
            }
            end => end?,
        };
        self.bound(held, owner).await
    }

    /// Returns what the database is bound to: `chain_id`, `contract` and, if there is one, `account`; on PostgreSQL the `turn`
    /// too. Empty before the first claim.
    ///
    /// # Errors
    /// [`StoreError::Statement`](crate::StoreError::Statement).
    pub async fn bindings(&self) -> Result<BTreeMap<String, String>> {
        let rows = Entity::find().all(self.reader()).await.during("read the bindings")?;
        Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
    }

    /// Binds a further name to a value, replacing the previous one.
    ///
    /// # Errors
    /// [`StoreError::Replaced`](crate::StoreError::Replaced), [`StoreError::Statement`](crate::StoreError::Statement).
    pub async fn bind(&self, name: &str, value: &str) -> Result<()> {
        let work = self.begin().await?;
        write(&work, name, value).await?;
        work.commit().await
    }

    /// Binds the database, whose lock is held, and starts the turn of this process.
    async fn bound(&self, held: Held, owner: &Owner<'_>) -> Result<Claim> {
        if self.is_behind().await? {
            // The previous holder of the database must not write while its tables change.
            if !self.is_sqlite() && fence::current(self.writer()).await? > 0 {
                let work = self.begin_unfenced().await?;
                fence::advance(work.transaction()).await?;
                work.commit().await?;
            }
            self.migrate().await?;
        }
        let work = self.begin_unfenced().await?;
        let rows = Entity::find().all(work.transaction()).await.during("read the bindings")?;
        let bound = rows.into_iter().map(|row| (row.name, row.value)).collect();
        for (name, value) in owner.wanted() {
            owns(&bound, name, value)?;
            write(&work, name, value).await?;
        }
        if self.is_sqlite() {
            work.commit().await?;
        } else {
            let turn = fence::advance(work.transaction()).await?;
            work.commit().await?;
            self.fence().set(turn);
        }
        Ok(Claim { held: Arc::new(Mutex::new(held)), fence: self.fence().clone(), store: self.clone() })
    }
}

impl<'a> Owner<'a> {
    fn wanted(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        [("chain_id", Some(self.chain_id)), ("contract", Some(self.contract)), ("account", self.account)]
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name, value)))
    }
}

/// Checks that a database is bound to this value, or to none.
fn owns(bound: &BTreeMap<String, String>, name: &'static str, expected: &str) -> Result<()> {
    match bound.get(name) {
        Some(found) if found != expected => {
            Err(StoreError::Foreign { name, found: found.clone(), expected: expected.to_owned() })
        }
        _ => Ok(()),
    }
}

async fn write(work: &Work, name: &str, value: &str) -> Result<()> {
    let row = ActiveModel { name: Set(name.to_owned()), value: Set(value.to_owned()) };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Name).update_column(Column::Value).to_owned())
        .exec_without_returning(work.transaction())
        .await
        .during("bind the database")
        .map(drop)
}

impl Claim {
    /// Checks whether another process was found to have taken over the database.
    ///
    /// # Errors
    /// [`StoreError::Replaced`].
    pub fn still_ours(&self) -> Result<()> {
        self.fence.check()
    }

    /// Maintains the claim until cancelled: renews the lock's lease, and reacquires the lock if its connection was lost and no
    /// other process has taken a turn in between. `readiness` reports the state.
    ///
    /// # Errors
    /// [`StoreError::Replaced`] when another process has taken over; otherwise a permanent database error.
    pub async fn keep(self, readiness: Readiness, cancel: CancellationToken) -> Result<()> {
        loop {
            match self.look(&readiness).await {
                Ok(()) => readiness.ready(),
                // Its own old connection may hold the lock until the lease expires.
                Err(StoreError::InUse { .. }) => {
                    readiness.not_ready("the lock of the database was lost and is not free yet");
                }
                Err(error) if error.is_retryable() => {
                    readiness.not_ready(format!("the lock of the database was lost: {error}"));
                }
                Err(error) => return Err(error),
            }
            tokio::select! {
                () = cancel.cancelled() => return Ok(()),
                () = self.fence.replaced() => return self.still_ours(),
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Renews or reacquires the lock.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when the lock is lost and not free, [`StoreError::Replaced`], or a database error.
    async fn look(&self, readiness: &Readiness) -> Result<()> {
        let mut held = self.held.lock().await;
        if held.renew().await {
            return Ok(());
        }
        readiness.not_ready("the connection with the lock of the database was lost");
        let again = self.store.try_lock().await;
        // A process that held the lock in between has started a turn. Until one does, it is the turn that keeps others out.
        self.fence.compare(fence::current(self.store.reader()).await?)?;
        *held = again?;
        Ok(())
    }
}
