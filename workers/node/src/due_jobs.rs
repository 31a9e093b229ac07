//! An in-memory index of the open jobs, without their contents: the state of each, and the height from which it is due. Tasks
//! consult it for due jobs without reading the database.
//!
//! The database is authoritative: the index is read from it at the start and follows each commit. The two may differ after a
//! commit whose answer was lost, or with two concurrent tasks; so whoever acts on a job reads its row first and puts that here.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gateway_api::{Attempt, DrawClass, ProjectId, RequestId};
use gateway_store::{JobRow, JobState, Store, StoreError};

use crate::schedule;

/// Jobs read at a time.
const PAGE: u64 = 500;
/// The states of jobs that may become due.
const STATES: [JobState; 4] = [JobState::Waiting, JobState::Seated, JobState::Attested, JobState::Sent];

/// What the index holds of an open job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) project: ProjectId,
    /// The request's height, and the last one at which it may be fulfilled.
    pub(crate) opened: u64,
    pub(crate) deadline: u64,
    /// Whether it is drawn by tickets.
    pub(crate) by_tickets: bool,
    /// Heights from which the code may be run, the outcome sent, and a second attempt may have begun; none before the draw.
    pub(crate) run: Option<u64>,
    pub(crate) send: Option<u64>,
    pub(crate) second: Option<u64>,
}

impl Due {
    fn of(job: &JobRow) -> Self {
        Self {
            project: job.seen.project,
            opened: job.seen.height,
            deadline: job.seen.deadline,
            by_tickets: job.seen.policy.draw == DrawClass::Beacon,
            run: schedule::runs(job),
            send: schedule::due(job),
            second: schedule::begins(job, Attempt(1)),
        }
    }
}

/// The open jobs.
#[derive(Debug, Default)]
pub(crate) struct DueJobs(Mutex<[BTreeMap<RequestId, Due>; STATES.len()]>);

fn place(state: JobState) -> Option<usize> {
    STATES.iter().position(|known| *known == state)
}

impl DueJobs {
    fn jobs(&self) -> MutexGuard<'_, [BTreeMap<RequestId, Due>; STATES.len()]> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the open jobs; to be called before any task starts that reads the index or stores jobs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn read(store: &Store) -> Result<Self, StoreError> {
        let read = Self::default();
        for state in STATES {
            let mut after = RequestId(0);
            loop {
                let page = store.jobs().list(state, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = last.seen.request;
                page.iter().for_each(|job| read.put(job));
            }
        }
        Ok(read)
    }

    /// Records a job as the database has it.
    pub(crate) fn put(&self, job: &JobRow) {
        let (request, at) = (job.seen.request, place(job.state));
        let mut jobs = self.jobs();
        for (place, known) in jobs.iter_mut().enumerate() {
            if at == Some(place) {
                known.insert(request, Due::of(job));
            } else {
                known.remove(&request);
            }
        }
    }

    /// Forgets jobs that need nothing more.
    pub(crate) fn remove<'a>(&self, requests: impl IntoIterator<Item = &'a RequestId>) {
        let mut jobs = self.jobs();
        for request in requests {
            jobs.iter_mut().for_each(|known| _ = known.remove(request));
        }
    }

    /// Records that a job went from one state to another, unless it is not known to be in the first.
    pub(crate) fn advance(&self, request: RequestId, from: JobState, to: JobState) {
        let mut jobs = self.jobs();
        let known = place(from).and_then(|from| jobs.get_mut(from)?.remove(&request));
        if let (Some(due), Some(to)) = (known, place(to)) {
            _ = jobs.get_mut(to).map(|known| known.insert(request, due));
        }
    }

    /// Returns whether a job is in a state.
    pub(crate) fn has(&self, request: RequestId, state: JobState) -> bool {
        let jobs = self.jobs();
        place(state).and_then(|place| jobs.get(place)).is_some_and(|known| known.contains_key(&request))
    }

    /// Returns the requests of the jobs in a state that `which` selects, in order.
    pub(crate) fn of(
        &self,
        state: JobState,
        which: impl Fn(&RequestId, &Due) -> bool,
    ) -> Vec<(RequestId, Due)> {
        let jobs = self.jobs();
        let known = place(state).and_then(|place| jobs.get(place));
        let chosen = known.into_iter().flatten().filter(|(request, due)| which(request, due));
        chosen.map(|(request, due)| (*request, *due)).collect()
    }
}
