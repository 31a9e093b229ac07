//! `gateway backup` and `gateway restore`: copies of a daemon's SQLite database.

use std::path::Path;

use gateway_store::{Restored, Store};

use super::CommandError;
use super::say::say;
use crate::arguments::{Backup, Restore};

/// Copies a database while its daemon runs.
pub(crate) async fn backup(options: Backup) -> Result<(), CommandError> {
    if let Some(path) = options.database.strip_prefix("sqlite:") {
        let file = Path::new(path.trim_start_matches("//").split('?').next().unwrap_or_default());
        // Opening it would create one, and copy nothing.
        if !file.exists() {
            return Err(format!("there is no database at {}", file.display()).into());
        }
    }
    let store = Store::open(&options.database).await?;
    store.backup(&options.out).await?;
    store.close().await?;
    say(&format!("{} is a copy of the database", options.out.display()))
}

/// Restores a copy in place of a lost database.
pub(crate) async fn restore(options: Restore) -> Result<(), CommandError> {
    let Restored { messages, jobs, received } = Store::restore(&options.from, &options.database).await?;
    say(&format!(
        "restored; what was under way in the copy is ended, because it may have been done since:\n  {messages} messages that were \
         not in a block, {jobs} jobs of a node, {received} received requests\nThe daemon compares the rest with the contract at its \
         start."
    ))
}
