//! Requests received while the chain did not answer: they wait here, are checked once it does, and are then queued for the
//! chain or end with a reason.

use gateway_api::{Overrides, ProjectId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

use crate::convert::{from_db, from_json, now_ms, to_db, to_json};
use crate::entity::received::{ActiveModel, Column, Entity, Model};
use crate::error::{During, Result, StoreError};
use crate::mode::{Mode, Write, repository};
use crate::repo::page;

/// The requested call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The project.
    pub project: ProjectId,
    /// The input.
    pub input: String,
    /// Demands beyond the project's policy.
    pub overrides: Option<Overrides>,
}

/// The state of a received request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceivedState {
    /// It waits for the chain.
    Waiting,
    /// It is queued for the chain.
    Queued,
    /// It has ended without being sent.
    Refused,
}

impl ReceivedState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Queued => "queued",
            Self::Refused => "refused",
        }
    }

    fn read(text: &str) -> Result<Self> {
        [Self::Waiting, Self::Queued, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StoreError::corrupt("received request's state", format!("{text:?} is none")))
    }
}

/// A received request.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedRow {
    /// Its id.
    pub id: u64,
    /// Name of the API key that sent it.
    pub payer: String,
    /// The idempotency key it sent.
    pub key: String,
    /// Hash of its content.
    pub fingerprint: String,
    /// Its content.
    pub order: Order,
    /// Its state.
    pub state: ReceivedState,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Milliseconds since it was received, by the machine's clock.
    pub age_ms: u64,
}

repository! {
    /// The received requests.
    Received
}

fn row(model: Model) -> Result<ReceivedRow> {
    Ok(ReceivedRow {
        id: from_db("received request", model.id)?,
        payer: model.payer,
        key: model.key,
        fingerprint: model.fingerprint,
        order: from_json("received request", &model.order)?,
        state: ReceivedState::read(&model.state)?,
        reason: model.reason,
        age_ms: u64::try_from(now_ms().saturating_sub(model.received_ms)).unwrap_or_default(),
    })
}

impl<M: Mode> Received<'_, M> {
    /// Returns a received request by its id.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, id: u64) -> Result<Option<ReceivedRow>> {
        let found = Entity::find_by_id(to_db("received request", id)?).one(&self.db).await;
        found.during("read a received request")?.map(row).transpose()
    }

    /// Returns what a payer sent under an idempotency key.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn by_key(&self, payer: &str, key: &str) -> Result<Option<ReceivedRow>> {
        let query = Entity::find().filter(Column::Payer.eq(payer)).filter(Column::Key.eq(key));
        query.one(&self.db).await.during("find a received request")?.map(row).transpose()
    }

    /// Returns what a payer sent under these keys, at most 1000.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn of_keys(&self, payer: &str, keys: &[&str]) -> Result<Vec<ReceivedRow>> {
        let query =
            Entity::find().filter(Column::Payer.eq(payer)).filter(Column::Key.is_in(keys.iter().copied()));
        query.all(&self.db).await.during("find received requests")?.into_iter().map(row).collect()
    }

    /// Returns the waiting requests, the oldest first, after the id `after`, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn waiting(&self, after: u64, limit: u64) -> Result<Vec<ReceivedRow>> {
        let rows = Entity::find()
            .filter(Column::State.eq(ReceivedState::Waiting.as_str()))
            .filter(Column::Id.gt(to_db("received request", after)?))
            .order_by_asc(Column::Id)
            .limit(page(limit))
            .all(&self.db)
            .await
            .during("list received requests")?;
        rows.into_iter().map(row).collect()
    }

    /// Returns how many requests wait, in total or of one payer.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn count_waiting(&self, payer: Option<&str>) -> Result<u64> {
        let mut query = Entity::find().filter(Column::State.eq(ReceivedState::Waiting.as_str()));
        if let Some(payer) = payer {
            query = query.filter(Column::Payer.eq(payer));
        }
        query.count(&self.db).await.during("count received requests")
    }
}

impl Received<'_, Write> {
    /// Stores a waiting request; returns its id.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], also when the payer has already used the key.
    pub async fn insert(&self, payer: &str, key: &str, fingerprint: &str, order: &Order) -> Result<u64> {
        let model = ActiveModel {
            id: NotSet,
            payer: Set(payer.to_owned()),
            key: Set(key.to_owned()),
            fingerprint: Set(fingerprint.to_owned()),
            order: Set(to_json("received request", order)?),
            state: Set(ReceivedState::Waiting.as_str().to_owned()),
            reason: Set(None),
            received_ms: Set(now_ms()),
        };
        let inserted = Entity::insert(model).exec(&self.db).await.during("store a received request")?;
        from_db("received request", inserted.last_insert_id)
    }

    /// Records a request's new state, and why.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn settle(&self, id: u64, state: ReceivedState, reason: Option<&str>) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(state.as_str()))
            .col_expr(Column::Reason, Expr::value(reason.map(str::to_owned)))
            .filter(Column::Id.eq(to_db("received request", id)?))
            .exec(&self.db)
            .await
            .during("note a received request's state")?;
        Ok(())
    }
}
