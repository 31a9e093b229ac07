//! Requests received while the chain does not answer, and what each API key has spent per day.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, string, text, text_null};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_received"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut received = Table::create();
        received
            .table("received")
            .col(big_pk_auto("id"))
            .col(string("payer"))
            .col(string("key"))
            .col(string("fingerprint"))
            .col(text("order"))
            .col(string("state"))
            .col(text_null("reason"))
            .col(big_integer("received_ms"));
        manager.create_table(received).await?;
        let mut by_key = Index::create();
        by_key.name("received_key").table("received").col("payer").col("key").unique();
        manager.create_index(by_key).await?;
        let mut by_state = Index::create();
        by_state.name("received_state").table("received").col("state").col("id");
        manager.create_index(by_state).await?;
        let mut spending = Table::create();
        spending
            .table("spending")
            .col(string("payer"))
            .col(big_integer("day"))
            .col(string("amount"))
            .primary_key(Index::create().col("payer").col("day"));
        manager.create_table(spending).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
