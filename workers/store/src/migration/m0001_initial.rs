//! The first schema.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, blob, boolean, string, string_null, string_uniq, text,
    text_null,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_initial"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for (name, table, columns) in INDEXES {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    // All or nothing on every database: a partial schema would never be completed.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Index, table, columns: for the daemons' frequent queries.
const INDEXES: [(&str, &str, &[&str]); 7] = [
    ("outbox_state", "outbox", &["state", "id"]),
    ("outbox_tx_settled", "outbox_tx", &["settled", "sequence"]),
    ("requests_status", "requests", &["status", "id"]),
    ("requests_project", "requests", &["project", "id"]),
    ("results_project", "results", &["project", "request"]),
    ("jobs_state", "jobs", &["state", "request"]),
    ("sponsored_item", "sponsored", &["item"]),
];

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).to_owned()
}

fn tables() -> [TableCreateStatement; 9] {
    [
        table("cursor").col(string("name").primary_key()).col(big_integer("height")).to_owned(),
        table("outbox")
            .col(big_pk_auto("id"))
            .col(string_uniq("key"))
            .col(blob("msg"))
            .col(text("funds"))
            .col(string("state"))
            .col(string_null("tx_hash"))
            .col(big_integer_null("height"))
            .col(big_integer("attempts"))
            .col(text_null("error"))
            .col(big_integer("created_ms"))
            .to_owned(),
        table("outbox_tx")
            .col(string("hash").primary_key())
            .col(blob("bytes"))
            .col(big_integer("sequence"))
            .col(big_integer("signed_height"))
            .col(big_integer("timeout_height"))
            .col(text("items"))
            .col(boolean("settled"))
            .to_owned(),
        table("requests")
            .col(big_integer("id").primary_key())
            .col(big_integer("project"))
            .col(string("requester"))
            .col(string("status"))
            .col(big_integer("height"))
            .col(big_integer("deadline"))
            .col(text("body"))
            .col(big_integer_null("item"))
            .col(text_null("fingerprint"))
            .col(big_integer("tries"))
            .col(big_integer("not_before"))
            .col(text_null("why"))
            .to_owned(),
        table("nodes")
            .col(big_integer("id").primary_key())
            .col(string_uniq("key"))
            .col(string("operator"))
            .col(text("body"))
            .to_owned(),
        table("results")
            .col(big_integer("request").primary_key())
            .col(big_integer("project"))
            .col(string("class"))
            .col(big_integer("height"))
            .col(text("body"))
            .to_owned(),
        table("attestations")
            .col(big_integer("request"))
            .col(big_integer("node"))
            .col(string("operator"))
            .col(string("engine"))
            .col(string("class"))
            .col(string("outcome"))
            .col(string("digest"))
            .col(big_integer("size"))
            .col(text("body"))
            .col(string_null("value"))
            .col(blob("proof"))
            .col(big_integer("seats0"))
            .col(big_integer("seats1"))
            .col(big_integer("seats2"))
            .col(big_integer("received_ms"))
            .primary_key(Index::create().col("request").col("node"))
            .to_owned(),
        table("jobs")
            .col(big_integer("request").primary_key())
            .col(string("state"))
            .col(big_integer("deadline"))
            .col(text("body"))
            .col(big_integer_null("attempt"))
            .col(big_integer("seats"))
            .col(string_null("class"))
            .col(string_null("commit"))
            .col(text_null("message"))
            .col(big_integer("tries"))
            .col(text_null("reason"))
            .col(big_integer("updated_ms"))
            .to_owned(),
        table("sponsored")
            .col(string("payer"))
            .col(string("key"))
            .col(string("fingerprint"))
            .col(big_integer("item"))
            .col(big_integer_null("request"))
            .col(big_integer("created_ms"))
            .primary_key(Index::create().col("payer").col("key"))
            .to_owned(),
    ]
}
