//! Deletes what is no longer needed: rows of requests that ended long ago, a bounded number per transaction.

use sea_orm::{ColumnTrait, DatabaseExecutor, EntityTrait, QueryFilter, QuerySelect};

use crate::convert::to_db;
use crate::entity::{abstention, attestation, body, event, job, request, result, sponsored};
use crate::error::{During, Result};
use crate::tally::Tally;

/// Most requests, jobs and events deleted per call, to keep the transaction short.
const BATCH: u64 = 500;
/// Final states of jobs.
const DONE: [&str; 4] = ["answered", "not_seated", "abstained", "ended"];
/// Statuses of requests that have ended.
const ENDED: [&str; 2] = ["fulfilled", "expired"];

/// The rows that may be deleted.
pub struct Retention<'a> {
    db: DatabaseExecutor<'a>,
    tally: &'a Tally,
}

impl<'a> Retention<'a> {
    pub(crate) fn new(db: impl Into<DatabaseExecutor<'a>>, tally: &'a Tally) -> Self {
        Self { db: db.into(), tally }
    }

    /// Deletes rows that belong to heights below `height`: ended requests whose deadline is below it, with everything that
    /// belongs to them; a node's finished jobs; events. Returns how many requests, jobs and events were deleted: call again, in
    /// another transaction, until that is 0.
    ///
    /// An idempotency key is deleted with its request: used again, it opens another one.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn prune_below(&self, height: u64) -> Result<u64> {
        let below = to_db("height", height)?;
        let requests = self.prune_requests(below).await?;
        let jobs: Vec<i64> = job::Entity::find()
            .select_only()
            .column(job::Column::Request)
            .filter(job::Column::State.is_in(DONE))
            .filter(job::Column::Deadline.lt(below))
            .limit(BATCH)
            .into_tuple()
            .all(&self.db)
            .await
            .during("find old jobs")?;
        let deleted = jobs.len() as u64;
        let old = job::Entity::delete_many().filter(job::Column::Request.is_in(jobs));
        old.exec(&self.db).await.during("delete old jobs")?;
        let events: Vec<i64> = event::Entity::find()
            .select_only()
            .column(event::Column::Id)
            .filter(event::Column::Height.lt(below))
            .limit(BATCH)
            .into_tuple()
            .all(&self.db)
            .await
            .during("find old events")?;
        let deleted = deleted + events.len() as u64;
        let old = event::Entity::delete_many().filter(event::Column::Id.is_in(events));
        old.exec(&self.db).await.during("delete old events")?;
        Ok(requests + deleted)
    }

    async fn prune_requests(&self, below: i64) -> Result<u64> {
        let ids: Vec<i64> = request::Entity::find()
            .select_only()
            .column(request::Column::Id)
            .filter(request::Column::Status.is_in(ENDED))
            .filter(request::Column::Deadline.lt(below))
            .limit(BATCH)
            .into_tuple()
            .all(&self.db)
            .await
            .during("find old requests")?;
        if ids.is_empty() {
            return Ok(0);
        }
        let what = "delete what belongs to old requests";
        let old = attestation::Entity::delete_many().filter(attestation::Column::Request.is_in(ids.clone()));
        old.exec(&self.db).await.during(what)?;
        let old = abstention::Entity::delete_many().filter(abstention::Column::Request.is_in(ids.clone()));
        old.exec(&self.db).await.during(what)?;
        let old = body::Entity::delete_many().filter(body::Column::Request.is_in(ids.clone()));
        old.exec(&self.db).await.during(what)?;
        let old = result::Entity::delete_many().filter(result::Column::Request.is_in(ids.clone()));
        old.exec(&self.db).await.during(what)?;
        let old = sponsored::Entity::delete_many().filter(sponsored::Column::Request.is_in(ids.clone()));
        old.exec(&self.db).await.during(what)?;
        let deleted = ids.len() as u64;
        for status in ENDED {
            let old = request::Entity::delete_many().filter(request::Column::Id.is_in(ids.clone()));
            let old = old.filter(request::Column::Status.eq(status)).exec(&self.db).await;
            let rows = old.during("delete old requests")?.rows_affected;
            self.tally.requests(status, -to_db("number of requests", rows)?);
        }
        Ok(deleted)
    }
}
