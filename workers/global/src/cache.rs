//! The contract's answers, kept for one block: however many ask, the chain is asked once.

use std::collections::HashMap;
use std::sync::Arc;

use gateway_api::QueryMsg;
use gateway_chain::{ChainError, GatewayQuery};
use serde_json::Value;
use tokio::sync::{Mutex, watch};

/// Most different questions remembered within one block.
const MAX_ENTRIES: usize = 1024;

/// An answer and the height it was known at.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) height: u64,
    pub(crate) value: Arc<Value>,
}

/// The contract behind a cache of one block.
pub(crate) struct Cache {
    query: GatewayQuery,
    height: watch::Receiver<u64>,
    entries: Mutex<HashMap<String, Answer>>,
}

impl Cache {
    pub(crate) fn new(query: GatewayQuery, height: watch::Receiver<u64>) -> Self {
        Self { query, height, entries: Mutex::new(HashMap::new()) }
    }

    pub(crate) fn contract(&self) -> &str {
        self.query.contract()
    }

    /// The contract's answer, at most one block old.
    pub(crate) async fn ask(&self, question: &QueryMsg) -> Result<Answer, ChainError> {
        let key = serde_json::to_string(question)
            .map_err(|error| ChainError::Invalid { what: "query".to_owned(), reason: error.to_string() })?;
        let height = *self.height.borrow();
        if let Some(answer) = self.entries.lock().await.get(&key).filter(|answer| answer.height == height) {
            return Ok(answer.clone());
        }
        let value = Arc::new(self.query.ask(question).await?);
        let answer = Answer { height, value };
        let mut entries = self.entries.lock().await;
        if entries.len() >= MAX_ENTRIES {
            entries.retain(|_, answer| answer.height == height);
        }
        if entries.len() < MAX_ENTRIES {
            entries.insert(key, answer.clone());
        }
        Ok(answer)
    }
}
