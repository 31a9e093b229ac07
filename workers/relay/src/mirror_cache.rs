//! The parts of the mirror most often needed by callers and the publisher, in memory: nodes, drawn requests with their
//! attestations, and what the newest blocks opened and ended.
//!
//! The database is authoritative. The mirror fills the cache as it commits a block: nodes and requests right before, openings
//! after. Callers add what they have stored; a miss is read from the database. Everything is bounded: what exceeds a bound is
//! left out.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_api::{NodeId, NodeResponse, RequestId, RequestResponse, RequestStatus, limits};
use gateway_store::AttestationRow;

/// Drawn requests kept, and bytes of their attestations.
const DRAWN: usize = 8192;
const BYTES: usize = 32 << 20;
/// Openings and ends kept, the newest ones.
const NEWEST: usize = 8192;
/// Bytes that an attestation takes besides its body and value.
const ROW: usize = 600;

/// A drawn request.
#[derive(Clone, Debug)]
struct Drawn {
    seen: Arc<RequestResponse>,
    /// All of its attestations in the database; `None` if not known.
    votes: Option<Vec<Arc<AttestationRow>>>,
}

#[derive(Debug, Default)]
struct State {
    nodes: BTreeMap<NodeId, Arc<NodeResponse>>,
    drawn: BTreeMap<RequestId, Drawn>,
    bytes: usize,
    /// Requests opened by items of the outbox.
    opened: Newest<i64, RequestId>,
    ended: Newest<RequestId, ()>,
}

/// The newest entries of a map.
#[derive(Debug)]
struct Newest<K, V> {
    entries: BTreeMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Newest<K, V> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), order: VecDeque::new() }
    }
}

impl<K: Copy + Ord, V> Newest<K, V> {
    fn add(&mut self, key: K, value: V) {
        if self.entries.insert(key, value).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > NEWEST
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct MirrorCache(Mutex<State>);

fn bytes(row: &AttestationRow) -> usize {
    ROW + row.body.len() + row.value.as_ref().map_or(0, String::len)
}

impl State {
    fn forget(&mut self, request: RequestId) {
        if let Some(drawn) = self.drawn.remove(&request) {
            self.bytes -= drawn.votes.iter().flatten().map(|row| bytes(row)).sum::<usize>().min(self.bytes);
        }
    }
}

impl MirrorCache {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records nodes as the database now has them. For the mirror only: with two concurrent writers the older state might win.
    pub(crate) fn nodes(&self, nodes: &[NodeResponse]) {
        let mut state = self.state();
        for node in nodes {
            state.nodes.insert(node.node, Arc::new(node.clone()));
        }
    }

    /// Records requests as the database now has them, and whether they were drawn just now and so have no attestations yet. For
    /// the mirror only.
    pub(crate) fn requests<'a>(&self, requests: impl Iterator<Item = (&'a RequestResponse, bool)>) {
        let mut state = self.state();
        for (seen, just_drawn) in requests {
            match seen.status {
                RequestStatus::Waiting => {}
                RequestStatus::Drawn => {
                    let room = state.drawn.len() < DRAWN;
                    let votes = just_drawn.then(Vec::new);
                    if room && !state.drawn.contains_key(&seen.request) {
                        state.drawn.insert(seen.request, Drawn { seen: Arc::new(seen.clone()), votes });
                    }
                }
                RequestStatus::Fulfilled | RequestStatus::Expired => {
                    state.forget(seen.request);
                    state.ended.add(seen.request, ());
                }
            }
        }
    }

    /// Records which requests items of the outbox opened.
    pub(crate) fn openings(&self, opened: &[(i64, RequestId)]) {
        let mut state = self.state();
        opened.iter().for_each(|(item, request)| state.opened.add(*item, *request));
    }

    /// Adds an attestation that the database now has, unless there is already one of its node: the first one counts.
    pub(crate) fn attested(&self, mut row: AttestationRow) {
        if row.body.len() > limits::MAX_INLINE_RESULT_BYTES as usize {
            // As in the database, which stores it separately.
            row.body.clear();
        }
        let mut state = self.state();
        let (size, room) = (bytes(&row), state.bytes + bytes(&row) <= BYTES);
        let request = row.request;
        let Some(Drawn { votes, .. }) = state.drawn.get_mut(&request) else { return };
        match votes {
            Some(votes) if votes.iter().any(|vote| vote.node == row.node) => {}
            Some(votes) if room => {
                votes.push(Arc::new(row));
                state.bytes += size;
            }
            Some(_) => {
                let freed: usize = votes.take().iter().flatten().map(|row| bytes(row)).sum();
                state.bytes -= freed.min(state.bytes);
            }
            None => {}
        }
    }

    /// Returns a node.
    pub(crate) fn node(&self, node: NodeId) -> Option<Arc<NodeResponse>> {
        self.state().nodes.get(&node).cloned()
    }

    /// Returns a drawn request that has not ended.
    pub(crate) fn drawn(&self, request: RequestId) -> Option<Arc<RequestResponse>> {
        self.state().drawn.get(&request).map(|drawn| drawn.seen.clone())
    }

    /// Returns the attestations of a drawn request, if all are known.
    pub(crate) fn votes(&self, request: RequestId) -> Option<Vec<Arc<AttestationRow>>> {
        self.state().drawn.get(&request)?.votes.clone()
    }

    /// Returns the request that an item of the outbox opened.
    pub(crate) fn opened(&self, item: i64) -> Option<RequestId> {
        self.state().opened.entries.get(&item).copied()
    }

    /// Returns whether a request ended recently.
    pub(crate) fn has_ended(&self, request: RequestId) -> bool {
        self.state().ended.entries.contains_key(&request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_are_kept() {
        let known = MirrorCache::default();
        let all: Vec<_> = (0..NEWEST as i64 + 2).map(|item| (item, RequestId(item.unsigned_abs()))).collect();
        known.openings(&all);
        assert_eq!((known.opened(1), known.opened(2)), (None, Some(RequestId(2))));
    }
}
