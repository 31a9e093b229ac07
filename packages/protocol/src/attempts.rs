//! The attempts of one draw: when each begins, and which is the latest that has begun.

use gateway_api::{Attempt, DrawInfo, limits};

/// The schedule of a draw's attempts, in blocks.
///
/// Guarantees:
/// - attempt 0 begins in the block of the drawing round, each later one `blocks` after the one before;
/// - an attempt that has begun stays valid until the request's deadline (docs/decisions/0002);
/// - there are [`limits::ATTEMPTS`] attempts; the last one lasts until the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptSchedule {
    /// Height of the round that drew the request.
    pub drawn_at: u64,
    /// Blocks between the beginnings of two attempts, at least 1; 0 counts as 1.
    pub blocks: u64,
}

impl AttemptSchedule {
    /// Returns the height at which an attempt begins. Saturates at `u64::MAX`.
    #[must_use]
    pub fn begins(&self, attempt: Attempt) -> u64 {
        self.drawn_at.saturating_add(self.blocks.max(1).saturating_mul(attempt.get().into()))
    }

    /// Returns whether an attempt exists and has begun at `height`.
    #[must_use]
    pub fn has_begun(&self, attempt: Attempt, height: u64) -> bool {
        attempt.get() < limits::ATTEMPTS && self.begins(attempt) <= height
    }

    /// Returns the latest attempt that has begun at `height`, or `None` before the draw.
    #[must_use]
    pub fn latest(&self, height: u64) -> Option<Attempt> {
        let begun = height.checked_sub(self.drawn_at)?.checked_div(self.blocks.max(1))?;
        Some(Attempt(u8::try_from(begun).unwrap_or(u8::MAX).min(limits::ATTEMPTS - 1)))
    }
}

impl From<&DrawInfo> for AttemptSchedule {
    fn from(draw: &DrawInfo) -> Self {
        Self { drawn_at: draw.height, blocks: draw.attempt_blocks }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attempts_follow_each_other_and_the_last_one_stays() {
        let schedule = AttemptSchedule { drawn_at: 10, blocks: 3 };
        assert_eq!(schedule.latest(9), None);
        let at = |height| schedule.latest(height).unwrap().get();
        assert_eq!([at(10), at(12), at(13), at(15), at(16), at(1000)], [0, 0, 1, 1, 2, 2]);
        assert!(!schedule.has_begun(Attempt(3), u64::MAX));
    }

    proptest! {
        /// `latest` and `has_begun` never disagree, at any bound.
        #[test]
        fn the_latest_attempt_has_begun_and_the_next_has_not(
            drawn_at: u64, blocks: u64, height: u64,
        ) {
            let schedule = AttemptSchedule { drawn_at, blocks };
            match schedule.latest(height) {
                None => prop_assert!(!schedule.has_begun(Attempt(0), height)),
                Some(latest) => {
                    prop_assert!(schedule.has_begun(latest, height));
                    let next = Attempt(latest.get() + 1);
                    // A beginning beyond u64 saturates: such an attempt can only seem to begin at the very last height.
                    prop_assert!(!schedule.has_begun(next, height) || height == u64::MAX);
                }
            }
        }
    }
}
