//! `gateway backup` and `gateway restore`: copies of a daemon's SQLite database.

use gateway_store::{Restored, Store};

use super::CommandError;
use crate::arguments::{Backup, Restore};

/// Copies a database while its daemon runs.
pub(crate) async fn backup(options: Backup) -> Result<(), CommandError> {
    let store = Store::open(&options.database).await?;
    store.backup(&options.out).await?;
    store.close().await?;
    println!("{} is a copy of the database", options.out.display());
    Ok(())
}

/// Puts a copy in the place of a database that is lost.
pub(crate) async fn restore(options: Restore) -> Result<(), CommandError> {
    let Restored { messages, jobs, received } = Store::restore(&options.from, &options.database).await?;
    println!("restored; what was under way in the copy is ended, because it may have been done since:");
    println!(
        "  {messages} messages that were not in a block, {jobs} jobs of a node, {received} received requests"
    );
    println!("The daemon compares the rest with the contract at its start.");
    Ok(())
}
