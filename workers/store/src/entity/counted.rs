//! The table `counted`: requests whose results are in the sums by epoch. A row outlives its request's deletion: a result read
//! from the contract again is not counted again.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counted")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub request: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
