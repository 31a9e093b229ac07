//! The table `jobs`: a node's work, one row per request.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub request: i64,
    pub state: String,
    pub deadline: i64,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    pub attempt: Option<i64>,
    pub seats: i64,
    pub class: Option<String>,
    pub commit: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub message: Option<String>,
    pub tries: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    pub updated_ms: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
