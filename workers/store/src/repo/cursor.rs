//! Heights up to which blocks have been processed. A cursor never moves back.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::convert::{from_db, to_db};
use crate::entity::cursor::{ActiveModel, Column, Entity};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};

repository! {
    /// The cursors.
    Cursors
}

impl<M: Mode> Cursors<'_, M> {
    /// Returns the newest height that the follower `name` has processed; `None` before its first block.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn get(&self, name: &str) -> Result<Option<u64>> {
        let row = Entity::find_by_id(name.to_owned()).one(&self.db).await.during("read a cursor")?;
        row.map(|row| from_db("cursor", row.height)).transpose()
    }
}

impl Cursors<'_, Write> {
    /// Advances the follower's cursor to `height`; a lower one leaves it unchanged.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn advance(&self, name: &str, height: u64) -> Result<()> {
        let height = to_db("height", height)?;
        Entity::insert(ActiveModel { name: Set(name.to_owned()), height: Set(height) })
            .on_conflict(
                OnConflict::column(Column::Name)
                    .update_column(Column::Height)
                    .action_and_where(Expr::col((Entity, Column::Height)).lt(height))
                    .to_owned(),
            )
            .exec_without_returning(&self.db)
            .await
            .during("advance a cursor")?;
        Ok(())
    }
}
