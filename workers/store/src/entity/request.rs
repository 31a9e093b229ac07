//! The table `requests`: the contract's requests as last seen, and the state of their publication.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub project: i64,
    pub requester: String,
    pub status: String,
    pub height: i64,
    pub deadline: i64,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    pub item: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub fingerprint: Option<String>,
    pub tries: i64,
    pub not_before: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub why: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
