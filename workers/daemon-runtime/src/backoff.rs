//! Waiting times between attempts, as data: growing, capped and jittered; and the retry loop that uses them.
//!
//! Whether an error is worth a retry is for the caller to decide, not for this module.

use std::future::Future;
use std::time::Duration;

use rand::Rng;
use tokio_util::sync::CancellationToken;

/// A schedule of waiting times: `initial`, doubled each time, never above `max`, each shortened by up to half at random so that
/// many clients do not retry at once. Endless unless `attempts` bounds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// First waiting time before jitter.
    pub initial: Duration,
    /// Upper bound of a waiting time.
    pub max: Duration,
    /// Number of waiting times; `None` is endless.
    pub attempts: Option<u32>,
}

impl Backoff {
    /// Creates an endless schedule from `initial` to `max`.
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self { initial, max, attempts: None }
    }

    /// Returns the same schedule ending after `attempts` waiting times (so `attempts + 1` tries).
    pub const fn limit(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Returns waiting time number `n` (from 0) before jitter.
    pub fn nominal(&self, n: u32) -> Duration {
        self.initial.saturating_mul(2u32.saturating_pow(n)).min(self.max)
    }

    /// Returns the waiting times, with jitter.
    pub fn delays(&self) -> Delays {
        Delays { schedule: *self, next: 0 }
    }
}

/// Iterator over the waiting times of one [`Backoff`].
#[derive(Clone, Debug)]
pub struct Delays {
    schedule: Backoff,
    next: u32,
}

impl Delays {
    /// Starts over, for example after a success.
    pub fn reset(&mut self) {
        self.next = 0;
    }
}

impl Iterator for Delays {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if self.schedule.attempts.is_some_and(|limit| self.next >= limit) {
            return None;
        }
        let nominal = self.schedule.nominal(self.next);
        self.next = self.next.saturating_add(1);
        Some(nominal.mul_f64(rand::thread_rng().gen_range(0.5..=1.0)))
    }
}

/// Calls `op` until it succeeds, fails with an error that `retryable` rejects, the schedule ends, or `cancel` fires while
/// waiting. In the last two cases returns the newest error.
///
/// # Errors
/// `E` of the last call of `op`.
pub async fn retry<T, E, Op, Fut>(
    schedule: Backoff,
    cancel: &CancellationToken,
    retryable: impl Fn(&E) -> bool,
    mut op: Op,
) -> Result<T, E>
where
    Op: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
    E: std::fmt::Display,
{
    let mut delays = schedule.delays();
    loop {
        let error = match op().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if !retryable(&error) {
            return Err(error);
        }
        let Some(delay) = delays.next() else { return Err(error) };
        tracing::debug!(%error, ?delay, "retrying");
        tokio::select! {
            () = cancel.cancelled() => return Err(error),
            () = tokio::time::sleep(delay) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const SCHEDULE: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));

    #[test]
    fn nominal_delays_double_up_to_the_cap() {
        let millis: Vec<_> = (0..6).map(|n| SCHEDULE.nominal(n).as_millis()).collect();
        assert_eq!(millis, [100, 200, 400, 800, 1000, 1000]);
        assert_eq!(SCHEDULE.nominal(u32::MAX), Duration::from_secs(1));
    }

    #[test]
    fn jitter_stays_between_half_and_whole_and_the_limit_ends_it() {
        let mut seen = 0;
        for (n, delay) in (0..).zip(SCHEDULE.limit(8).delays()) {
            let nominal = SCHEDULE.nominal(n);
            assert!(delay >= nominal / 2 && delay <= nominal, "{delay:?} of {nominal:?}");
            seen += 1;
        }
        assert_eq!(seen, 8);
    }

    #[tokio::test(start_paused = true)]
    async fn retry_stops_at_success_fatal_error_and_limit() {
        let cancel = CancellationToken::new();
        let calls = Cell::new(0);
        let run = |succeed_at: u32, limit: u32| {
            calls.set(0);
            let (calls, cancel) = (&calls, &cancel);
            async move {
                retry(
                    SCHEDULE.limit(limit),
                    cancel,
                    |e: &String| e != "fatal",
                    || {
                        calls.set(calls.get() + 1);
                        let n = calls.get();
                        async move {
                            if n == succeed_at {
                                Ok(n)
                            } else if n == 4 {
                                Err("fatal".to_owned())
                            } else {
                                Err(format!("try {n}"))
                            }
                        }
                    },
                )
                .await
            }
        };
        assert_eq!(run(3, 9).await, Ok(3));
        assert_eq!(run(9, 9).await, Err("fatal".into()));
        assert_eq!(run(9, 2).await, Err("try 3".into()));
        assert_eq!(calls.get(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn cancelling_ends_the_wait() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let endless = Backoff::new(Duration::from_secs(3600), Duration::from_secs(3600));
        let end: Result<(), &str> = retry(endless, &cancel, |_| true, || async { Err("down") }).await;
        assert_eq!(end, Err("down"));
    }
}
