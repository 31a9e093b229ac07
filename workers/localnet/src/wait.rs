//! Waits for conditions instead of fixed times.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, interval};

use crate::LocalnetError;

/// Interval at which a condition is checked.
const LOOK: Duration = Duration::from_millis(50);

/// Polls until `condition` returns a value, fails, or `limit` has passed.
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
        if let Some(found) = condition().await? {
            return Ok(found);
        }
        if Instant::now() >= end {
            return Err(LocalnetError::TimedOut { what: what.to_owned(), seconds: limit.as_secs() });
        }
    }
}
