//! Waits for conditions instead of fixed times.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, interval};

use crate::LocalnetError;

/// Interval at which a condition is checked.
const LOOK: Duration = Duration::from_millis(50);

/// Polls until `condition` returns a value, fails for good, or `limit` has passed.
///
/// A chain that cannot answer at the moment does not end the wait: a node that was just restarted may fail queries for a while.
///
/// # Errors
/// The condition's own error if another attempt would not help, or if it was still failing at the end;
/// [`LocalnetError::TimedOut`] otherwise.
pub(crate) async fn until<T, F, Fut>(
    what: &str,
    limit: Duration,
    mut condition: F,
) -> Result<T, LocalnetError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>, LocalnetError>>,
{
    let end = Instant::now() + limit;
    let mut look = interval(LOOK);
    loop {
        look.tick().await;
        let failed = match condition().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(error) if error.is_retryable() => Some(error),
            Err(error) => return Err(error),
        };
        if Instant::now() >= end {
            let timed_out = || LocalnetError::TimedOut { what: what.to_owned(), seconds: limit.as_secs() };
            return Err(failed.unwrap_or_else(timed_out));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use gateway_chain::ChainError;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    fn failing(source: ChainError) -> LocalnetError {
        LocalnetError::Chain { doing: "asking the contract".into(), source }
    }

    fn unwell() -> ChainError {
        let what = "/cosmwasm.wasm.v1.Query/SmartContractState".into();
        ChainError::NodeUnwell {
            what,
            code: 6,
            codespace: "sdk".into(),
            log: "panic: unknown request".into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_is_unwell_for_a_while_does_not_end_a_wait() {
        let asked = AtomicU32::new(0);
        let found = until("an answer", LIMIT, || async {
            match asked.fetch_add(1, Ordering::Relaxed) {
                0..20 => Err(failing(unwell())),
                _ => Ok(Some(7)),
            }
        });
        assert_eq!(found.await.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_that_stays_is_returned_at_the_end_and_a_fatal_one_at_once() {
        let began = Instant::now();
        let stays = until("an answer", LIMIT, || async { Err::<Option<()>, _>(failing(unwell())) }).await;
        assert!(stays.unwrap_err().to_string().contains("panic: unknown request"));
        assert!(began.elapsed() >= LIMIT);

        let began = Instant::now();
        let fatal =
            until("an answer", LIMIT, || async { Err::<Option<()>, _>(failing(ChainError::Cancelled)) });
        fatal.await.unwrap_err();
        assert!(began.elapsed() < LOOK);
    }
}
