//! Why nodes have no outcome: the newest statement of each node for each request. They explain requests that expire.

use gateway_api::{AbstentionReason, NodeId, RequestId, limits};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::{from_db, now_ms, to_db};
use crate::entity::abstention::{ActiveModel, Column, Entity, Model};
use crate::error::{During, Result, StoreError};
use crate::mode::{Mode, Write, repository};

/// A node's verified statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbstentionRow {
    /// The request.
    pub request: RequestId,
    /// The node.
    pub node: NodeId,
    /// Why it has no outcome.
    pub reason: AbstentionReason,
    /// Details, for people.
    pub detail: String,
}

repository! {
    /// The abstentions.
    Abstentions
}

fn row(model: Model) -> Result<AbstentionRow> {
    let reason = serde_json::from_value(serde_json::Value::String(model.reason))
        .map_err(|error| StoreError::corrupt("abstention's reason", error))?;
    Ok(AbstentionRow {
        request: RequestId(from_db("abstention's request", model.request)?),
        node: NodeId(from_db("abstention's node", model.node)?),
        reason,
        detail: model.detail,
    })
}

impl<M: Mode> Abstentions<'_, M> {
    /// Returns the abstentions for a request, by node; at most as many as there may be attestations.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable abstention.
    pub async fn of(&self, request: RequestId) -> Result<Vec<AbstentionRow>> {
        let rows = Entity::find()
            .filter(Column::Request.eq(to_db("request", request.get())?))
            .order_by_asc(Column::Node)
            .limit(limits::MAX_ATTESTATIONS as u64)
            .all(&self.db)
            .await
            .during("list abstentions")?;
        rows.into_iter().map(row).collect()
    }
}

impl Abstentions<'_, Write> {
    /// Stores a node's statement, replacing an earlier one.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn put(&self, new: &AbstentionRow) -> Result<()> {
        let model = ActiveModel {
            request: Set(to_db("request", new.request.get())?),
            node: Set(i64::from(new.node.get())),
            reason: Set(new.reason.as_str().to_owned()),
            detail: Set(new.detail.clone()),
            received_ms: Set(now_ms()),
        };
        let replace = OnConflict::columns([Column::Request, Column::Node])
            .update_columns([Column::Reason, Column::Detail, Column::ReceivedMs])
            .to_owned();
        Entity::insert(model)
            .on_conflict(replace)
            .exec_without_returning(&self.db)
            .await
            .during("store an abstention")?;
        Ok(())
    }
}
