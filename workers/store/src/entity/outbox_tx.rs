//! The table `outbox_tx`: signed transactions; once ended they are kept without their bytes, so that their items remain known.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_tx")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub bytes: Vec<u8>,
    pub sequence: i64,
    pub signed_height: i64,
    pub timeout_height: i64,
    #[sea_orm(column_type = "Text")]
    pub items: String,
    pub settled: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
