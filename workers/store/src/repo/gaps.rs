//! What the mirror lacks of the past: ranges of heights and of requests, filled from the chain from the top downwards. A range
//! shrinks in the transaction that stores what was read for it, so a kill loses and duplicates nothing.

use std::ops::RangeInclusive;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::convert::{from_db, to_db};
use crate::entity::gap::{ActiveModel, Column, Entity, Model};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};
use crate::repo::MAX_PAGE;

/// The kind of range that a gap is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapKind {
    /// Heights whose blocks were not read.
    Blocks,
    /// Requests, by id, that were not read.
    Requests,
}

impl GapKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Requests => "requests",
        }
    }
}

/// A range that is not in the mirror.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Its row.
    pub id: i64,
    /// The lowest missing one.
    pub first: u64,
    /// The highest missing one.
    pub last: u64,
    /// Whether the chain's node no longer had it when last asked.
    pub pruned: bool,
}

repository! {
    /// The gaps.
    Gaps
}

fn gap(model: Model) -> Result<Gap> {
    Ok(Gap {
        id: model.id,
        first: from_db("gap's first", model.first)?,
        last: from_db("gap's last", model.last)?,
        pruned: model.pruned,
    })
}

impl<M: Mode> Gaps<'_, M> {
    /// Returns the gaps of a kind, the newest first, at most 1000.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn list(&self, kind: GapKind) -> Result<Vec<Gap>> {
        let query = Entity::find().filter(Column::Kind.eq(kind.name()));
        let query = query.order_by_desc(Column::Last).limit(MAX_PAGE);
        query.all(&self.db).await.during("list gaps")?.into_iter().map(gap).collect()
    }
}

impl Gaps<'_, Write> {
    /// Records that a range was not read; an empty range is ignored.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Range`].
    pub async fn add(&self, kind: GapKind, range: RangeInclusive<u64>) -> Result<()> {
        if range.is_empty() {
            return Ok(());
        }
        let model = ActiveModel {
            id: NotSet,
            kind: Set(kind.name().to_owned()),
            first: Set(to_db("gap's first", *range.start())?),
            last: Set(to_db("gap's last", *range.end())?),
            pruned: Set(false),
        };
        Entity::insert(model).exec_without_returning(&self.db).await.during("note a gap")?;
        Ok(())
    }

    /// Updates a gap to what is left of it; deletes it if the range is empty.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Range`].
    pub async fn set(&self, id: i64, left: RangeInclusive<u64>, pruned: bool) -> Result<()> {
        if left.is_empty() {
            let done = Entity::delete_many().filter(Column::Id.eq(id));
            done.exec(&self.db).await.during("close a gap")?;
            return Ok(());
        }
        Entity::update_many()
            .col_expr(Column::First, Expr::value(to_db("gap's first", *left.start())?))
            .col_expr(Column::Last, Expr::value(to_db("gap's last", *left.end())?))
            .col_expr(Column::Pruned, Expr::value(pruned))
            .filter(Column::Id.eq(id))
            .exec(&self.db)
            .await
            .during("shrink a gap")?;
        Ok(())
    }
}
