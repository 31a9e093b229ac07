//! The schema's history. A released migration is never edited: a change is a new file.

mod m0001_initial;
mod m0002_bodies;
mod m0003_history;
mod m0004_received;
mod m0005_outbox_and_binding;
mod m0006_sums_and_gaps;
mod m0007_schedules;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

/// Runs the migrations in order.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_initial::Migration),
            Box::new(m0002_bodies::Migration),
            Box::new(m0003_history::Migration),
            Box::new(m0004_received::Migration),
            Box::new(m0005_outbox_and_binding::Migration),
            Box::new(m0006_sums_and_gaps::Migration),
            Box::new(m0007_schedules::Migration),
        ]
    }
}
