//! The mirror of the contract's requests, and the state of each one's publication.
//!
//! Mirrored state only moves forward: an ended request never reopens, a drawn one is never undrawn, so a late or stale answer
//! of the chain does no harm.

mod changes;

use std::marker::PhantomData;

use gateway_api::{ProjectId, RequestId, RequestResponse, RequestStatus};
use sea_orm::{ColumnTrait, DatabaseExecutor, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::convert::{from_db, from_json, to_db};
use crate::entity::request::{Column, Entity, Model};
use crate::entity::request_count;
use crate::error::{During, Result};
use crate::mode::{Mode, Read, Write};
use crate::repo::{ids, page};
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
        if requests.is_empty() {
            return Ok(Vec::new());
        }
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
        self.ids_with(&OPEN, after, limit).await
    }

    /// Returns the ids of requests that wait for their draw, after `after`, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn waiting_ids(&self, after: RequestId, limit: u64) -> Result<Vec<RequestId>> {
        self.ids_with(&[name(RequestStatus::Waiting)], after, limit).await
    }

    async fn ids_with(&self, statuses: &[&str], after: RequestId, limit: u64) -> Result<Vec<RequestId>> {
        let ids: Vec<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::Status.is_in(statuses.iter().copied()))
            .filter(Column::Id.gt(to_db("request", after.get())?))
            .order_by_asc(Column::Id)
            .limit(page(limit))
            .into_tuple()
            .all(&self.db)
            .await
            .during("list ids of requests")?;
        ids.into_iter().map(|id| from_db("request", id).map(RequestId)).collect()
    }

    /// Returns the drawn requests without a publication under way that may be tried at `height`, after `after`, at most `limit`,
    /// and how many publications of each have failed.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn publishable(
        &self,
        height: u64,
        after: RequestId,
        limit: u64,
    ) -> Result<Vec<(RequestId, u32)>> {
        let height = to_db("height", height)?;
        let rows: Vec<(i64, i64)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Tries])
            .filter(Column::Status.eq("drawn"))
            .filter(Column::Item.is_null())
            .filter(Column::NotBefore.lte(height))
            .filter(Column::Deadline.gte(height))
            .filter(Column::Id.gt(to_db("request", after.get())?))
            .order_by_asc(Column::Id)
            .limit(page(limit))
            .into_tuple()
            .all(&self.db)
            .await
            .during("list publishable requests")?;
        let row = |(id, tries)| Ok((RequestId(from_db("request", id)?), from_db("request's tries", tries)?));
        rows.into_iter().map(row).collect()
    }

    /// Returns the open requests with a publication under way, after `after`, at most `limit`, and the outbox item that contains
    /// each one's.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn in_publication(&self, after: RequestId, limit: u64) -> Result<Vec<(RequestId, i64)>> {
        let rows: Vec<(i64, i64)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Item])
            .filter(Column::Status.is_in(OPEN))
            .filter(Column::Item.is_not_null())
            .filter(Column::Id.gt(to_db("request", after.get())?))
            .order_by_asc(Column::Id)
            .limit(page(limit))
            .into_tuple()
            .all(&self.db)
            .await
            .during("list publications under way")?;
        rows.into_iter().map(|(id, item)| Ok((RequestId(from_db("request", id)?), item))).collect()
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
