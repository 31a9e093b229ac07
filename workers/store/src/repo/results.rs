//! The mirror of the contract's results.

use gateway_api::{ProjectId, RequestId, ResultResponse};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::{from_json, to_db, to_json};
use crate::entity::result::{ActiveModel, Column, Entity};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};
use crate::repo::{ROWS, page};

repository! {
    /// The results.
    Results
}

impl<M: Mode> Results<'_, M> {
    /// Returns a request's result.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, request: RequestId) -> Result<Option<ResultResponse>> {
        let id = to_db("request", request.get())?;
        let found = Entity::find_by_id(id).one(&self.db).await.during("read a result")?;
        found.map(|model| from_json("result", &model.body)).transpose()
    }

    /// Returns the results in order of their requests' ids, after `after`, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn list(
        &self,
        project: Option<ProjectId>,
        after: RequestId,
        limit: u64,
    ) -> Result<Vec<ResultResponse>> {
        let mut query = Entity::find().filter(Column::Request.gt(to_db("request", after.get())?));
        if let Some(project) = project {
            query = query.filter(Column::Project.eq(to_db("project", project.get())?));
        }
        let rows = query
            .order_by_asc(Column::Request)
            .limit(page(limit))
            .all(&self.db)
            .await
            .during("list results")?;
        rows.iter().map(|model| from_json("result", &model.body)).collect()
    }
}

impl Results<'_, Write> {
    /// Stores the contract's results, each for a different request; only a callback's status can change later.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn upsert(&self, seen: &[ResultResponse]) -> Result<()> {
        for some in seen.chunks(ROWS) {
            let mut models = Vec::with_capacity(some.len());
            for seen in some {
                models.push(ActiveModel {
                    request: Set(to_db("request", seen.request.get())?),
                    project: Set(to_db("project", seen.project.get())?),
                    class: Set(seen.class.to_string()),
                    height: Set(to_db("height", seen.height)?),
                    body: Set(to_json("result", seen)?),
                });
            }
            Entity::insert_many(models)
                .on_conflict(OnConflict::column(Column::Request).update_column(Column::Body).to_owned())
                .exec_without_returning(&self.db)
                .await
                .during("store results")?;
        }
        Ok(())
    }
}
