//! One retry of a read that failed for a transient reason, so that a hiccup of a single configured node fails no command.
//!
//! Callers that need the answer, such as a daemon's loop, retry with back-off themselves; this is not the place for more
//! attempts.

use std::time::{Duration, Instant};

use crate::error::{ChainError, Result};

/// Pause before the second attempt. A node that has saved a block but not yet its state answers code 18 for some ten
/// milliseconds, and a proxy needs about as long to choose another backend; a person does not notice the pause.
const PAUSE: Duration = Duration::from_millis(300);

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

/// Reads, and retries once after a pause if the error may be gone by then; both attempts share `limit`.
///
/// # Errors
/// [`ChainError`] of the last attempt that ended in time.
pub(super) async fn retry_once<T, F>(limit: Duration, read: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let began = Instant::now();
    let error = match read().await {
        Err(error) if is_transient(&error) => error,
        end => return end,
    };
    let left = limit.saturating_sub(began.elapsed());
    if left <= PAUSE {
        return Err(error);
    }
    tracing::debug!(%error, pause = ?PAUSE, "a read failed, asking once more");
    metrics::counter!("gateway_chain_reads_repeated_total").increment(1);
    tokio::time::sleep(PAUSE).await;
    tokio::time::timeout(left - PAUSE, read()).await.unwrap_or(Err(error))
}

#[cfg(test)]
mod tests;
