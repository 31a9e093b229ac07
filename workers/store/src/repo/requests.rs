//! The mirror of the contract's requests, and the state of each one's publication.
//!
//! Mirrored state only moves forward: an ended request never reopens, a drawn one is never undrawn, so a late or stale answer
//! of the chain does no harm.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use gateway_api::{ProjectId, RequestId, RequestResponse, RequestStatus};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseExecutor, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::convert::{from_db, from_json, to_db, to_json};
use crate::entity::request::{ActiveModel, Column, Entity, Model};
use crate::entity::request_count;
use crate::error::{During, Result};
use crate::mode::{Mode, Read, Write};
use crate::repo::{ROWS, ids, page};
use crate::tally::Tally;

/// A request as mirrored.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRow {
    /// The contract's latest state.
    pub seen: RequestResponse,
    /// The publication under way, if any.
    pub publication: Option<PublicationMark>,
    /// Failed publications so far.
    pub tries: u32,
    /// No publication is tried below this height.
    pub not_before: u64,
    /// Why there is no agreement or no publication, in one sentence.
    pub why: Option<String>,
}

/// A publication under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicationMark {
    /// The outbox item that contains it.
    pub item: i64,
    /// Identifies this publication among those of the same request.
    pub fingerprint: String,
}

/// Which requests to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestFilter {
    /// Only those of a project.
    pub project: Option<ProjectId>,
    /// Only those with a status.
    pub status: Option<RequestStatus>,
}

/// The requests. Changes of their statuses go into the unit of work's sums.
pub struct Requests<'a, M: Mode> {
    db: DatabaseExecutor<'a>,
    tally: Option<&'a Tally>,
    mode: PhantomData<M>,
}

impl<'a> Requests<'a, Read> {
    pub(crate) fn reading(db: impl Into<DatabaseExecutor<'a>>) -> Self {
        Self { db: db.into(), tally: None, mode: PhantomData }
    }
}

impl<'a> Requests<'a, Write> {
    pub(crate) fn counting(db: impl Into<DatabaseExecutor<'a>>, tally: &'a Tally) -> Self {
        Self { db: db.into(), tally: Some(tally), mode: PhantomData }
    }
}

const OPEN: [&str; 2] = ["waiting", "drawn"];

/// Returns the database's name of a status.
const fn name(status: RequestStatus) -> &'static str {
    match status {
        RequestStatus::Waiting => "waiting",
        RequestStatus::Drawn => "drawn",
        RequestStatus::Fulfilled => "fulfilled",
        RequestStatus::Expired => "expired",
    }
}

/// Returns the stored statuses that a newly seen one may replace.
const fn replaces(status: RequestStatus) -> &'static [&'static str] {
    match status {
        RequestStatus::Waiting => &["waiting"],
        RequestStatus::Drawn | RequestStatus::Fulfilled | RequestStatus::Expired => &OPEN,
    }
}

/// Returns the row of a request that was not known before.
fn model(seen: &RequestResponse) -> Result<ActiveModel> {
    Ok(ActiveModel {
        id: Set(to_db("request", seen.request.get())?),
        project: Set(to_db("project", seen.project.get())?),
        requester: Set(seen.requester.clone()),
        status: Set(name(seen.status).to_owned()),
        height: Set(to_db("height", seen.height)?),
        deadline: Set(to_db("deadline", seen.deadline)?),
        body: Set(to_json("request", seen)?),
        item: NotSet,
        fingerprint: NotSet,
        tries: Set(0),
        not_before: Set(0),
        why: NotSet,
    })
}

fn row(model: Model) -> Result<RequestRow> {
    let publication =
        model.item.map(|item| PublicationMark { item, fingerprint: model.fingerprint.unwrap_or_default() });
    Ok(RequestRow {
        seen: from_json("request", &model.body)?,
        publication,
        tries: from_db("request's tries", model.tries)?,
        not_before: from_db("request's not_before", model.not_before)?,
        why: model.why,
    })
}

impl<M: Mode> Requests<'_, M> {
    /// Returns a request.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, request: RequestId) -> Result<Option<RequestRow>> {
        let id = to_db("request", request.get())?;
        Entity::find_by_id(id).one(&self.db).await.during("read a request")?.map(row).transpose()
    }

    /// Returns those of these requests that are known, in order of their ids. At most 1000.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn among(&self, requests: &[RequestId]) -> Result<Vec<RequestRow>> {
        let query = Entity::find().filter(Column::Id.is_in(ids(requests)?)).order_by_asc(Column::Id);
        query.all(&self.db).await.during("read requests")?.into_iter().map(row).collect()
    }

    /// Returns the requests in order of their ids, after `after`, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn list(&self, filter: RequestFilter, after: RequestId, limit: u64) -> Result<Vec<RequestRow>> {
        let mut query = Entity::find().filter(Column::Id.gt(to_db("request", after.get())?));
        if let Some(project) = filter.project {
            query = query.filter(Column::Project.eq(to_db("project", project.get())?));
        }
        if let Some(status) = filter.status {
            query = query.filter(Column::Status.eq(name(status)));
        }
        let rows =
            query.order_by_asc(Column::Id).limit(page(limit)).all(&self.db).await.during("list requests")?;
        rows.into_iter().map(row).collect()
    }

    /// Returns the ids of open requests, after `after`, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn open_ids(&self, after: RequestId, limit: u64) -> Result<Vec<RequestId>> {
        let ids: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Status.is_in(OPEN))
            .filter(Column::Id.gt(to_db("request", after.get())?))
            .order_by_asc(Column::Id)
            .limit(page(limit))
            .into_tuple()
            .all(&self.db)
            .await
            .during("list open requests")?;
        ids.into_iter().map(|id| from_db("request", id).map(RequestId)).collect()
    }

    /// Returns the lowest request that waits for its draw.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn lowest_waiting(&self) -> Result<Option<RequestId>> {
        let id: Option<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Status.eq("waiting"))
            .order_by_asc(Column::Id)
            .into_tuple()
            .one(&self.db)
            .await
            .during("find the lowest waiting request")?;
        id.map(|id| from_db("request", id).map(RequestId)).transpose()
    }

    /// Returns the drawn requests without a publication under way that may be tried at `height`, after `after`, at most
    /// `limit`.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn publishable(&self, height: u64, after: RequestId, limit: u64) -> Result<Vec<RequestRow>> {
        let height = to_db("height", height)?;
        let rows = Entity::find()
            .filter(Column::Status.eq("drawn"))
            .filter(Column::Item.is_null())
            .filter(Column::NotBefore.lte(height))
            .filter(Column::Deadline.gte(height))
            .filter(Column::Id.gt(to_db("request", after.get())?))
            .order_by_asc(Column::Id)
            .limit(page(limit))
            .all(&self.db)
            .await
            .during("list publishable requests")?;
        rows.into_iter().map(row).collect()
    }

    /// Returns the open requests with a publication under way, after `after`, at most `limit`.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn in_publication(&self, after: RequestId, limit: u64) -> Result<Vec<RequestRow>> {
        let rows = Entity::find()
            .filter(Column::Status.is_in(OPEN))
            .filter(Column::Item.is_not_null())
            .filter(Column::Id.gt(to_db("request", after.get())?))
            .order_by_asc(Column::Id)
            .limit(page(limit))
            .all(&self.db)
            .await
            .during("list publications under way")?;
        rows.into_iter().map(row).collect()
    }

    /// Returns the highest known request; 0 if there is none.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn newest(&self) -> Result<RequestId> {
        self.newest_of(Entity::find()).await
    }

    /// Returns the highest known request accepted up to a height; 0 if there is none.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn newest_up_to(&self, height: u64) -> Result<RequestId> {
        self.newest_of(Entity::find().filter(Column::Height.lte(to_db("height", height)?))).await
    }

    async fn newest_of(&self, requests: Select<Entity>) -> Result<RequestId> {
        let highest = requests.select_only().column(Column::Id).order_by_desc(Column::Id);
        let id: Option<i64> = highest.into_tuple().one(&self.db).await.during("find the newest request")?;
        id.map_or(Ok(RequestId(0)), |id| from_db("request", id).map(RequestId))
    }

    /// Returns the number of requests with each status, from the maintained sums.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn count(&self) -> Result<[(RequestStatus, u64); 4]> {
        let rows = request_count::Entity::find().all(&self.db).await.during("count requests")?;
        let mut counts = [
            (RequestStatus::Waiting, 0),
            (RequestStatus::Drawn, 0),
            (RequestStatus::Fulfilled, 0),
            (RequestStatus::Expired, 0),
        ];
        for (status, count) in &mut counts {
            if let Some(row) = rows.iter().find(|row| row.status == name(*status)) {
                *count = from_db("number of requests", row.number)?;
            }
        }
        Ok(counts)
    }
}

impl Requests<'_, Write> {
    /// Returns those of these requests that are known, and keeps other units of work from changing them until this one ends. At
    /// most 1000.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn hold(&self, requests: &[RequestId]) -> Result<BTreeMap<RequestId, RequestRow>> {
        let query = Entity::find().filter(Column::Id.is_in(ids(requests)?)).order_by_asc(Column::Id);
        let held = query.lock_exclusive().all(&self.db).await.during("read requests")?;
        held.into_iter().map(|model| row(model).map(|row| (row.seen.request, row))).collect()
    }

    /// Stores the contract's states of requests over the rows that [`hold`](Self::hold) has returned for them.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn replace(
        &self,
        held: &BTreeMap<RequestId, RequestRow>,
        seen: &[RequestResponse],
    ) -> Result<()> {
        let (mut new, mut moved) = (Vec::new(), Vec::new());
        // Each once and in the order of their ids: two units of work that wait for each other's rows would not end.
        let seen: BTreeMap<_, _> = seen.iter().map(|seen| (seen.request, seen)).collect();
        for seen in seen.into_values() {
            match held.get(&seen.request) {
                None => new.push(seen),
                Some(old) if old.seen == *seen => {}
                Some(old) if replaces(seen.status).contains(&name(old.seen.status)) => {
                    moved.push((name(old.seen.status), seen));
                }
                Some(_) => {}
            }
        }
        for new in new.chunks(ROWS) {
            let models = new.iter().map(|seen| model(seen)).collect::<Result<Vec<_>>>()?;
            let inserted = Entity::insert_many(models)
                .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
                .exec_with_returning_keys(&self.db)
                .await
                .during("store requests")?;
            for seen in new {
                if inserted.contains(&to_db("request", seen.request.get())?) {
                    self.count_one(name(seen.status), 1);
                } else {
                    // Another unit of work has stored it in the meantime.
                    self.upsert(seen).await?;
                }
            }
        }
        for moved in moved.chunks(ROWS) {
            let models = moved.iter().map(|(_, seen)| model(seen)).collect::<Result<Vec<_>>>()?;
            let columns = [Column::Status, Column::Deadline, Column::Body];
            Entity::insert_many(models)
                .on_conflict(OnConflict::column(Column::Id).update_columns(columns).to_owned())
                .exec_without_returning(&self.db)
                .await
                .during("store requests")?;
            for (old, seen) in moved {
                self.count_one(old, -1);
                self.count_one(name(seen.status), 1);
            }
        }
        Ok(())
    }

    /// Stores the contract's state of a request.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn upsert(&self, seen: &RequestResponse) -> Result<()> {
        let model = model(seen)?;
        let new = Entity::insert(model)
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_without_returning(&self.db)
            .await
            .during("store a request")?;
        if new > 0 {
            self.count_one(name(seen.status), 1);
            return Ok(());
        }
        // One statement per possible earlier status, in their order of succession: the one that matches is counted.
        for old in replaces(seen.status) {
            if self.moved(old, seen).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Stores a request over one with the status `old`; returns whether there was one.
    async fn moved(&self, old: &'static str, seen: &RequestResponse) -> Result<bool> {
        let moved = Entity::update_many()
            .col_expr(Column::Status, Expr::value(name(seen.status)))
            .col_expr(Column::Deadline, Expr::value(to_db("deadline", seen.deadline)?))
            .col_expr(Column::Body, Expr::value(to_json("request", seen)?))
            .filter(Column::Id.eq(to_db("request", seen.request.get())?))
            .filter(Column::Status.eq(old))
            .exec(&self.db)
            .await
            .during("store a request")?;
        if moved.rows_affected == 0 {
            return Ok(false);
        }
        self.count_one(old, -1);
        self.count_one(name(seen.status), 1);
        Ok(true)
    }

    fn count_one(&self, status: &'static str, number: i64) {
        if let Some(tally) = self.tally {
            tally.requests(status, number);
        }
    }

    /// Records that a publication of these requests is under way: the outbox item that contains it, and each one's fingerprint.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn publishing(&self, item: i64, requests: &[(RequestId, String)]) -> Result<()> {
        for some in requests.chunks(ROWS) {
            let (mut ids, mut fingerprint) = (Vec::with_capacity(some.len()), CaseStatement::new());
            for (request, own) in some {
                let id = to_db("request", request.get())?;
                fingerprint = fingerprint.case(Column::Id.eq(id), Expr::value(own.clone()));
                ids.push(id);
            }
            Entity::update_many()
                .col_expr(Column::Item, Expr::value(item))
                .col_expr(Column::Fingerprint, fingerprint.into())
                .filter(Column::Id.is_in(ids))
                .exec(&self.db)
                .await
                .during("note a publication")?;
        }
        Ok(())
    }

    /// Records that the publication under way failed: why, and the height from which another may be tried.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn not_published(&self, request: RequestId, why: &str, not_before: u64) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Item, Expr::value(None::<i64>))
            .col_expr(Column::Fingerprint, Expr::value(None::<String>))
            .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
            .col_expr(Column::NotBefore, Expr::value(to_db("height", not_before)?))
            .col_expr(Column::Why, Expr::value(why.to_owned()))
            .filter(Column::Id.eq(to_db("request", request.get())?))
            .exec(&self.db)
            .await
            .during("note a failed publication")?;
        Ok(())
    }

    /// Records why there is no agreement.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn explain(&self, request: RequestId, why: &str) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::Why, Expr::value(why.to_owned()))
            .filter(Column::Id.eq(to_db("request", request.get())?))
            .exec(&self.db)
            .await
            .during("explain a request")?;
        Ok(())
    }
}
