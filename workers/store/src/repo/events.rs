//! Events of the contract in chain order, for streams that resume where they broke off. An event's id follows from its height
//! and its place in the block: it is the same in every database, and an event read again is not stored again.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use gateway_api::{ProjectId, RequestId, ScheduleId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::convert::{from_db, from_json, to_db, to_json};
use crate::entity::event::{ActiveModel, Column, Entity, Model};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};
use crate::repo::{ROWS, page};

/// An event to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Height of its block.
    pub height: u64,
    /// Time of its block, milliseconds since 1970.
    pub time_ms: u64,
    /// Its name, without the chain's prefix.
    pub event: String,
    /// The project it concerns, if any.
    pub project: Option<ProjectId>,
    /// The request it concerns, if any.
    pub request: Option<RequestId>,
    /// The schedule it concerns, if any.
    pub schedule: Option<ScheduleId>,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
}

/// An event as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in the order of all events: its height times 2^20, plus its place among the contract's events of the block.
    pub id: u64,
    /// The event.
    pub event: NewEvent,
}

/// Which events to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only those that concern a project.
    pub project: Option<ProjectId>,
    /// Only those that concern a request.
    pub request: Option<RequestId>,
    /// Only those that concern a schedule.
    pub schedule: Option<ScheduleId>,
    /// Only those with a name.
    pub event: Option<String>,
}

repository! {
    /// The events.
    Events
}

fn row(model: Model) -> Result<EventRow> {
    let event = NewEvent {
        height: from_db("event's height", model.height)?,
        time_ms: from_db("event's time", model.time_ms)?,
        event: model.event,
        project: model.project.map(|id| from_db("event's project", id).map(ProjectId)).transpose()?,
        request: model.request.map(|id| from_db("event's request", id).map(RequestId)).transpose()?,
        schedule: model.schedule.map(|id| from_db("event's schedule", id).map(ScheduleId)).transpose()?,
        attributes: from_json("event's attributes", &model.attributes)?,
    };
    Ok(EventRow { id: from_db("event", model.id)?, event })
}

fn filtered(filter: &EventFilter, after: u64) -> Result<Select<Entity>> {
    let mut query = Entity::find().filter(Column::Id.gt(to_db("event", after)?));
    if let Some(project) = filter.project {
        query = query.filter(Column::Project.eq(to_db("project", project.get())?));
    }
    if let Some(request) = filter.request {
        query = query.filter(Column::Request.eq(to_db("request", request.get())?));
    }
    if let Some(schedule) = filter.schedule {
        query = query.filter(Column::Schedule.eq(to_db("schedule", schedule.get())?));
    }
    if let Some(event) = &filter.event {
        query = query.filter(Column::Event.eq(event.as_str()));
    }
    Ok(query)
}

impl<M: Mode> Events<'_, M> {
    /// Returns the events after the id `after`, in order, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable event.
    pub async fn list(&self, filter: &EventFilter, after: u64, limit: u64) -> Result<Vec<EventRow>> {
        let query = filtered(filter, after)?.order_by_asc(Column::Id).limit(page(limit));
        let rows = query.all(&self.db).await.during("list events")?;
        rows.into_iter().map(row).collect()
    }

    /// Returns the events of blocks within `heights` after the id `after`, in order, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`StoreError::Statement`](crate::StoreError::Statement), or [`StoreError::Corrupt`](crate::StoreError::Corrupt) when a
    /// stored event cannot be read.
    pub async fn at_heights(
        &self,
        heights: RangeInclusive<u64>,
        filter: &EventFilter,
        after: u64,
        limit: u64,
    ) -> Result<Vec<EventRow>> {
        // No height exceeds what the database can hold.
        let (from, to) = (*heights.start(), (*heights.end()).min(i64::MAX.unsigned_abs()));
        let query = filtered(filter, after)?
            .filter(Column::Height.gte(to_db("height", from)?))
            .filter(Column::Height.lte(to_db("height", to)?))
            // The order of the index on heights, which within a height is that of ids.
            .order_by_asc(Column::Height)
            .order_by_asc(Column::Id)
            .limit(page(limit));
        let rows = query.all(&self.db).await.during("list events by height")?;
        rows.into_iter().map(row).collect()
    }

    /// Returns the id of the newest event; 0 if there is none.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn newest(&self) -> Result<u64> {
        let id: Option<i64> = Entity::find()
            .select_only()
            .column(Column::Id)
            .order_by_desc(Column::Id)
            .into_tuple()
            .one(&self.db)
            .await
            .during("find the newest event")?;
        id.map_or(Ok(0), |id| from_db("event", id))
    }
}

impl Events<'_, Write> {
    /// Stores the events of whole blocks, in order within each block; those already stored stay as they are.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Range`] for a height above 2^43 or a block of more than 2^20
    /// events.
    pub async fn add(&self, events: &[NewEvent]) -> Result<()> {
        let (mut block, mut place) = (None, 0);
        let mut models = Vec::with_capacity(events.len());
        for new in events {
            place = if block == Some(new.height) { place + 1 } else { 0 };
            block = Some(new.height);
            models.push(ActiveModel {
                id: Set(id_of(new.height, place)?),
                height: Set(to_db("height", new.height)?),
                time_ms: Set(to_db("time", new.time_ms)?),
                event: Set(new.event.clone()),
                project: Set(new.project.map(|id| to_db("project", id.get())).transpose()?),
                request: Set(new.request.map(|id| to_db("request", id.get())).transpose()?),
                schedule: Set(new.schedule.map(|id| to_db("schedule", id.get())).transpose()?),
                attributes: Set(to_json("event's attributes", &new.attributes)?),
            });
        }
        for some in models.chunks(ROWS) {
            Entity::insert_many(some.iter().cloned())
                .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
                .exec_without_returning(&self.db)
                .await
                .during("store events")?;
        }
        Ok(())
    }
}

/// Ids available per height.
const PLACES: u64 = 1 << 20;

fn id_of(height: u64, place: u64) -> Result<i64> {
    let id = height.checked_mul(PLACES).filter(|_| place < PLACES).map(|first| first + place);
    to_db("event's id", id.unwrap_or(u64::MAX))
}
