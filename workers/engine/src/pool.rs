//! The workers that are alive: a few fresh ones ready, and idle ones that have run a project and will run no
//! other. A worker whose run was anything but clean never comes back here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway_vm_protocol::Profile;
use tokio_util::task::TaskTracker;

use crate::config::EngineConfig;
use crate::process::{SpawnError, WorkerProcess};

struct Idle {
    /// Have run nothing.
    fresh: Vec<WorkerProcess>,
    /// Have run jobs of one project, longest idle first.
    warm: VecDeque<WorkerProcess>,
    /// Fresh workers being started.
    starting: usize,
    closed: bool,
}

/// The pool of an engine.
pub(crate) struct Pool {
    config: EngineConfig,
    idle: Mutex<Idle>,
    tasks: TaskTracker,
}

impl Pool {
    pub(crate) fn new(config: EngineConfig, fresh: Vec<WorkerProcess>) -> Arc<Pool> {
        let idle = Idle { fresh, warm: VecDeque::new(), starting: 0, closed: false };
        Arc::new(Pool { config, idle: Mutex::new(idle), tasks: TaskTracker::new() })
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker for a job of this project: its own warm one, a fresh one, or a new one.
    pub(crate) async fn checkout(
        self: &Arc<Self>,
        project: u64,
        profile: Profile,
    ) -> Result<WorkerProcess, SpawnError> {
        let ready = {
            let mut idle = self.idle();
            // The one that has rested longest: the one that has just run is still making its next isolate.
            let warm = idle.warm.iter().position(|w| w.project == Some(project) && w.profile == profile);
            match warm.and_then(|i| idle.warm.remove(i)) {
                Some(worker) => Some(worker),
                None => {
                    let fresh = idle.fresh.iter().position(|w| w.profile == profile);
                    fresh.map(|i| idle.fresh.swap_remove(i))
                }
            }
        };
        self.refill();
        match ready {
            Some(worker) => Ok(worker),
            None => WorkerProcess::spawn(&self.config, profile).await,
        }
    }

    /// Takes a worker back after a clean run of this project.
    pub(crate) async fn give_back(&self, mut worker: WorkerProcess, project: u64) {
        worker.project = Some(project);
        worker.jobs = worker.jobs.saturating_add(1);
        let unwanted = {
            let mut idle = self.idle();
            if idle.closed || worker.jobs >= self.config.jobs_per_worker {
                Some(worker)
            } else {
                idle.warm.push_back(worker);
                if idle.warm.len() > self.config.workers { idle.warm.pop_front() } else { None }
            }
        };
        if let Some(worker) = unwanted {
            worker.kill().await;
        }
    }

    /// Starts fresh workers in the background until enough are ready.
    fn refill(self: &Arc<Self>) {
        let mut idle = self.idle();
        let ready = idle.fresh.iter().filter(|w| w.profile == Profile::default()).count();
        if idle.closed || ready + idle.starting >= self.config.spare {
            return;
        }
        idle.starting += 1;
        let pool = Arc::clone(self);
        self.tasks.spawn(async move {
            let spawned = WorkerProcess::spawn(&pool.config, Profile::default()).await;
            let unwanted = {
                let mut idle = pool.idle();
                idle.starting = idle.starting.saturating_sub(1);
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
        let workers: Vec<WorkerProcess> = {
            let mut idle = self.idle();
            idle.closed = true;
            let warm = std::mem::take(&mut idle.warm);
            std::mem::take(&mut idle.fresh).into_iter().chain(warm).collect()
        };
        for worker in workers {
            worker.kill().await;
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}
