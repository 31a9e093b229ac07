//! Which height comes next, as a pure state machine.
//!
//! ```text
//!            saw_latest(h >= next)
//!   Wait ──────────────────────────▶ Fetch(next)
//!    ▲                                  │ delivered(next): next += 1
//!    └──────── next > latest ◀──────────┘ (else Fetch(next) again)
//! ```
//!
//! News of heights may arrive late, twice, out of order or not at all; the delivered heights are contiguous regardless.

/// The next action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Fetch the block at this height.
    Fetch(u64),
    /// Nothing to fetch until the chain grows.
    Wait,
}

/// The position of a follower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeightTracker {
    next: u64,
    latest: Option<u64>,
}

impl HeightTracker {
    /// Starts with `next` as the first height to deliver.
    pub fn new(next: u64) -> Self {
        Self { next, latest: None }
    }

    /// Returns the first height not delivered yet.
    pub fn next_height(&self) -> u64 {
        self.next
    }

    /// Returns whether any height has been seen yet.
    pub fn knows_latest(&self) -> bool {
        self.latest.is_some()
    }

    /// Returns how many existing blocks are known but not delivered.
    pub fn lag(&self) -> u64 {
        self.latest.map_or(0, |latest| (latest + 1).saturating_sub(self.next))
    }

    /// Returns the next action.
    pub fn step(&self) -> Step {
        match self.latest {
            Some(latest) if latest >= self.next => Step::Fetch(self.next),
            _ => Step::Wait,
        }
    }

    /// Records that the chain was seen at `height`. Lower heights (a lagging node, old news) change nothing.
    pub fn saw_latest(&mut self, height: u64) {
        self.latest = Some(self.latest.map_or(height, |latest| latest.max(height)));
    }

    /// Records that the block at `height` was delivered. Any height but the next one changes nothing.
    pub fn delivered(&mut self, height: u64) {
        if height == self.next {
            self.next = height.saturating_add(1);
        }
    }

    /// Continues at `height`, forwards only: going back would repeat work.
    pub fn resume_at(&mut self, height: u64) {
        self.next = self.next.max(height);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_news_gives_contiguous_heights(
            start in 1u64..50,
            news in prop::collection::vec((0u64..120, 0usize..8), 0..60),
        ) {
            let mut heights = HeightTracker::new(start);
            let mut delivered = Vec::new();
            let mut highest = 0;
            for (height, fetches) in news {
                heights.saw_latest(height);
                highest = highest.max(height);
                for _ in 0..fetches {
                    if let Step::Fetch(height) = heights.step() {
                        prop_assert!(height <= highest);
                        heights.delivered(height);
                        delivered.push(height);
                    }
                }
            }
            while let Step::Fetch(height) = heights.step() {
                heights.delivered(height);
                delivered.push(height);
            }
            let expected: Vec<u64> = (start..=highest).collect();
            prop_assert_eq!(delivered, expected);
            prop_assert_eq!(heights.lag(), 0);
        }
    }

    #[test]
    fn a_wrong_delivery_and_going_back_change_nothing() {
        let mut heights = HeightTracker::new(5);
        heights.saw_latest(9);
        heights.delivered(6);
        heights.resume_at(2);
        assert_eq!((heights.step(), heights.lag()), (Step::Fetch(5), 5));
        heights.resume_at(8);
        assert_eq!((heights.step(), heights.lag()), (Step::Fetch(8), 2));
    }
}
