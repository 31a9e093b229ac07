//! Whether the process is ready for work, and why not: parts register by name and report; this module aggregates them.
//!
//! A registered part counts as not ready until it reports, so a process is never ready before its parts are.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;

/// Time after which a persisting reason is logged again.
const AGAIN: Duration = Duration::from_secs(60);

type Parts = Arc<RwLock<BTreeMap<String, Part>>>;

/// What a part has reported.
#[derive(Clone, Debug)]
struct Part {
    state: Result<(), String>,
    /// When it was last logged.
    logged: Instant,
}

/// Why a state is worth a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    /// It is ready and was not.
    Ready,
    /// It was ready, or has been unready for another [`AGAIN`].
    NotReady,
    /// The reason has changed.
    OtherReason,
    Nothing,
}

impl Part {
    /// Decides whether a new state is worth logging. Reasons that differ only in numbers are the same: heights and seconds keep
    /// counting.
    fn worth(&self, new: &Result<(), String>, now: Instant) -> Worth {
        let words = |reason: &str| reason.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        match (&self.state, new) {
            (Err(_), Ok(())) => Worth::Ready,
            (Ok(()), Ok(())) => Worth::Nothing,
            (Ok(()), Err(_)) => Worth::NotReady,
            (Err(old), Err(new)) if words(old) != words(new) => Worth::OtherReason,
            (Err(_), Err(_)) if now.duration_since(self.logged) >= AGAIN => Worth::NotReady,
            (Err(_), Err(_)) => Worth::Nothing,
        }
    }
}

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
    /// Creates a process without parts: ready.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part, which is not ready until it reports so.
    pub fn register(&self, name: impl Into<String>) -> Readiness {
        let part = Readiness { parts: self.parts.clone(), name: name.into() };
        part.not_ready("starting");
        part
    }

    /// Returns whether every part is ready.
    pub fn is_ready(&self) -> bool {
        self.snapshot().values().all(Result::is_ok)
    }

    /// Returns the state of each part: ready, or the reason why not.
    pub fn snapshot(&self) -> BTreeMap<String, Result<(), String>> {
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        parts.iter().map(|(name, part)| (name.clone(), part.state.clone())).collect()
    }
}

impl Readiness {
    /// Reports that this part can do its work.
    pub fn ready(&self) {
        self.set(Ok(()));
    }

    /// Reports that this part cannot, because of `reason`.
    pub fn not_ready(&self, reason: impl Into<String>) {
        self.set(Err(reason.into()));
    }

    /// Stores the state. A change is logged once, a persisting reason once a minute.
    fn set(&self, state: Result<(), String>) {
        let (now, part) = (Instant::now(), &self.name);
        let mut parts = self.parts.write().unwrap_or_else(PoisonError::into_inner);
        let old = parts.get(part);
        let worth = old.map_or(Worth::Nothing, |old| old.worth(&state, now));
        match (worth, &state) {
            (Worth::Ready, _) => tracing::info!(part, "ready"),
            (Worth::NotReady, Err(reason)) => tracing::warn!(part, reason, "not ready"),
            (Worth::OtherReason, Err(reason)) => tracing::info!(part, reason, "not ready"),
            _ => {}
        }
        let logged = old.map_or(now, |old| if worth == Worth::Nothing { old.logged } else { now });
        parts.insert(part.clone(), Part { state, logged });
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

    #[test]
    fn a_reason_whose_numbers_run_on_is_logged_once_a_minute() {
        let began = Instant::now();
        let part = |state| Part { state, logged: began };
        let waiting = |seconds: u64| Err(format!("no block after {} for {seconds} s", 7 + seconds));
        let second = Duration::from_secs(1);
        let old = part(waiting(1));
        for seconds in 2..60 {
            assert_eq!(old.worth(&waiting(seconds), began + second * 59), Worth::Nothing, "{seconds}");
        }
        assert_eq!(old.worth(&waiting(60), began + second * 60), Worth::NotReady);
        assert_eq!(old.worth(&Err("out of funds".into()), began), Worth::OtherReason);
        assert_eq!(old.worth(&Ok(()), began), Worth::Ready);
        assert_eq!(part(Ok(())).worth(&waiting(1), began), Worth::NotReady);
        assert_eq!(part(Ok(())).worth(&Ok(()), began + second * 99), Worth::Nothing);
    }

    #[tokio::test(start_paused = true)]
    async fn what_lasts_counts_from_its_last_line() {
        let health = Health::new();
        let chain = health.register("chain");
        let logged = || health.parts.read().unwrap_or_else(PoisonError::into_inner)["chain"].logged;
        chain.ready();
        chain.not_ready("7 s behind the chain");
        let first = logged();
        for seconds in 8..70 {
            tokio::time::advance(Duration::from_secs(1)).await;
            chain.not_ready(format!("{seconds} s behind the chain"));
        }
        assert_eq!(logged().duration_since(first), AGAIN, "one more line in 62 seconds");
    }
}
