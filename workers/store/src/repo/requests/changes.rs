//! Changes to the mirror of the contract's requests.

use std::collections::{BTreeMap, BTreeSet};

use gateway_api::{RequestId, RequestResponse, RequestStatus};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{OPEN, RequestRow, Requests, name, row};
use crate::convert::{from_db, to_db, to_json};
use crate::entity::request::{ActiveModel, Column, Entity};
use crate::error::{During, Result};
use crate::mode::Write;
use crate::repo::{ROWS, ids};

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

impl Requests<'_, Write> {
    /// Stores the contract's states of requests, and keeps other units of work from changing these requests until this one
    /// ends. Returns the rows that were there before.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn upsert(&self, seen: &[RequestResponse]) -> Result<BTreeMap<RequestId, RequestRow>> {
        // Each once and in the order of their ids: two units of work that wait for each other's rows would not end.
        let seen: BTreeMap<_, _> = seen.iter().map(|seen| (seen.request, seen)).collect();
        let seen: Vec<_> = seen.into_values().collect();
        let mut before = BTreeMap::new();
        for seen in seen.chunks(ROWS) {
            let held = self.hold(seen).await?;
            let (known, mut new): (Vec<_>, Vec<_>) =
                seen.iter().copied().partition(|seen| held.contains_key(&seen.request));
            self.advance(&held, &known).await?;
            let inserted = self.insert(&new).await?;
            new.retain(|seen| !inserted.contains(&seen.request));
            if !new.is_empty() {
                // Another unit of work has stored them in the meantime.
                self.advance(&self.hold(&new).await?, &new).await?;
            }
            before.extend(held);
        }
        Ok(before)
    }

    /// Returns the rows of these requests, locked until the unit of work ends.
    async fn hold(&self, seen: &[&RequestResponse]) -> Result<BTreeMap<RequestId, RequestRow>> {
        let requests: Vec<_> = seen.iter().map(|seen| seen.request).collect();
        let query = Entity::find().filter(Column::Id.is_in(ids(&requests)?)).order_by_asc(Column::Id);
        let held = query.lock_exclusive().all(&self.db).await.during("read requests")?;
        held.into_iter().map(|model| row(model).map(|row| (row.seen.request, row))).collect()
    }

    /// Stores new requests; returns those that nobody else has stored before.
    async fn insert(&self, new: &[&RequestResponse]) -> Result<BTreeSet<RequestId>> {
        let models = new.iter().map(|seen| model(seen)).collect::<Result<Vec<_>>>()?;
        let keys = Entity::insert_many(models)
            .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
            .exec_with_returning_keys(&self.db)
            .await
            .during("store new requests")?;
        let inserted: BTreeSet<_> =
            keys.into_iter().map(|key| from_db("request", key).map(RequestId)).collect::<Result<_>>()?;
        for seen in new.iter().filter(|seen| inserted.contains(&seen.request)) {
            self.count_one(name(seen.status), 1);
        }
        Ok(inserted)
    }

    /// Stores later states over the locked rows of these requests.
    async fn advance(&self, held: &BTreeMap<RequestId, RequestRow>, seen: &[&RequestResponse]) -> Result<()> {
        let (mut models, mut statuses) = (Vec::new(), Vec::new());
        for seen in seen {
            let Some(old) = held.get(&seen.request) else { continue };
            let status = name(old.seen.status);
            if old.seen != **seen && replaces(seen.status).contains(&status) {
                models.push(model(seen)?);
                statuses.push((status, name(seen.status)));
            }
        }
        Entity::insert_many(models)
            .on_conflict(
                OnConflict::column(Column::Id)
                    .update_columns([Column::Status, Column::Deadline, Column::Body])
                    .to_owned(),
            )
            .exec_without_returning(&self.db)
            .await
            .during("store requests")?;
        for (old, new) in statuses {
            self.count_one(old, -1);
            self.count_one(new, 1);
        }
        Ok(())
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
