//! The table `attestations`: verified attestations, one per node and request.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attestations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub request: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub node: i64,
    pub operator: String,
    pub engine: String,
    pub class: String,
    pub outcome: String,
    pub digest: String,
    pub size: i64,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    pub value: Option<String>,
    pub proof: Vec<u8>,
    pub seats0: i64,
    pub seats1: i64,
    pub seats2: i64,
    pub received_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
