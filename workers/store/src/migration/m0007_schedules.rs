//! Events by the schedule that they concern.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer_null;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_schedules"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut events = Table::alter();
        events.table("events").add_column(big_integer_null("schedule"));
        manager.alter_table(events).await?;
        let mut index = Index::create();
        index.name("events_schedule").table("events").col("schedule").col("id");
        manager.create_index(index).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
