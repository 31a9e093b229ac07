//! Sums that every unit of work maintains, the gaps in the past, and event ids that follow from the event's place in the chain.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, boolean, string};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_sums_and_gaps"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables() {
            manager.create_table(table).await?;
        }
        for sql in STATEMENTS {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn tables() -> [TableCreateStatement; 5] {
    let table = |name: &'static str| Table::create().table(name).to_owned();
    [
        table("request_counts").col(string("status").primary_key()).col(big_integer("number")).to_owned(),
        table("epoch_results")
            .col(big_integer("epoch").primary_key())
            .col(big_integer("results"))
            .col(big_integer("expected"))
            .to_owned(),
        table("conduct")
            .col(big_integer("epoch"))
            .col(big_integer("node"))
            .col(big_integer("results"))
            .col(big_integer("agreeing"))
            .col(big_integer("seats"))
            .primary_key(Index::create().col("epoch").col("node"))
            .to_owned(),
        table("counted").col(big_integer("request").primary_key()).to_owned(),
        table("gaps")
            .col(big_pk_auto("id"))
            .col(string("kind"))
            .col(big_integer("first"))
            .col(big_integer("last"))
            .col(boolean("pruned"))
            .to_owned(),
    ]
}

/// Valid on SQLite and PostgreSQL alike.
const STATEMENTS: [&str; 6] = [
    "INSERT INTO request_counts (status, number) SELECT status, (SELECT COUNT(*) FROM requests WHERE requests.status = \
     named.status) FROM (SELECT 'waiting' AS status UNION ALL SELECT 'drawn' UNION ALL SELECT 'fulfilled' UNION ALL SELECT \
     'expired') AS named",
    // An event's id is its height times 2^20 plus its place in the block. Old rows pass through negative ids, which no new one
    // can collide with.
    "UPDATE events SET id = -id",
    "INSERT INTO events (id, height, time_ms, event, project, request, attributes) SELECT height * 1048576 + ROW_NUMBER() \
     OVER (PARTITION BY height ORDER BY id DESC) - 1, height, time_ms, event, project, request, attributes FROM events WHERE \
     id < 0",
    "DELETE FROM events WHERE id < 0",
    // A relay's mirror began at some height: everything before it is missing.
    "INSERT INTO gaps (kind, first, last, pruned) SELECT 'blocks', 1, oldest, FALSE FROM (SELECT COALESCE((SELECT MIN(height) \
     - 1 FROM events), height) AS oldest FROM cursor WHERE name = 'relay') AS begun WHERE oldest > 0",
    "INSERT INTO gaps (kind, first, last, pruned) SELECT 'requests', 1, newest, FALSE FROM (SELECT MAX(id) AS newest FROM \
     requests) AS known WHERE newest > 0 AND EXISTS (SELECT 1 FROM cursor WHERE name = 'relay')",
];
