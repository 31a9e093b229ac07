//! The interface to the VM: the engines that a node can run, of its own release and of others, and the runs it asks of them.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use gateway_api::{EngineId, EngineProfile};
use gateway_engine::{Engine, EngineConfig, EngineError, Job, Profile, Run, RunError, Secret, WorkerCommand};

/// Runs code to its outcome.
#[async_trait]
pub(crate) trait Executor: Send + Sync + 'static {
    /// Returns the id of the release's own engine in a profile; `None` for a disabled profile.
    fn engine_id(&self, profile: EngineProfile) -> Option<EngineId>;
    /// Returns whether an engine can be run in a profile.
    fn runs(&self, engine: EngineId, profile: EngineProfile) -> bool;
    /// Runs a job on an engine, with the secrets sealed to this node for its project; on the release's own engine if the
    /// requested one is not available.
    async fn run(&self, engine: EngineId, job: Job, secrets: Arc<[Secret]>) -> Result<Run, RunError>;
}

/// The engines of one node.
pub(crate) struct Engines {
    own: Engine,
    /// Of other releases.
    others: Vec<Engine>,
}

impl Engines {
    /// Starts the engine of this release and those of other executables. All but the first keep no idle worker for a new
    /// project: only one of them is in use at a time.
    ///
    /// # Errors
    /// [`EngineError::Spawn`] when one does not start, [`EngineError::Client`] when no HTTP client can be created.
    pub(crate) async fn start(config: EngineConfig, others: &[PathBuf]) -> Result<Self, EngineError> {
        let own = Engine::start(config.clone()).await?;
        let mut started = Vec::with_capacity(others.len());
        for program in others {
            let worker = WorkerCommand::of(program.clone());
            started.push(Engine::start(EngineConfig { worker, spare: 0, ..config.clone() }).await?);
        }
        Ok(Self { own, others: started })
    }

    /// Stops all workers.
    pub(crate) async fn shutdown(self) {
        self.own.shutdown().await;
        for engine in self.others {
            engine.shutdown().await;
        }
    }

    fn with(&self, engine: EngineId, of: Profile) -> Option<&Engine> {
        let mut all = std::iter::once(&self.own).chain(&self.others);
        all.find(|candidate| candidate.engine_id(of) == Some(engine.0))
    }
}

#[async_trait]
impl Executor for Engines {
    fn engine_id(&self, of: EngineProfile) -> Option<EngineId> {
        self.own.engine_id(profile(of)).map(EngineId)
    }

    fn runs(&self, engine: EngineId, of: EngineProfile) -> bool {
        self.with(engine, profile(of)).is_some()
    }

    async fn run(&self, engine: EngineId, job: Job, secrets: Arc<[Secret]>) -> Result<Run, RunError> {
        self.with(engine, job.profile).unwrap_or(&self.own).run_with_secrets(job, secrets).await
    }
}

/// Returns the VM's name for a profile.
pub(crate) const fn profile(profile: EngineProfile) -> Profile {
    match profile {
        EngineProfile::Jitless => Profile::Jitless,
        EngineProfile::Jit => Profile::Jit,
    }
}
