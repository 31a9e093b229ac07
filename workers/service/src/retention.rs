//! Periodically deletes old rows, as the setting `retention_blocks` says: without it a database only grows.

use std::time::Duration;

use gateway_daemon_runtime::CancellationToken;
use gateway_store::{Store, StoreError};

/// Time between two rounds of deletion.
const INTERVAL: Duration = Duration::from_secs(600);

/// Deletes rows of blocks more than `blocks` below the cursor, until cancelled; `blocks` of 0 keeps everything.
///
/// # Errors
/// A [`StoreError`] that is not retryable.
pub async fn prune(
    store: Store,
    cursor: &'static str,
    blocks: u64,
    cancel: CancellationToken,
) -> Result<(), StoreError> {
    if blocks == 0 {
        cancel.cancelled().await;
        return Ok(());
    }
    loop {
        match round(&store, cursor, blocks, &cancel).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, blocks, "old rows deleted"),
            Err(error) if error.is_retryable() => tracing::warn!(%error, "old rows not deleted now"),
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

/// Runs one round, in transactions of bounded size; other writers get their turn in between.
async fn round(
    store: &Store,
    cursor: &str,
    blocks: u64,
    cancel: &CancellationToken,
) -> Result<u64, StoreError> {
    let Some(height) = store.cursors().get(cursor).await?.and_then(|height| height.checked_sub(blocks))
    else {
        return Ok(0);
    };
    let mut rows = 0;
    loop {
        let work = store.begin().await?;
        let deleted = work.retention().prune_below(height).await?;
        work.commit().await?;
        rows += deleted;
        if deleted == 0 || cancel.is_cancelled() {
            return Ok(rows);
        }
        tokio::task::yield_now().await;
    }
}
