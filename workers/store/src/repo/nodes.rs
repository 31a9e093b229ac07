//! The mirror of the contract's nodes.

use gateway_api::{Epoch, NodeId, NodeKey, NodeResponse, UnitsFrom};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::{from_json, to_json};
use crate::entity::node::{ActiveModel, Column, Entity};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};
use crate::repo::{MAX_PAGE, page};

repository! {
    /// The nodes.
    Nodes
}

impl<M: Mode> Nodes<'_, M> {
    /// Returns a node by its id.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, node: NodeId) -> Result<Option<NodeResponse>> {
        let found = Entity::find_by_id(i64::from(node.get())).one(&self.db).await.during("read a node")?;
        found.map(|model| from_json("node", &model.body)).transpose()
    }

    /// Returns those of these nodes that are known, at most 1000, in one query.
    ///
    /// # Errors
    /// [`StoreError::Statement`](crate::StoreError::Statement), [`StoreError::Corrupt`](crate::StoreError::Corrupt).
    pub async fn among(&self, nodes: &[NodeId]) -> Result<Vec<NodeResponse>> {
        if nodes.is_empty() {
            return Ok(Vec::new());
        }
        let ids = nodes.iter().map(|node| i64::from(node.get()));
        let rows = Entity::find()
            .filter(Column::Id.is_in(ids))
            .limit(MAX_PAGE)
            .all(&self.db)
            .await
            .during("read the nodes of a draw")?;
        rows.iter().map(|model| from_json("node", &model.body)).collect()
    }

    /// Returns a node by its VRF key.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn by_key(&self, key: &NodeKey) -> Result<Option<NodeResponse>> {
        let query = Entity::find().filter(Column::Key.eq(key.to_string()));
        let found = query.one(&self.db).await.during("find a node by its key")?;
        found.map(|model| from_json("node", &model.body)).transpose()
    }

    /// Returns how many nodes have units in an epoch.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable node.
    pub async fn active(&self, epoch: Epoch) -> Result<u64> {
        let nodes = self.all().await?;
        Ok(nodes.iter().filter(|node| UnitsFrom::at(&node.schedule, epoch) > 0).count() as u64)
    }

    /// Returns all nodes in order of their ids.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn all(&self) -> Result<Vec<NodeResponse>> {
        let (mut all, mut after) = (Vec::new(), NodeId(0));
        loop {
            let page = self.list(after, MAX_PAGE).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = last.node;
            all.extend(page);
        }
    }

    /// Returns the nodes in order of their ids, after `after`, at most `limit` (capped at 1000).
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn list(&self, after: NodeId, limit: u64) -> Result<Vec<NodeResponse>> {
        let rows = Entity::find()
            .filter(Column::Id.gt(i64::from(after.get())))
            .order_by_asc(Column::Id)
            .limit(page(limit))
            .all(&self.db)
            .await
            .during("list nodes")?;
        rows.iter().map(|model| from_json("node", &model.body)).collect()
    }
}

impl Nodes<'_, Write> {
    /// Stores the contract's state of a node.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn upsert(&self, seen: &NodeResponse) -> Result<()> {
        let model = ActiveModel {
            id: Set(i64::from(seen.node.get())),
            key: Set(seen.newest_key().map(|key| key.to_string()).unwrap_or_default()),
            operator: Set(seen.operator.clone()),
            body: Set(to_json("node", seen)?),
        };
        Entity::insert(model)
            .on_conflict(
                OnConflict::column(Column::Id)
                    .update_columns([Column::Key, Column::Operator, Column::Body])
                    .to_owned(),
            )
            .exec_without_returning(&self.db)
            .await
            .during("store a node")?;
        Ok(())
    }
}
