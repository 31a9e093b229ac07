//! Places for running jobs, given out in turn among projects: a project with a thousand waiting jobs delays another's only job
//! by one run, not by a thousand. A project never holds all places, so that another's job need not wait for one of its runs to
//! end: of four or more it holds at most three quarters; if there are fewer, one is added that only a second project can take.

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
    /// Places held by each project that holds any.
    held: BTreeMap<u64, usize>,
    /// Projects with waiting jobs, next one first; each appears once.
    turn: VecDeque<u64>,
}

/// A fixed number of places and a bounded queue for them.
pub(crate) struct FairQueue {
    state: Mutex<State>,
    capacity: usize,
    /// Most places per project.
    share: usize,
}

impl State {
    fn held(&self, project: u64) -> usize {
        self.held.get(&project).copied().unwrap_or(0)
    }

    fn hold(&mut self, project: u64) {
        let held = self.held.entry(project).or_default();
        *held = held.saturating_add(1);
    }

    fn give_back(&mut self, project: u64) {
        match self.held.get_mut(&project) {
            Some(held) if *held > 1 => *held -= 1,
            _ => _ = self.held.remove(&project),
        }
    }
}

/// A place; dropping it passes it on.
pub(crate) struct Permit {
    queue: Option<Arc<FairQueue>>,
    project: u64,
}

impl std::fmt::Debug for Permit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Permit")
    }
}

impl FairQueue {
    pub(crate) fn new(places: usize, capacity: usize) -> Arc<FairQueue> {
        let places = places.max(1);
        let (places, share) = match places {
            ..4 => (places + 1, places),
            _ => (places, places - places / 4),
        };
        let state = State {
            free: places,
            waiting: 0,
            by_project: BTreeMap::new(),
            held: BTreeMap::new(),
            turn: VecDeque::new(),
        };
        Arc::new(FairQueue { state: Mutex::new(state), capacity, share })
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
            if state.free > 0 && state.held(project) < self.share {
                state.free -= 1;
                state.hold(project);
                return Ok(Permit { queue: Some(Arc::clone(self)), project });
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
        // The sender stays in the queue until a place is sent, so this does not fail while the queue exists.
        receiver.await.map_err(|_| Full { waiting: self.waiting() })
    }

    /// Returns a place of this project, and hands it to the next in turn who may have it and still wants it.
    fn release(self: &Arc<Self>, project: u64) {
        self.state().give_back(project);
        loop {
            let (project, sender) = {
                let mut state = self.state();
                let next = state.turn.iter().position(|project| state.held(*project) < self.share);
                let Some(project) = next.and_then(|i| state.turn.remove(i)) else {
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
                state.hold(project);
                (project, sender)
            };
            let permit = Permit { queue: Some(Arc::clone(self)), project };
            match sender.map(|sender| sender.send(permit)) {
                Some(Ok(())) => return,
                // The caller has given up; the place goes to the next.
                Some(Err(mut unwanted)) => unwanted.queue = None,
                None => {}
            }
            self.state().give_back(project);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(queue) = self.queue.take() {
            queue.release(self.project);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn projects_take_turns() {
        let queue = FairQueue::new(1, 100);
        let first = queue.acquire(1).await.unwrap();
        let _second = queue.acquire(9).await.unwrap();
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
        let _second = queue.acquire(9).await.unwrap();
        let mut gone = Box::pin(queue.acquire(2));
        assert!(gone.as_mut().now_or_never().is_none());
        assert_eq!(queue.acquire(3).await.unwrap_err(), Full { waiting: 1 });
        drop(gone);
        drop(held);
        assert!(queue.acquire(3).now_or_never().is_some());
        assert_eq!(queue.waiting(), 0);
    }

    #[tokio::test]
    async fn a_project_never_holds_all_places_of_many() {
        let queue = FairQueue::new(4, 100);
        let mut held: Vec<Permit> = Vec::new();
        for _ in 0..3 {
            held.push(queue.acquire(1).await.unwrap());
        }
        let mut fourth = Box::pin(queue.acquire(1));
        assert!(fourth.as_mut().now_or_never().is_none(), "its share is three of four");
        let other = queue.acquire(2).now_or_never().expect("a place is left for another").unwrap();
        drop(other);
        assert!(fourth.as_mut().now_or_never().is_none());
        held.pop();
        assert!(fourth.as_mut().now_or_never().expect("a place of its own came back").is_ok());
    }

    #[tokio::test]
    async fn on_a_small_machine_a_project_has_all_places_and_another_one_more() {
        for places in 1..4 {
            let queue = FairQueue::new(places, 100);
            let held: Vec<_> = (0..places).map(|_| queue.acquire(1).now_or_never()).collect();
            assert!(held.iter().all(Option::is_some), "{places}: a project alone has what there is");
            let mut more = Box::pin(queue.acquire(1));
            assert!(more.as_mut().now_or_never().is_none());
            let other = queue.acquire(2).now_or_never().expect("a place is left for another").unwrap();
            assert!(queue.acquire(3).now_or_never().is_none(), "there is one");
            drop(other);
            assert!(more.as_mut().now_or_never().is_none(), "it is not for the project that holds the rest");
        }
    }
}
