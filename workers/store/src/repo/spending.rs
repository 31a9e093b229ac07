//! Each payer's spending per day: counted in the transaction that spends, so it survives a restart and is never counted twice.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::convert::{now_ms, parse};
use crate::entity::spending::{ActiveModel, Column, Entity};
use crate::error::{During, Result};
use crate::mode::{Mode, Write, repository};

/// Milliseconds per day (UTC).
const DAY_MS: i64 = 86_400_000;

repository! {
    /// Spending of payers.
    Spending
}

impl<M: Mode> Spending<'_, M> {
    /// Returns what a payer has spent today (UTC), in the chain's smallest unit.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`], [`crate::StoreError::Corrupt`] for an unreadable row.
    pub async fn today(&self, payer: &str) -> Result<u128> {
        let id = (payer.to_owned(), now_ms() / DAY_MS);
        let found = Entity::find_by_id(id).one(&self.db).await.during("read what was spent")?;
        found.map_or(Ok(0), |row| parse("amount spent", &row.amount))
    }
}

impl Spending<'_, Write> {
    /// Records how much a payer has spent today, replacing the previous value.
    ///
    /// # Errors
    /// [`crate::StoreError::Statement`].
    pub async fn set(&self, payer: &str, sum: u128) -> Result<()> {
        let row = ActiveModel {
            payer: Set(payer.to_owned()),
            day: Set(now_ms() / DAY_MS),
            amount: Set(sum.to_string()),
        };
        let replace =
            OnConflict::columns([Column::Payer, Column::Day]).update_column(Column::Amount).to_owned();
        Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(&self.db)
            .await
            .during("note what was spent")?;
        Ok(())
    }
}
