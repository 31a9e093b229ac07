//! Gas that a queued message leaves for callbacks, and what the database is bound to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_outbox_and_binding"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut outbox = Table::alter();
        outbox.table("outbox").add_column(big_integer("reserved_gas").default(0));
        manager.alter_table(outbox).await?;
        let mut binding = Table::create();
        binding.table("binding").col(string("name").primary_key()).col(text("value"));
        manager.create_table(binding).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
