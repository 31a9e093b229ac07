//! Waiting for a condition instead of for a time.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, interval};

use crate::LocalnetError;

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Looks until `condition` gives something, fails, or `limit` has passed.
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
