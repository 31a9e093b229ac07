//! Token buckets by caller. Memory is bounded: callers not seen for the longest time are forgotten first.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::problem::Problem;

/// Most callers remembered; beyond it full buckets are dropped, which makes no difference to their callers.
const MAX_CALLERS: usize = 10_000;

/// How often a caller may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls at once.
    burst: u32,
    /// Time after which one more call is allowed.
    refill: Duration,
}

impl RateLimit {
    /// Allows so many calls per minute, all of them at once if need be. At least one.
    #[must_use]
    pub fn per_minute(calls: u32) -> Self {
        let calls = calls.max(1);
        Self { burst: calls, refill: Duration::from_secs(60) / calls }
    }

    /// Allows so many calls per second, and twice as many at once. At least one.
    #[must_use]
    pub fn per_second(calls: u32) -> Self {
        let calls = calls.max(1);
        Self { burst: calls.saturating_mul(2), refill: Duration::from_secs(1) / calls }
    }
}

/// One bucket per caller, represented by the time when it will be full again.
pub struct RateLimits<K> {
    full_at: Mutex<HashMap<K, Instant>>,
}

impl<K> Default for RateLimits<K> {
    fn default() -> Self {
        Self { full_at: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash> RateLimits<K> {
    /// Counts one call of `caller`.
    ///
    /// # Errors
    /// [`Problem::too_many`] with the seconds to wait; such a call does not count.
    pub fn admit(&self, caller: &K, limit: RateLimit) -> Result<(), Problem> {
        self.admit_at(caller, limit, Instant::now())
    }

    fn admit_at(&self, caller: &K, limit: RateLimit, now: Instant) -> Result<(), Problem> {
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_CALLERS && !buckets.contains_key(caller) {
            buckets.retain(|_, full_at| *full_at > now);
            if buckets.len() >= MAX_CALLERS {
                return Err(Problem::too_many("too many callers at once", 1));
            }
        }
        let full_at = buckets.get(caller).copied().unwrap_or(now).max(now) + limit.refill;
        let debt = full_at.duration_since(now);
        let capacity = limit.refill * limit.burst;
        if debt > capacity {
            let wait = (debt - capacity).as_secs_f64().ceil().max(1.0);
            return Err(Problem::too_many("the rate limit is used up", wait as u64));
        }
        buckets.insert(caller.clone(), full_at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_refills_by_time() {
        let (limits, limit, start) = (RateLimits::default(), RateLimit::per_minute(3), Instant::now());
        let call = |at: u64| limits.admit_at(&"a", limit, start + Duration::from_secs(at));
        assert!((0..3).all(|_| call(0).is_ok()));
        assert_eq!(call(0).unwrap_err().retry_after, Some(20));
        assert_eq!(call(19).unwrap_err().retry_after, Some(1));
        assert!(call(20).is_ok());
        assert!(call(20).is_err());
        assert!((0..3).all(|_| call(100).is_ok()), "never more than a full bucket");
        assert!(call(100).is_err());
        assert!(limits.admit_at(&"b", limit, start).is_ok(), "others are not affected");
    }

    #[test]
    fn memory_is_bounded() {
        let (limits, limit, start) = (RateLimits::default(), RateLimit::per_second(1), Instant::now());
        for caller in 0..MAX_CALLERS {
            limits.admit_at(&caller, limit, start).unwrap();
        }
        assert!(limits.admit_at(&MAX_CALLERS, limit, start).is_err());
        limits.admit_at(&MAX_CALLERS, limit, start + Duration::from_secs(2)).unwrap();
        assert_eq!(limits.full_at.lock().unwrap().len(), 1);
    }
}
