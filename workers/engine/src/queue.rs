//! Places for running jobs, given out in turn among projects: a project with a thousand jobs waiting delays
//! another's only job by one run, not by a thousand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The queue is full.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) waiting: usize,
}

struct State {
    free: usize,
    waiting: usize,
    by_project: BTreeMap<u64, VecDeque<oneshot::Sender<Permit>>>,
    /// Projects with waiting jobs, next one first; each appears once.
    turn: VecDeque<u64>,
}

/// A fixed number of places and a bounded queue for them.
pub(crate) struct FairQueue {
    state: Mutex<State>,
    capacity: usize,
}

/// A place; dropping it passes it on.
pub(crate) struct Permit {
    queue: Option<Arc<FairQueue>>,
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Permit")
    }
}

impl FairQueue {
    pub(crate) fn new(places: usize, capacity: usize) -> Arc<FairQueue> {
        let state =
            State { free: places.max(1), waiting: 0, by_project: BTreeMap::new(), turn: VecDeque::new() };
        Arc::new(FairQueue { state: Mutex::new(state), capacity })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jobs waiting now.
    pub(crate) fn waiting(&self) -> usize {
        self.state().waiting
    }

    /// Waits for a place.
    pub(crate) async fn acquire(self: &Arc<Self>, project: u64) -> Result<Permit, Full> {
        let receiver = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Permit { queue: Some(Arc::clone(self)) });
            }
            if state.waiting >= self.capacity {
                return Err(Full { waiting: state.waiting });
            }
            let (sender, receiver) = oneshot::channel();
            let line = state.by_project.entry(project).or_default();
            let first = line.is_empty();
            line.push_back(sender);
            if first {
                state.turn.push_back(project);
            }
            state.waiting += 1;
            receiver
        };
        // The sender lives in the queue until a place is sent, so this does not fail while the queue exists.
        receiver.await.map_err(|_| Full { waiting: self.waiting() })
    }

    /// Hands a place to the next in turn who still wants it.
    fn release(self: &Arc<Self>) {
        loop {
            let sender = {
                let mut state = self.state();
                let Some(project) = state.turn.pop_front() else {
                    state.free += 1;
                    return;
                };
                let Some(line) = state.by_project.get_mut(&project) else { continue };
                let sender = line.pop_front();
                if line.is_empty() {
                    state.by_project.remove(&project);
                } else {
                    state.turn.push_back(project);
                }
                state.waiting = state.waiting.saturating_sub(1);
                sender
            };
            let Some(sender) = sender else { continue };
            match sender.send(Permit { queue: Some(Arc::clone(self)) }) {
                Ok(()) => return,
                // The caller has given up; the place goes on to the next.
                Err(mut unwanted) => unwanted.queue = None,
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            queue.release();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn projects_take_turns() {
        let queue = FairQueue::new(1, 100);
        let first = queue.acquire(1).await.unwrap();
        let mut waiting: Vec<_> = [1, 1, 1, 2].into_iter().map(|p| (p, Box::pin(queue.acquire(p)))).collect();
        for (_, future) in &mut waiting {
            assert!(future.as_mut().now_or_never().is_none());
        }
        drop(first);
        let mut order = Vec::new();
        while !waiting.is_empty() {
            let mut served = None;
            for (i, (project, future)) in waiting.iter_mut().enumerate() {
                if let Some(permit) = future.as_mut().now_or_never() {
                    order.push(*project);
                    served = Some((i, permit.unwrap()));
                    break;
                }
            }
            let (i, permit) = served.expect("a place is free and somebody waits");
            drop(waiting.remove(i));
            drop(permit);
        }
        assert_eq!(order, [1, 2, 1, 1]);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_a_caller_that_left_loses_nothing() {
        let queue = FairQueue::new(1, 1);
        let held = queue.acquire(1).await.unwrap();
        let mut gone = Box::pin(queue.acquire(2));
        assert!(gone.as_mut().now_or_never().is_none());
        assert_eq!(queue.acquire(3).await.unwrap_err(), Full { waiting: 1 });
        drop(gone);
        drop(held);
        assert!(queue.acquire(3).now_or_never().is_some());
        assert_eq!(queue.waiting(), 0);
    }
}
