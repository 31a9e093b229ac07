//! Bodies kept off the chain.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_bodies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("bodies")
            .col(big_integer("request"))
            .col(string("digest"))
            .col(text("text"))
            .col(big_integer("created_ms"))
            .primary_key(Index::create().col("request").col("digest"));
        manager.create_table(table).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
