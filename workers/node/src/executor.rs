//! The edge to the VM: what a node asks of it.

use async_trait::async_trait;
use gateway_api::{EngineId, EngineProfile};
use gateway_engine::{Engine, Job, Profile, Run, RunError};

/// Runs code to its outcome.
#[async_trait]
pub(crate) trait Executor: Send + Sync + 'static {
    /// The id of the engine in a profile; none for a profile that is switched off.
    fn engine_id(&self, profile: EngineProfile) -> Option<EngineId>;
    /// Runs a job.
    async fn run(&self, job: Job) -> Result<Run, RunError>;
}

#[async_trait]
impl Executor for Engine {
    fn engine_id(&self, of: EngineProfile) -> Option<EngineId> {
        Engine::engine_id(self, profile(of)).map(EngineId)
    }

    async fn run(&self, job: Job) -> Result<Run, RunError> {
        Engine::run(self, job).await
    }
}

/// The VM's name for a profile.
pub(crate) const fn profile(profile: EngineProfile) -> Profile {
    match profile {
        EngineProfile::Jitless => Profile::Jitless,
        EngineProfile::Jit => Profile::Jit,
    }
}
