//! The table `events`: events of the contract in chain order.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub height: i64,
    pub time_ms: i64,
    pub event: String,
    pub project: Option<i64>,
    pub request: Option<i64>,
    pub schedule: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub attributes: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
