//! The table `received`: requests received over HTTP while the chain did not answer.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "received")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub payer: String,
    pub key: String,
    pub fingerprint: String,
    #[sea_orm(column_type = "Text")]
    pub order: String,
    pub state: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    pub received_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
