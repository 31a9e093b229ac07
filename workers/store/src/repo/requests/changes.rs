//! Changes to the mirror of the contract's requests.

use std::collections::BTreeMap;

use gateway_api::{RequestId, RequestResponse, RequestStatus};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{OPEN, RequestRow, Requests, name, row};
use crate::convert::{to_db, to_json};
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
