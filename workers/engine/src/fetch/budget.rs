//! Request rates per host over all projects: a token bucket each, so that code cannot make this node a nuisance.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Most hosts remembered; those whose bucket is full again are forgotten first.
const MAX_HOSTS: usize = 4_096;

struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Buckets of all hosts.
pub(super) struct Budget {
    per_minute: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

impl Budget {
    pub(super) fn new(per_minute: u32) -> Budget {
        Budget { per_minute: f64::from(per_minute.max(1)), buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes a token for this host, if there is one.
    pub(super) fn take(&self, host: &str, now: Instant) -> bool {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let refilled = |bucket: &Bucket| {
            let minutes = now.saturating_duration_since(bucket.at).as_secs_f64() / 60.0;
            (bucket.tokens + minutes * self.per_minute).min(self.per_minute)
        };
        if buckets.len() >= MAX_HOSTS && !buckets.contains_key(host) {
            buckets.retain(|_, bucket| refilled(bucket) < self.per_minute);
            if buckets.len() >= MAX_HOSTS {
                return false;
            }
        }
        let bucket = buckets.entry(host.to_owned()).or_insert(Bucket { tokens: self.per_minute, at: now });
        bucket.tokens = refilled(bucket);
        bucket.at = now;
        let available = bucket.tokens >= 1.0;
        if available {
            bucket.tokens -= 1.0;
        }
        available
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let budget = Budget::new(3);
        let start = Instant::now();
        let taken = |host: &str, at: u64| budget.take(host, start + Duration::from_secs(at));
        assert_eq!([0, 0, 0, 0].map(|at| taken("a", at)), [true, true, true, false]);
        assert!(taken("b", 0), "hosts do not share a bucket");
        assert_eq!(
            [20, 20, 200, 200, 200, 200].map(|at| taken("a", at)),
            [true, false, true, true, true, false]
        );
    }
}
