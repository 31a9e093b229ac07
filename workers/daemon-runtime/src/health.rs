//! Whether the process is ready for work, and why not: parts register by name and report; this module adds them up.
//!
//! A part that has registered counts as not ready until it reports, so a process is never ready before its parts are.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

type Parts = Arc<RwLock<BTreeMap<String, Result<(), String>>>>;

/// The readiness of all parts of a process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Parts,
}

/// The handle with which one part reports to its [`Health`].
#[derive(Clone, Debug)]
pub struct Readiness {
    parts: Parts,
    name: String,
}

impl Health {
    /// No parts yet: ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part, not ready until it says so.
    pub fn register(&self, name: impl Into<String>) -> Readiness {
        let part = Readiness { parts: self.parts.clone(), name: name.into() };
        part.not_ready("starting");
        part
    }

    /// Whether every part is ready.
    pub fn is_ready(&self) -> bool {
        self.snapshot().values().all(Result::is_ok)
    }

    /// The state of each part: ready, or the reason why not.
    pub fn snapshot(&self) -> BTreeMap<String, Result<(), String>> {
        self.parts.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Readiness {
    /// This part can do its work.
    pub fn ready(&self) {
        self.set(Ok(()));
    }

    /// This part cannot, because `reason`.
    pub fn not_ready(&self, reason: impl Into<String>) {
        self.set(Err(reason.into()));
    }

    /// Stores the state; a change is logged once, at the level an operator reads.
    fn set(&self, state: Result<(), String>) {
        let mut parts = self.parts.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let old = parts.insert(self.name.clone(), state.clone());
        let (part, was_ready) = (&self.name, old.as_ref().map(Result::is_ok));
        match (&state, was_ready) {
            (Ok(()), Some(false)) => tracing::info!(part, "ready"),
            (Err(reason), Some(true)) => tracing::warn!(part, reason, "not ready"),
            (Err(reason), Some(false)) if old.as_ref() != Some(&state) => {
                tracing::info!(part, reason, "not ready");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_when_all_parts_are_and_says_which_is_not() {
        let health = Health::new();
        assert!(health.is_ready());
        let (chain, database) = (health.register("chain"), health.register("database"));
        assert!(!health.is_ready());
        chain.ready();
        database.ready();
        assert!(health.is_ready());
        chain.not_ready("no block for 30s");
        assert!(!health.is_ready());
        assert_eq!(health.snapshot()["chain"], Err("no block for 30s".to_owned()));
        assert_eq!(health.snapshot()["database"], Ok(()));
    }
}
