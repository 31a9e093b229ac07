//! The table `outbox`: messages on their way into transactions, in queueing order.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub key: String,
    pub msg: Vec<u8>,
    #[sea_orm(column_type = "Text")]
    pub funds: String,
    pub reserved_gas: i64,
    pub state: String,
    pub tx_hash: Option<String>,
    pub height: Option<i64>,
    pub attempts: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
    pub created_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
