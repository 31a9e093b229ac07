//! The migrated schema has exactly the entities' tables and columns.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseExecutor, EntityTrait, Iterable, Statement};
use sea_orm_migration::MigratorTrait;

use crate::entity;
use crate::migration::Migrator;
use crate::store::Store;

/// Reads every column of an entity and compares the names with the database's.
async fn compare<E: EntityTrait>(db: &DatabaseExecutor<'_>, entity: E) -> String
where
    E::Model: Sync,
{
    let table = entity.table_name().to_owned();
    E::find().all(db).await.unwrap();
    let sql = format!("SELECT name FROM pragma_table_info('{table}')");
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let found: BTreeSet<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    let declared: BTreeSet<String> =
        E::Column::iter().map(|column| column.as_column_ref().1.to_string()).collect();
    assert_eq!(found, declared, "columns of {table}");
    table
}

#[tokio::test]
async fn migrations_and_entities_agree() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite:{}", dir.path().join("a.db").display())).await.unwrap();
    let outbox = store.outbox();
    let db = &outbox.db;
    let compared: BTreeSet<String> = [
        compare(db, entity::abstention::Entity).await,
        compare(db, entity::attestation::Entity).await,
        compare(db, entity::binding::Entity).await,
        compare(db, entity::body::Entity).await,
        compare(db, entity::conduct::Entity).await,
        compare(db, entity::counted::Entity).await,
        compare(db, entity::cursor::Entity).await,
        compare(db, entity::epoch_result::Entity).await,
        compare(db, entity::event::Entity).await,
        compare(db, entity::gap::Entity).await,
        compare(db, entity::job::Entity).await,
        compare(db, entity::node::Entity).await,
        compare(db, entity::outbox::Entity).await,
        compare(db, entity::outbox_tx::Entity).await,
        compare(db, entity::received::Entity).await,
        compare(db, entity::request::Entity).await,
        compare(db, entity::request_count::Entity).await,
        compare(db, entity::result::Entity).await,
        compare(db, entity::spending::Entity).await,
        compare(db, entity::sponsored::Entity).await,
    ]
    .into();
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let mut found: BTreeSet<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    assert!(found.remove("seaql_migrations"));
    assert_eq!(found, compared, "tables");
}

#[tokio::test]
async fn readers_cannot_write_and_the_journal_is_a_wal() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&format!("sqlite:{}", dir.path().join("a.db").display())).await.unwrap();
    let outbox = store.outbox();
    let refused = outbox.db.execute_unprepared("DELETE FROM cursor").await.unwrap_err().to_string();
    assert!(refused.contains("readonly"), "{refused}");
    let work = store.begin().await.unwrap();
    let rows = work.outbox();
    for (pragma, value) in [("journal_mode", "wal"), ("foreign_keys", "1"), ("synchronous", "2")] {
        let sql = format!("SELECT CAST({pragma} AS TEXT) AS v FROM pragma_{pragma}");
        let row = rows.db.query_one_raw(Statement::from_string(rows.db.get_database_backend(), sql)).await;
        let found: String = row.unwrap().unwrap().try_get("", "v").unwrap();
        assert_eq!(found, value, "{pragma}");
    }
}

/// A relay's database of the previous release has events numbered from 1, no sums and no record of its gaps.
#[tokio::test]
async fn an_older_relays_database_gets_its_sums_its_gaps_and_the_ids_of_its_events() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}?mode=rwc", dir.path().join("a.db").display());
    let old = sea_orm::Database::connect(&url).await.unwrap();
    Migrator::up(&old, Some(5)).await.unwrap();
    for sql in [
        "INSERT INTO cursor (name, height) VALUES ('relay', 40)",
        "INSERT INTO requests (id, project, requester, status, height, deadline, body, tries, not_before) VALUES \
         (1, 1, 'a', 'fulfilled', 1, 2, '{}', 0, 0), (2, 1, 'a', 'fulfilled', 1, 2, '{}', 0, 0), \
         (7, 1, 'a', 'drawn', 1, 2, '{}', 0, 0)",
        "INSERT INTO events (height, time_ms, event, attributes) VALUES (30, 1, 'a', '{}'), (30, 1, 'b', '{}'), \
         (31, 1, 'c', '{}')",
    ] {
        old.execute_unprepared(sql).await.unwrap();
    }
    old.close().await.unwrap();
    let store = Store::open(&url).await.unwrap();
    let events = store.events().list(&Default::default(), 0, 10).await.unwrap();
    let ids: Vec<_> = events.iter().map(|row| (row.id, row.event.event.as_str())).collect();
    assert_eq!(ids, [(30 << 20, "a"), ((30 << 20) + 1, "b"), (31 << 20, "c")]);
    let count = store.statistics().requests().await.unwrap();
    assert_eq!((count.fulfilled, count.expired, count.open), (2, 0, 1));
    let gap = |kind| {
        let store = store.clone();
        async move {
            let gaps = store.gaps().list(kind).await.unwrap();
            gaps.iter().map(|gap| (gap.first, gap.last)).collect::<Vec<_>>()
        }
    };
    assert_eq!(gap(crate::GapKind::Blocks).await, [(1, 29)]);
    assert_eq!(gap(crate::GapKind::Requests).await, [(1, 7)]);
}
