//! The table `bodies`: bodies kept off the chain, once for all nodes that attest them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bodies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub request: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    #[sea_orm(column_type = "Text")]
    pub text: String,
    pub created_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
