//! One HTTP client per project, so that projects share neither connections nor what could be learnt from them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::FetchConfig;
use crate::net::{Guard, guarded_client};

/// Most clients kept; the one that has been idle longest is dropped first.
const MAX_CLIENTS: usize = 64;

/// Clients by project, longest idle first.
pub(super) struct Clients {
    guard: Guard,
    config: FetchConfig,
    kept: Mutex<VecDeque<(u64, reqwest::Client)>>,
}

impl Clients {
    pub(super) fn new(guard: Guard, config: FetchConfig) -> Clients {
        Clients { guard, config, kept: Mutex::new(VecDeque::new()) }
    }

    /// Returns the client of a project, creating it if there is none.
    pub(super) fn of(&self, project: u64) -> Result<reqwest::Client, reqwest::Error> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(owner, _)| *owner == project);
        let client = match at.and_then(|at| kept.remove(at)) {
            Some((_, client)) => client,
            // Encodings are decoded here, whatever the server chose; each request has its own limit.
            None => guarded_client(self.guard, self.config.resolve.clone()).no_gzip().build()?,
        };
        if kept.len() >= MAX_CLIENTS {
            kept.pop_front();
        }
        kept.push_back((project, client.clone()));
        Ok(client)
    }
}
