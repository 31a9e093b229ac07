//! The contract's answers, cached for one block: however many ask, the chain is queried once.
//!
//! Guarantees: one concurrent chain query per question, however many callers wait for it; an answer states the height at which,
//! or after which, it was read; while the chain does not answer the newest known answer is returned and marked as stale.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gateway_api::QueryMsg;
use gateway_chain::{ChainError, GatewayQuery};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

/// Most distinct questions cached. Beyond it questions are still answered, but each one by its own query.
const MAX_ENTRIES: usize = 1024;

/// Concurrent chain queries, whatever callers ask for.
const LOOKUPS: usize = 8;

/// An answer and the height at which it was known.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The height it was read at, or later.
    pub(crate) height: u64,
    /// Whether the chain could not be queried since: the contract's state may have changed.
    pub(crate) stale: bool,
    pub(crate) value: Arc<Value>,
}

/// The newest answer to one question; its lock is held during the query.
type Slot = Arc<tokio::sync::Mutex<Option<Answer>>>;

/// The contract behind a one-block cache.
pub(crate) struct Cache {
    query: GatewayQuery,
    height: watch::Receiver<u64>,
    slots: Mutex<HashMap<String, Slot>>,
    lookups: Semaphore,
}

impl Cache {
    pub(crate) fn new(query: GatewayQuery, height: watch::Receiver<u64>) -> Self {
        Self { query, height, slots: Mutex::default(), lookups: Semaphore::new(LOOKUPS) }
    }

    pub(crate) fn contract(&self) -> &str {
        self.query.contract()
    }

    /// Returns the contract's answer, at most one block old; an older one, marked as stale, if the chain does not answer.
    ///
    /// # Errors
    /// [`ChainError::Query`] when the contract refuses; another when the chain does not answer and nothing is cached.
    pub(crate) async fn ask(&self, question: &QueryMsg) -> Result<Answer, ChainError> {
        let key = serde_json::to_string(question)
            .map_err(|error| ChainError::Invalid { what: "query".to_owned(), reason: error.to_string() })?;
        let slot = self.slot(key);
        let mut known = slot.lock().await;
        let height = *self.height.borrow();
        if let Some(answer) = known.as_ref().filter(|answer| answer.height == height && !answer.stale) {
            return Ok(answer.clone());
        }
        let turn = self.lookups.acquire().await.map_err(|_| ChainError::Cancelled)?;
        let asked = self.query.ask(question).await;
        drop(turn);
        match asked {
            Ok(answer) => {
                let value = Arc::new(answer.value);
                Ok(known.insert(Answer { height, stale: false, value }).clone())
            }
            Err(error) if error.is_retryable() => match known.as_mut() {
                Some(answer) => {
                    tracing::warn!(%error, height = answer.height, "the chain does not answer: serving an older answer");
                    answer.stale = true;
                    Ok(answer.clone())
                }
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    fn slot(&self, key: String) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MAX_ENTRIES && !slots.contains_key(&key) {
            // Drops those that nobody waits for; the rest is bounded by the calls being worked on.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        slots.entry(key).or_default().clone()
    }
}
