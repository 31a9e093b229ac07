//! Whether the chain makes progress and this daemon keeps up with it, in seconds, from the first second.
//!
//! Reasons, the most fundamental first: the chain is a different one; the RPC endpoint does not answer; its node is catching
//! up; the chain stands still; blocks cannot be read (for example because the node keeps no results); the daemon lags behind.

use std::sync::Arc;
use std::time::Duration;

use gateway_chain::{ChainError, ChainReader, Status};
use gateway_daemon_runtime::CancellationToken;
use gateway_daemon_runtime::health::Readiness;
use tokio::sync::watch;
use tokio::time::Instant;

/// Time between two checks.
const INTERVAL: Duration = Duration::from_secs(2);
/// Silence of the RPC endpoint after which the daemon is not ready.
const SILENT: Duration = Duration::from_secs(10);
/// Time without a new block after which the chain counts as halted: several of the slowest blocks.
const STILL: Duration = Duration::from_secs(40);
/// Time in which a lagging daemon must process a block.
const STUCK: Duration = Duration::from_secs(15);
/// How far the newest processed block may be older than the chain's newest before the daemon lags.
const LAG: Duration = Duration::from_secs(30);

/// A daemon's progress. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Progress(Arc<watch::Sender<Applied>>);

#[derive(Clone, Copy, Debug, Default)]
struct Applied {
    height: u64,
    time_ns: u64,
}

impl Default for Progress {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Applied::default())))
    }
}

impl Progress {
    /// Reports that the effects of the block at `height`, of time `time_ns`, are in the database.
    pub fn applied(&self, height: u64, time_ns: u64) {
        metrics::gauge!("gateway_applied_height").set(height as f64);
        self.0.send_replace(Applied { height, time_ns });
    }
}

/// What was observed of the chain and the daemon.
#[derive(Debug)]
struct Seen {
    /// The newest answer, and when it came.
    status: Option<(Status, Instant)>,
    /// The newest error, if the endpoint has not answered since.
    error: Option<ChainError>,
    /// When the chain's newest height was first seen.
    height_since: Instant,
    applied: Applied,
    /// When the newest block was processed.
    applied_since: Instant,
    /// Why the next block cannot be read, if so.
    unreadable: Option<ChainError>,
    started: Instant,
}

impl Seen {
    fn new(now: Instant) -> Self {
        Self {
            status: None,
            error: None,
            height_since: now,
            applied: Applied::default(),
            applied_since: now,
            unreadable: None,
            started: now,
        }
    }

    /// Returns whether the daemon can do its work, or why not.
    fn verdict(&self, now: Instant) -> Result<(), String> {
        if let Some(error @ ChainError::Reset { .. }) = &self.error {
            return Err(error.to_string());
        }
        let answered = self.status.as_ref().map_or(self.started, |(_, at)| *at);
        let silent = now.duration_since(answered);
        if let Some(error) = self.error.as_ref().filter(|_| silent >= SILENT || self.status.is_none()) {
            return Err(format!("the RPC endpoint has not answered for {} s: {error}", silent.as_secs()));
        }
        let Some((status, _)) = &self.status else { return Err("starting".to_owned()) };
        if status.catching_up {
            return Err(format!("the RPC endpoint's node is catching up, it is at height {}", status.height));
        }
        let still = now.duration_since(self.height_since);
        if still >= STILL {
            return Err(format!(
                "the chain stands still: no block after {} for {} s",
                status.height,
                still.as_secs()
            ));
        }
        if self.applied.height == 0 {
            return Err("starting: the contract's state is being read".to_owned());
        }
        let behind = status.height.saturating_sub(self.applied.height);
        let stuck = now.duration_since(self.applied_since);
        if behind > 0 && stuck >= STUCK {
            let why = self.unreadable.as_ref().map_or_else(String::new, |error| format!(": {error}"));
            let (height, seconds) = (self.applied.height, stuck.as_secs());
            return Err(format!(
                "no block after {height} was worked off for {seconds} s, {behind} wait{why}"
            ));
        }
        let lag = Duration::from_nanos(status.time_ns.saturating_sub(self.applied.time_ns));
        if behind > 0 && lag >= LAG {
            return Err(format!("{} s behind the chain ({behind} blocks)", lag.as_secs()));
        }
        Ok(())
    }
}

/// Checks every two seconds, and whenever a block was processed while the daemon was not ready, until cancelled.
pub(crate) async fn watch(
    chain: Arc<dyn ChainReader>,
    progress: Progress,
    readiness: Readiness,
    cancel: CancellationToken,
) {
    let mut applied = progress.0.subscribe();
    let mut seen = Seen::new(Instant::now());
    loop {
        look(&*chain, &mut applied, &mut seen).await;
        let verdict = seen.verdict(Instant::now());
        let ready = verdict.is_ok();
        metrics::gauge!("gateway_chain_ready").set(f64::from(u8::from(ready)));
        match verdict {
            Ok(()) => readiness.ready(),
            Err(reason) => readiness.not_ready(reason),
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
            Ok(()) = applied.changed(), if !ready => {}
        }
    }
}

async fn look(chain: &dyn ChainReader, progress: &mut watch::Receiver<Applied>, seen: &mut Seen) {
    let answer = chain.status().await;
    let now = Instant::now();
    match answer {
        Ok(status) => {
            if seen.status.as_ref().is_none_or(|(old, _)| old.height != status.height) {
                seen.height_since = now;
            }
            metrics::gauge!("gateway_chain_node_height").set(status.height as f64);
            (seen.status, seen.error) = (Some((status, now)), None);
        }
        Err(error) => seen.error = Some(error),
    }
    let applied = *progress.borrow_and_update();
    if applied.height != seen.applied.height {
        (seen.applied, seen.applied_since, seen.unreadable) = (applied, now, None);
    } else if now.duration_since(seen.applied_since) >= STUCK && seen.error.is_none() {
        // The follower retries transient errors, so its error is only found by making the same call.
        seen.unreadable = chain.block(applied.height.saturating_add(1)).await.err();
    }
}

#[cfg(test)]
mod tests {
    use gateway_chain::testing::{FakeChain, Fault};
    use gateway_daemon_runtime::health::Health;

    use super::*;

    struct Watched {
        chain: Arc<FakeChain>,
        progress: Progress,
        health: Health,
        task: tokio::task::JoinHandle<()>,
    }

    fn watched() -> Watched {
        let (chain, health, progress) = (Arc::new(FakeChain::new()), Health::new(), Progress::default());
        let (readiness, cancel) = (health.register("chain"), CancellationToken::new());
        let task = tokio::spawn(watch(chain.clone(), progress.clone(), readiness, cancel));
        Watched { chain, progress, health, task }
    }

    impl Watched {
        fn work_off(&self) {
            let height = self.chain.commit();
            self.progress.applied(height, height * 1_000_000_000);
        }

        /// Lets time pass until the readiness is as described, at most a minute.
        async fn until(&self, text: Result<(), &str>) {
            for _ in 0..600 {
                let found = self.health.snapshot()["chain"].clone();
                match (&found, text) {
                    (Ok(()), Ok(())) => return,
                    (Err(reason), Err(part)) if reason.contains(part) => return,
                    _ => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
            panic!("{:?} instead of {text:?}", self.health.snapshot());
        }
    }

    impl Drop for Watched {
        fn drop(&mut self) {
            self.task.abort();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn ready_once_a_block_is_worked_off() {
        let watched = watched();
        watched.until(Err("starting")).await;
        watched.work_off();
        watched.until(Ok(())).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_endpoint_a_still_chain_and_unread_blocks_have_different_reasons() {
        let watched = watched();
        watched.work_off();
        watched.until(Ok(())).await;
        watched.until(Err("stands still")).await;
        watched.chain.commit();
        watched.until(Err("no block after 2 was worked off")).await;
        watched.progress.applied(3, 3_000_000_000);
        watched.until(Ok(())).await;
        watched.chain.fault([Fault::Away; 100]);
        watched.until(Err("has not answered")).await;
        watched.chain.heal();
        watched.work_off();
        watched.until(Ok(())).await;
    }

    #[test]
    fn lag_is_counted_in_seconds() {
        let now = Instant::now();
        let mut seen = Seen::new(now);
        let status = Status {
            height: 100,
            time_ns: 100_000_000_000,
            chain_id: "x".into(),
            catching_up: false,
            earliest: 1,
            earliest_hash: String::new(),
        };
        seen.status = Some((status.clone(), now));
        seen.applied = Applied { height: 20, time_ns: 90_000_000_000 };
        assert_eq!(seen.verdict(now), Ok(()), "eighty fast blocks are ten seconds");
        seen.applied.time_ns = 60_000_000_000;
        assert_eq!(seen.verdict(now).unwrap_err(), "40 s behind the chain (80 blocks)");
        seen.status = Some((Status { catching_up: true, ..status }, now));
        assert!(seen.verdict(now).unwrap_err().contains("catching up"));
    }
}
