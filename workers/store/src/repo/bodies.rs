//! Bodies that the chain has by hash only. A text is stored under its own digest, which the caller has checked.

use gateway_api::{BodyHash, RequestId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseExecutor, EntityTrait, QueryFilter};

use crate::convert::{now_ms, to_db};
use crate::entity::body::{ActiveModel, Column, Entity};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};
use crate::repo::ids;

repository! {
    /// The bodies.
    Bodies
}

impl<M: Mode> Bodies<'_, M> {
    /// Returns a request's body with this digest.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, request: RequestId, digest: &BodyHash) -> Result<Option<String>> {
        let key = (to_db("request", request.get())?, digest.to_string());
        let found = Entity::find_by_id(key).one(&self.db).await.during("read a body")?;
        Ok(found.map(|model| model.text))
    }
}

impl Bodies<'_, Write> {
    /// Stores a body, unless it is already there.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn keep(&self, request: RequestId, digest: &BodyHash, text: &str) -> Result<()> {
        keep(&self.db, request, digest, text).await
    }

    /// Drops all bodies of these requests, at most 1000.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn drop_of(&self, requests: &[RequestId]) -> Result<()> {
        let all = Entity::delete_many().filter(Column::Request.is_in(ids(requests)?));
        all.exec(&self.db).await.during("drop bodies of requests")?;
        Ok(())
    }

    /// Drops a request's bodies except the agreed one, if any.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn drop_but(&self, request: RequestId, agreed: Option<&BodyHash>) -> Result<()> {
        let mut others = Entity::delete_many().filter(Column::Request.eq(to_db("request", request.get())?));
        if let Some(agreed) = agreed {
            others = others.filter(Column::Digest.ne(agreed.to_string()));
        }
        others.exec(&self.db).await.during("drop bodies")?;
        Ok(())
    }
}

/// Stores a body, unless it is already there.
pub(crate) async fn keep(
    db: &DatabaseExecutor<'_>,
    request: RequestId,
    digest: &BodyHash,
    text: &str,
) -> Result<()> {
    let model = ActiveModel {
        request: Set(to_db("request", request.get())?),
        digest: Set(digest.to_string()),
        text: Set(text.to_owned()),
        created_ms: Set(now_ms()),
    };
    Entity::insert(model)
        .on_conflict(OnConflict::columns([Column::Request, Column::Digest]).do_nothing().to_owned())
        .exec_without_returning(db)
        .await
        .during("store a body")?;
    Ok(())
}
