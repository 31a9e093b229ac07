//! Busy-waiting for events that come within microseconds: putting a thread to sleep and waking it up takes longer than a small
//! run does. Only if there are processors to spare.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Longest busy-wait.
const LONGEST: Duration = Duration::from_micros(300);

/// Runs in progress in this process.
static RUNS: AtomicUsize = AtomicUsize::new(0);

/// A run in progress.
pub(crate) struct Counted(());

impl Counted {
    pub(crate) fn new() -> Counted {
        RUNS.fetch_add(1, Ordering::Relaxed);
        Counted(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        RUNS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns whether each run has two processors: one for its worker, one for its waiting caller.
fn processors_are_left() -> bool {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let processors = *PROCESSORS.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from));
    RUNS.load(Ordering::Relaxed).saturating_mul(2) <= processors
}

/// How long one worker makes others wait.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: Option<Duration>,
}

impl Pace {
    /// Returns until when to busy-wait, from now on; `None` if it is not worth it.
    pub(crate) fn spin_until(&self) -> Option<Instant> {
        let hot = self.last.is_some_and(|last| last <= LONGEST);
        (hot && processors_are_left()).then(|| Instant::now() + LONGEST)
    }

    /// Records how long the worker took this time.
    pub(crate) fn took(&mut self, time: Duration) {
        self.last = Some(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_kept_only_for_a_worker_that_was_quick_and_while_processors_are_left() {
        let mut pace = Pace::default();
        assert_eq!(pace.spin_until(), None, "nothing is known of it");
        pace.took(Duration::from_millis(5));
        assert_eq!(pace.spin_until(), None);
        pace.took(Duration::from_micros(100));
        let runs: Vec<Counted> = (0..4_096).map(|_| Counted::new()).collect();
        assert_eq!(pace.spin_until(), None);
        drop(runs);
    }
}
