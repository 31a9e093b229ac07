//! Two retries of a read that failed for a transient reason, so that a hiccup or a restart of a single configured node fails no
//! command.
//!
//! Callers that need the answer, such as a daemon's loop, retry with back-off themselves; this is not the place for more
//! attempts.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{ChainError, Result};

/// Pauses before the second and the third attempt. A node that has saved a block but not yet its state answers code 18 for some
/// ten milliseconds, and a proxy needs about as long to choose another backend. A restarted node recovers panics of contract
/// queries until it has executed a block: half a second, measured on wasmd.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(1)];

/// Returns whether an error may be gone a moment later. A time-out is not: it has used up the time available.
fn is_transient(error: &ChainError) -> bool {
    match error {
        // The connection broke; the SDK's state is not loaded yet (code 18), or a panic was recovered.
        ChainError::Transport { .. } | ChainError::NodeUnwell { .. } => true,
        // A proxy without a backend, or a rate limit.
        ChainError::HttpStatus { status, .. } => *status == 429 || *status >= 500,
        _ => false,
    }
}

/// Reads, and retries after each pause if the error may be gone by then; all attempts share `limit`.
///
/// # Errors
/// [`ChainError`] of the last attempt that ended in time.
pub(super) async fn with_retries<T, F>(limit: Duration, read: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let began = Instant::now();
    let mut result = read().await;
    for pause in PAUSES {
        let error = match result {
            Err(error) if is_transient(&error) => error,
            end => return end,
        };
        let left = limit.saturating_sub(began.elapsed());
        if left <= pause {
            return Err(error);
        }
        tracing::debug!(%error, ?pause, "a read failed, retrying after a pause");
        metrics::counter!("gateway_chain_reads_repeated_total").increment(1);
        tokio::time::sleep(pause).await;
        result = tokio::time::timeout(left.saturating_sub(pause), read()).await.unwrap_or(Err(error));
    }
    result
}

#[cfg(test)]
mod tests;
