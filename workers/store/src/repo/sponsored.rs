//! Requests received over HTTP and paid for by a relay, by payer and idempotency key: sent once however often they are posted.

use std::collections::BTreeSet;

use gateway_api::RequestId;
use sea_orm::sea_query::{CaseStatement, Expr, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::convert::{from_db, now_ms, to_db};
use crate::entity::outbox;
use crate::entity::sponsored::{ActiveModel, Column, Entity, Model};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};
use crate::repo::ROWS;

/// A sponsored request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SponsoredRow {
    /// Name of the API key that sent it.
    pub payer: String,
    /// The idempotency key it sent.
    pub key: String,
    /// Hash of its content: the same key with different content is a mistake.
    pub fingerprint: String,
    /// The outbox item that contains it.
    pub item: i64,
    /// The request's id, once the chain has assigned one.
    pub request: Option<RequestId>,
}

repository! {
    /// The sponsored requests.
    Sponsored
}

fn row(model: Model) -> Result<SponsoredRow> {
    Ok(SponsoredRow {
        payer: model.payer,
        key: model.key,
        fingerprint: model.fingerprint,
        item: model.item,
        request: model.request.map(|id| from_db("sponsored request", id).map(RequestId)).transpose()?,
    })
}

impl<M: Mode> Sponsored<'_, M> {
    /// Returns what a payer sent under a key.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, payer: &str, key: &str) -> Result<Option<SponsoredRow>> {
        let id = (payer.to_owned(), key.to_owned());
        Entity::find_by_id(id).one(&self.db).await.during("read a sponsored request")?.map(row).transpose()
    }

    /// Returns what a payer sent under these keys, at most 1000.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn of_keys(&self, payer: &str, keys: &[&str]) -> Result<Vec<SponsoredRow>> {
        let query =
            Entity::find().filter(Column::Payer.eq(payer)).filter(Column::Key.is_in(keys.iter().copied()));
        query.all(&self.db).await.during("read sponsored requests")?.into_iter().map(row).collect()
    }

    /// Returns those of the outbox items that contain a sponsored request. At most 1000 items.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn among(&self, items: &[i64]) -> Result<BTreeSet<i64>> {
        let query = Entity::find().select_only().column(Column::Item);
        let query = query.filter(Column::Item.is_in(items.iter().copied())).into_tuple();
        let found: Vec<i64> = query.all(&self.db).await.during("find sponsored requests")?;
        Ok(found.into_iter().collect())
    }

    /// Returns sponsored requests without a known id whose outbox item was executed at or below `height`, at most `limit`.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn unmatched(&self, height: u64, limit: u64) -> Result<Vec<SponsoredRow>> {
        let executed = Query::select()
            .column(outbox::Column::Id)
            .from(outbox::Entity)
            .and_where(outbox::Column::State.eq("done"))
            .and_where(outbox::Column::Height.lte(to_db("height", height)?))
            .to_owned();
        let rows = Entity::find()
            .filter(Column::Request.is_null())
            .filter(Column::Item.in_subquery(executed))
            .limit(limit)
            .all(&self.db)
            .await
            .during("list sponsored requests")?;
        rows.into_iter().map(row).collect()
    }
}

impl Sponsored<'_, Write> {
    /// Stores new sponsored requests.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], also when the payer has already used the key.
    pub async fn insert(&self, new: &[SponsoredRow]) -> Result<()> {
        for some in new.chunks(ROWS) {
            let mut models = Vec::with_capacity(some.len());
            for new in some {
                models.push(ActiveModel {
                    payer: Set(new.payer.clone()),
                    key: Set(new.key.clone()),
                    fingerprint: Set(new.fingerprint.clone()),
                    item: Set(new.item),
                    request: Set(new.request.map(|id| to_db("request", id.get())).transpose()?),
                    created_ms: Set(now_ms()),
                });
            }
            Entity::insert_many(models)
                .exec_without_returning(&self.db)
                .await
                .during("store sponsored requests")?;
        }
        Ok(())
    }

    /// Records the ids that the chain assigned to outbox items' requests.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn known(&self, opened: &[(i64, RequestId)]) -> Result<()> {
        for some in opened.chunks(ROWS) {
            let mut id = CaseStatement::new();
            for (item, request) in some {
                id = id.case(Column::Item.eq(*item), Expr::value(to_db("request", request.get())?));
            }
            Entity::update_many()
                .col_expr(Column::Request, id.into())
                .filter(Column::Item.is_in(some.iter().map(|(item, _)| *item)))
                .exec(&self.db)
                .await
                .during("note sponsored requests' ids")?;
        }
        Ok(())
    }
}
