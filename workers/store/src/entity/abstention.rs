//! The table `abstentions`: why nodes have no outcome, the newest statement of each node for each request.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "abstentions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub request: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub node: i64,
    pub reason: String,
    #[sea_orm(column_type = "Text")]
    pub detail: String,
    pub received_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
