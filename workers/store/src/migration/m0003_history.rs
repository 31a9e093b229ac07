//! Events of the contract for streams that resume, and nodes' abstentions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, big_pk_auto, string, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_history"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut events = Table::create();
        events
            .table("events")
            .col(big_pk_auto("id"))
            .col(big_integer("height"))
            .col(big_integer("time_ms"))
            .col(string("event"))
            .col(big_integer_null("project"))
            .col(big_integer_null("request"))
            .col(text("attributes"));
        manager.create_table(events).await?;
        for (name, columns) in [
            ("events_request", ["request", "id"]),
            ("events_project", ["project", "id"]),
            ("events_height", ["height", "id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("events");
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        let mut abstentions = Table::create();
        abstentions
            .table("abstentions")
            .col(big_integer("request"))
            .col(big_integer("node"))
            .col(string("reason"))
            .col(text("detail"))
            .col(big_integer("received_ms"))
            .primary_key(Index::create().col("request").col("node"));
        manager.create_table(abstentions).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
