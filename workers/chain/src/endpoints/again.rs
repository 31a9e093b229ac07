//! One more try for a read that failed by something that passes: a hiccup of the one node that is configured fails no command.
//!
//! Whoever must have the answer, as a daemon's loop, goes on asking with growing pauses; this is no place for more tries.

use std::time::{Duration, Instant};

use crate::error::{ChainError, Result};

/// Pause before the second try. A node that has saved a block and not its state yet answers code 18 for some ten
/// milliseconds, and a proxy needs about as long to choose another backend; a person does not notice it.
const PAUSE: Duration = Duration::from_millis(300);

/// Whether an error is one that a moment later may be over. A time-out is not: it has used the time that there was.
fn passes(error: &ChainError) -> bool {
    match error {
        // The connection broke; an SDK's state is not loaded yet (code 18), or a panic was recovered.
        ChainError::Transport { .. } | ChainError::NodeUnwell { .. } => true,
        // A proxy without a backend, or a limit of calls a second.
        ChainError::HttpStatus { status, .. } => *status == 429 || *status >= 500,
        _ => false,
    }
}

/// Reads, and reads once more after a pause where the error may be over by then; both within `limit`.
///
/// # Errors
/// [`ChainError`] of the newest try that ended in time.
pub(super) async fn once_more<T, F>(limit: Duration, read: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let began = Instant::now();
    let error = match read().await {
        Err(error) if passes(&error) => error,
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
