//! Waiting for a database that another process holds, and again after another process has taken it over.
//!
//! A daemon that has lost its turn keeps no state from it: it ends all its tasks and starts as in a new process.

use std::error::Error;
use std::time::Duration;

use gateway_daemon_runtime::Backoff;
use gateway_store::{Claim, Owner, Store, StoreError};

use crate::daemon::Daemon;
use crate::error::DaemonError;

/// Pauses while the database does not answer: it is restarting, or its standby is taking over.
const PAUSES: Backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));

/// Opens and claims a database as soon as no other process holds it; `/ready` reports what is awaited. `None` if the daemon is
/// stopped first.
///
/// # Errors
/// [`StoreError::Foreign`], and errors that waiting does not cure.
pub(crate) async fn wait(
    daemon: &mut Daemon,
    url: &str,
    owner: &Owner<'_>,
) -> Result<Option<(Store, Claim)>, StoreError> {
    let (readiness, cancel) = (daemon.health().register("database"), daemon.group().token());
    let standing_by = metrics::gauge!("gateway_standby");
    let mut pauses = PAUSES.delays();
    loop {
        let turn = async {
            let store = Store::connect(url).await?;
            let waiting = |reason: String| {
                tracing::info!(reason, "a standby");
                standing_by.set(1.0);
                readiness.not_ready(reason);
            };
            let claim = store.claim_when_free(owner, waiting).await?;
            Ok::<_, StoreError>((store, claim))
        };
        let end = tokio::select! {
            () = cancel.cancelled() => return Ok(None),
            end = turn => end,
        };
        match end {
            Ok(claimed) => {
                standing_by.set(0.0);
                return Ok(Some(claimed));
            }
            Err(error) if error.is_retryable() => {
                readiness.not_ready(format!("standby: {error}"));
                let pause = pauses.next().unwrap_or(PAUSES.max);
                tokio::select! {
                    () = cancel.cancelled() => return Ok(None),
                    () = tokio::time::sleep(pause) => {}
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Runs a daemon; with `standby`, each time another process has taken over its database, runs it again to wait for its next
/// turn.
///
/// # Errors
/// [`DaemonError`] that ends a turn, except [`StoreError::Replaced`] with `standby`.
pub async fn in_turns<Own, Turn>(
    standby: bool,
    mut turn: impl FnMut() -> Turn,
) -> Result<(), DaemonError<Own>>
where
    Own: Error + 'static,
    Turn: Future<Output = Result<(), DaemonError<Own>>>,
{
    loop {
        match turn().await {
            Err(DaemonError::Store(error @ StoreError::Replaced { .. })) if standby => {
                tracing::warn!(%error, "this process is a standby from now on");
            }
            end => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    async fn turns(standby: bool) -> (u32, bool) {
        let mut turns = 0;
        let end = in_turns::<Infallible, _>(standby, || {
            turns += 1;
            let last = turns == 3;
            async move { if last { Ok(()) } else { Err(StoreError::Replaced { found: 2, own: 1 }.into()) } }
        });
        let ended_well = end.await.is_ok();
        (turns, ended_well)
    }

    #[tokio::test]
    async fn a_replaced_daemon_waits_as_standby_or_stops() {
        assert_eq!(turns(true).await, (3, true));
        assert_eq!(turns(false).await, (1, false));
    }
}
