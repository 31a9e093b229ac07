//! The live workers: a few fresh ones ready, and idle ones that have run one piece of code of one project and will run no
//! other. A worker whose run was not clean never returns here, and one that does something while idle is killed. Code that is
//! needed again at once gets a second worker, which runs while the first one is still making the isolate of its next run.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gateway_vm_protocol::Profile;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::EngineConfig;
use crate::process::{Owner, SpawnError, WorkerProcess};
use crate::spawner::Spawner;

/// CPU time that an idle worker may use: it makes the isolate of its next run, and nothing after that.
const IDLE_CPU: Duration = Duration::from_secs(1);

/// Interval at which idle workers are checked.
const IDLE_LOOK: Duration = Duration::from_secs(2);

/// How long a worker may still be making its next isolate: a job that arrives sooner would have to wait for that.
const MAKING: Duration = Duration::from_millis(2);

/// A worker that is idle after a run.
struct Warm {
    worker: WorkerProcess,
    /// Its total CPU time when it became idle.
    cpu: Option<Duration>,
    /// Memory it uses and shares with no other, in bytes.
    memory: u64,
    /// When it became idle.
    since: Instant,
}

impl Warm {
    /// Returns why this worker may not run anything more, if so.
    fn fault(&self, memory: u64) -> Option<&'static str> {
        let used = self.worker.vitals.cpu_time().zip(self.cpu).map(|(now, then)| now.saturating_sub(then));
        if used.is_some_and(|used| used > IDLE_CPU) {
            Some("it used CPU time while it was idle")
        } else if self.worker.vitals.memory().is_some_and(|used| used.resident > memory) {
            Some("it takes more memory than an idle worker may")
        } else {
            None
        }
    }
}

struct Idle {
    /// Workers that have run nothing.
    fresh: Vec<WorkerProcess>,
    /// Workers that have run one piece of code, longest idle first.
    warm: VecDeque<Warm>,
    /// Profiles of the fresh workers being started.
    starting: Vec<Profile>,
    closed: bool,
}

/// The worker that a run gets.
#[derive(Debug, PartialEq, Eq)]
enum Choice {
    /// Its own that has been idle longest.
    Warm,
    /// One that has run nothing.
    Fresh,
    /// One that must still be started.
    New,
}

/// Chooses by how long the warm workers of this code have been idle, longest first, and whether there is a fresh one.
fn choose(rested: &[Duration], fresh: bool) -> Choice {
    match (rested, fresh) {
        ([only], true) if *only < MAKING => Choice::Fresh,
        ([_, ..], _) => Choice::Warm,
        ([], true) => Choice::Fresh,
        ([], false) => Choice::New,
    }
}

impl Idle {
    /// Takes a worker for this code: its own warm one, or a fresh one, or none.
    fn take(&mut self, owner: Owner, profile: Profile) -> (Option<Warm>, Option<WorkerProcess>) {
        let own = |warm: &Warm| warm.worker.owner == Some(owner) && warm.worker.profile == profile;
        let rested: Vec<Duration> =
            self.warm.iter().filter(|warm| own(warm)).map(|warm| warm.since.elapsed()).collect();
        let fresh = self.fresh.iter().position(|worker| worker.profile == profile);
        match choose(&rested, fresh.is_some()) {
            Choice::Warm => {
                let first = self.warm.iter().position(own);
                (first.and_then(|i| self.warm.remove(i)), None)
            }
            Choice::Fresh => (None, fresh.map(|i| self.fresh.swap_remove(i))),
            Choice::New => (None, None),
        }
    }
}

/// The pool of an engine.
pub(crate) struct Pool {
    config: EngineConfig,
    spawner: Spawner,
    idle: Mutex<Idle>,
    tasks: TaskTracker,
    closing: CancellationToken,
}

impl Pool {
    pub(crate) fn new(config: EngineConfig, spawner: Spawner, fresh: Vec<WorkerProcess>) -> Arc<Pool> {
        let idle = Mutex::new(Idle { fresh, warm: VecDeque::new(), starting: Vec::new(), closed: false });
        let (tasks, closing) = (TaskTracker::new(), CancellationToken::new());
        let pool = Arc::new(Pool { config, spawner, idle, tasks, closing });
        // It holds the pool weakly, so that dropping an engine ends its workers.
        let (watched, closing) = (Arc::downgrade(&pool), pool.closing.clone());
        pool.tasks.spawn(async move {
            while tokio::time::timeout(IDLE_LOOK, closing.cancelled()).await.is_err() {
                let Some(pool) = watched.upgrade() else { return };
                pool.look_at_idle().await;
            }
        });
        pool
    }

    /// Returns the engine id of a profile; `None` for a disabled one.
    pub(crate) fn engine_id(&self, profile: Profile) -> Option<[u8; 32]> {
        self.spawner.engine_id(profile)
    }

    /// Kills idle workers that are not idle.
    async fn look_at_idle(&self) {
        let mut bad = Vec::new();
        {
            let mut idle = self.idle();
            let mut i = 0;
            while let Some(warm) = idle.warm.get(i) {
                match warm.fault(self.config.worker_memory) {
                    Some(fault) => bad.extend(idle.warm.remove(i).map(|warm| (warm, fault))),
                    None => i += 1,
                }
            }
        }
        for (warm, fault) in bad {
            tracing::error!(owner = ?warm.worker.owner.map(|owner| owner.project), fault, "idle VM worker killed");
            warm.worker.kill().await;
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a worker for this code of this project: its own warm one, a fresh one, or a new one.
    pub(crate) async fn checkout(
        self: &Arc<Self>,
        owner: Owner,
        profile: Profile,
    ) -> Result<WorkerProcess, SpawnError> {
        let (warm, fresh) = self.idle().take(owner, profile);
        self.refill(profile);
        if let Some(warm) = warm {
            match warm.fault(self.config.worker_memory) {
                None => return Ok(warm.worker),
                Some(fault) => {
                    tracing::error!(project = owner.project, fault, "idle VM worker killed");
                    warm.worker.kill().await;
                }
            }
        }
        match fresh {
            Some(worker) => Ok(worker),
            None => self.spawner.spawn(profile).await,
        }
    }

    /// Takes a worker back after a clean run of this code.
    pub(crate) fn give_back(&self, mut worker: WorkerProcess, owner: Owner) {
        worker.owner = Some(owner);
        worker.jobs = worker.jobs.saturating_add(1);
        let mut unwanted = Vec::new();
        let memory = worker.vitals.memory();
        let too_large = memory.is_some_and(|memory| memory.resident > self.config.worker_memory);
        // If the system reports no figure, a worker counts as its memory limit.
        let memory = memory.map_or(self.config.worker_memory, |memory| memory.own);
        let warm = Warm { cpu: worker.vitals.cpu_time(), memory, since: Instant::now(), worker };
        {
            let mut idle = self.idle();
            if idle.closed || warm.worker.jobs >= self.config.jobs_per_worker || too_large {
                unwanted.push(warm);
            } else {
                idle.warm.push_back(warm);
                let mut total: u64 = idle.warm.iter().map(|warm| warm.memory).sum();
                // One worker per place is kept whatever its memory: otherwise no run would ever find a warm worker.
                while total > self.config.warm_memory && idle.warm.len() > self.config.workers {
                    let Some(oldest) = idle.warm.pop_front() else { break };
                    total = total.saturating_sub(oldest.memory);
                    unwanted.push(oldest);
                }
            }
        }
        for warm in unwanted {
            // The caller of the run need not wait for this.
            self.tasks.spawn(async move { warm.worker.kill().await });
        }
    }

    /// Starts fresh workers of a profile in the background until enough are ready.
    fn refill(self: &Arc<Self>, profile: Profile) {
        let mut idle = self.idle();
        let ready = idle.fresh.iter().filter(|worker| worker.profile == profile).count();
        let starting = idle.starting.iter().filter(|other| **other == profile).count();
        if idle.closed || ready + starting >= self.config.spare {
            return;
        }
        idle.starting.push(profile);
        let pool = Arc::clone(self);
        self.tasks.spawn(async move {
            let spawned = pool.spawner.spawn(profile).await;
            let unwanted = {
                let mut idle = pool.idle();
                if let Some(started) = idle.starting.iter().position(|other| *other == profile) {
                    idle.starting.swap_remove(started);
                }
                match spawned {
                    Ok(worker) if idle.closed => Some(worker),
                    Ok(worker) => {
                        idle.fresh.push(worker);
                        None
                    }
                    Err(error) => {
                        tracing::warn!(%error, "no spare VM worker");
                        None
                    }
                }
            };
            if let Some(worker) = unwanted {
                worker.kill().await;
            }
        });
    }

    /// Ends all idle workers and waits for those being started.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        let workers: Vec<WorkerProcess> = {
            let mut idle = self.idle();
            idle.closed = true;
            let warm = std::mem::take(&mut idle.warm).into_iter().map(|warm| warm.worker);
            std::mem::take(&mut idle.fresh).into_iter().chain(warm).collect()
        };
        for worker in workers {
            worker.kill().await;
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_that_is_wanted_again_at_once_gets_a_second_worker_and_no_third() {
        let (now, long) = (Duration::ZERO, Duration::from_secs(1));
        assert_eq!(choose(&[], true), Choice::Fresh);
        assert_eq!(choose(&[], false), Choice::New);
        assert_eq!(choose(&[long], true), Choice::Warm);
        assert_eq!(choose(&[now], true), Choice::Fresh, "its isolate is not ready");
        assert_eq!(choose(&[now], false), Choice::Warm, "that is sooner than a process starts");
        assert_eq!(choose(&[now, now], true), Choice::Warm);
    }
}
