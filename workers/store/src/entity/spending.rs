//! The table `spending`: each payer's spending per day.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "spending")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub payer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    pub amount: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
