//! Code that no source had a moment ago: a repeated request is refused without asking any source, so that code which loads
//! slowly, or never, costs a node time only once in a while instead of for every request.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Most misses remembered; beyond it the oldest are forgotten.
const MAX_MISSES: usize = 1_024;

struct Miss {
    at: Instant,
    attempts: Vec<String>,
}

/// Past misses, as hashes of code, size and sources.
pub(super) struct Misses {
    keep: Duration,
    codes: Mutex<BTreeMap<[u8; 32], Miss>>,
}

impl std::fmt::Debug for Misses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Misses").field("keep", &self.keep).finish_non_exhaustive()
    }
}

impl Misses {
    /// Remembers each miss for this long.
    pub(super) fn new(keep: Duration) -> Misses {
        Misses { keep, codes: Mutex::default() }
    }

    fn codes(&self) -> MutexGuard<'_, BTreeMap<[u8; 32], Miss>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns every source's answer, if the miss was recent.
    pub(super) fn recent(&self, code: &[u8; 32]) -> Option<Vec<String>> {
        self.codes().get(code).filter(|miss| miss.at.elapsed() < self.keep).map(|miss| miss.attempts.clone())
    }

    /// Records that no source had this code.
    pub(super) fn add(&self, code: [u8; 32], attempts: Vec<String>) {
        let mut codes = self.codes();
        codes.retain(|_, miss| miss.at.elapsed() < self.keep);
        if codes.len() >= MAX_MISSES {
            let oldest = codes.iter().min_by_key(|(_, miss)| miss.at).map(|(code, _)| *code);
            oldest.map(|code| codes.remove(&code));
        }
        codes.insert(code, Miss { at: Instant::now(), attempts });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_is_remembered_for_its_time_and_no_more_than_some() {
        let misses = Misses::new(Duration::from_secs(3_600));
        misses.add([1; 32], vec!["store: status 404".to_owned()]);
        assert_eq!(misses.recent(&[1; 32]).unwrap(), ["store: status 404"]);
        for i in 0..=MAX_MISSES {
            let mut code = [2; 32];
            code[..8].copy_from_slice(&i.to_le_bytes());
            misses.add(code, Vec::new());
        }
        assert_eq!(misses.codes().len(), MAX_MISSES);
        let none = Misses::new(Duration::ZERO);
        none.add([1; 32], Vec::new());
        assert_eq!(none.recent(&[1; 32]), None);
    }
}
