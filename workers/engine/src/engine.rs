//! The engine: the single entry point for running code.

use std::sync::Arc;

use gateway_vm_protocol::{Detail, JobSpec, Limits, OutcomeClass, Profile, StopSite, Task, Usage};
use sha2::{Digest, Sha256};

use crate::abstain::Abstention;
use crate::config::EngineConfig;
use crate::fetch::{Faults, Fetcher, Network, NetworkFetcher, Recorder, Replayer, Secret, Transcript};
use crate::job::{Job, Run};
use crate::manifest::Manifest;
use crate::pool::Pool;
use crate::preflight::{Source, refuse, refused};
use crate::process::{Owner, SpawnError};
use crate::quarantine::Quarantine;
use crate::queue::FairQueue;
use crate::session::{self, Abstained, Bounds};
use crate::spawner::Spawner;

/// Project under which checks run; no project on the chain has this number.
const CHECKS: u64 = u64::MAX;

/// Why an engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No worker could be started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// The HTTP client could not be created.
    #[error("HTTP client: {0}")]
    Client(String),
}

/// Why a job has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run exceeded a limit of the machine: the node does not attest.
    #[error("abstained ({reason}): {text}")]
    Abstain {
        /// Which limit.
        reason: Abstention,
        /// The limit and the use, in words.
        text: String,
        /// Where the code was when it was stopped.
        site: Option<StopSite>,
        /// What the run had used.
        usage: Box<Usage>,
    },
    /// Too many jobs are waiting.
    #[error("the VM is busy: {waiting} jobs are waiting")]
    Busy {
        /// How many.
        waiting: usize,
    },
    /// The job requires compilers, which this machine's operator does not allow: the node does not attest.
    #[error("this node runs no code in the profile jit (engine.jit is off)")]
    JitOff,
    /// No worker could be started for the job.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
}

impl RunError {
    /// Returns whether running the same job again on this machine may produce an outcome.
    pub fn is_retryable(&self) -> bool {
        match self {
            RunError::Abstain { reason, .. } => reason.is_retryable(),
            RunError::Busy { .. } => true,
            RunError::JitOff => false,
            RunError::Spawn(error) => error.is_retryable(),
        }
    }
}

impl From<Abstained> for RunError {
    fn from(a: Abstained) -> RunError {
        RunError::Abstain { reason: a.reason, text: a.text, site: a.site, usage: Box::new(a.usage) }
    }
}

/// How a run deviates from the usual.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Answer fetches from this transcript instead of from the network.
    pub replay: Option<Transcript>,
    /// The first fetches get this status instead of an answer; the number says how many.
    pub fail: Option<(u16, u32)>,
    /// This many of the first fetches get no answer in time.
    pub time_out: u32,
    /// Secrets of this run's project besides those of the configuration, which take precedence.
    pub secrets: Arc<[Secret]>,
}

/// A run together with what it fetched.
#[derive(Debug)]
pub struct Recorded {
    /// How it ended.
    pub result: Result<Run, RunError>,
    /// Its requests and their answers.
    pub transcript: Transcript,
}

/// The result of compiling a piece of code.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckReport {
    /// SHA-256 of the code: what a project pins.
    pub sha256: [u8; 32],
    /// Bytes of the code.
    pub size: usize,
    /// What the code asks for, if that can be parsed.
    pub manifest: Option<Manifest>,
    /// `module` or `script` when it compiles.
    pub kind: Option<String>,
    /// Class and error body when it does not.
    pub error: Option<(OutcomeClass, String)>,
    /// Source line and stack of the error.
    pub detail: Option<Detail>,
}

/// A running engine. Cheap to share behind an `Arc`; `shutdown` ends its processes, as does dropping it.
pub struct Engine {
    config: EngineConfig,
    queue: Arc<FairQueue>,
    pool: Arc<Pool>,
    quarantine: Quarantine,
    network: Arc<Network>,
    layers: Vec<String>,
    missing_layers: Vec<String>,
}

/// A job as sent to a worker, with what the engine needs to know about it.
struct Assignment {
    label: String,
    project: u64,
    profile: Profile,
    spec: JobSpec,
}

/// An assignment, and who answers its fetches.
struct Prepared {
    task: Assignment,
    fetcher: Faults,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("workers", &self.config.workers).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts a worker of each allowed profile, reads its properties, and keeps it ready.
    ///
    /// # Errors
    /// [`EngineError::Spawn`] when a worker does not start, or when the mode is strict and a worker's sandbox is incomplete;
    /// [`EngineError::Client`] when no HTTP client can be created.
    pub async fn start(config: EngineConfig) -> Result<Engine, EngineError> {
        let (spawner, fresh) = Spawner::start(config.clone()).await?;
        let hello = fresh.first().map(|jitless| jitless.hello.clone()).unwrap_or_default();
        let (layers, missing_layers) = (hello.layers, hello.missing_layers);
        tracing::info!(
            v8 = hello.v8_version,
            engine_id = spawner.engine_id(Profile::Jitless).map(hex::encode),
            jit = spawner.engine_id(Profile::Jit).map(hex::encode),
            ?layers,
            ?missing_layers,
            "VM ready"
        );
        let pool = Pool::new(config.clone(), spawner, fresh);
        let network = Network::new(config.fetch.clone()).map_err(|e| EngineError::Client(e.to_string()))?;
        let queue = FairQueue::new(config.workers, config.queue);
        let quarantine = Quarantine::default();
        Ok(Engine { config, queue, pool, quarantine, network, layers, missing_layers })
    }

    /// Returns the hash of everything in the VM that can change a result in this profile; `None` for a disabled profile.
    pub fn engine_id(&self, profile: Profile) -> Option<[u8; 32]> {
        self.pool.engine_id(profile)
    }

    /// Returns the sandbox layers in force in the workers.
    pub fn sandbox_layers(&self) -> &[String] {
        &self.layers
    }

    /// Returns the sandbox layers that this machine does not allow, with the reason.
    pub fn missing_layers(&self) -> &[String] {
        &self.missing_layers
    }

    /// Returns how many jobs are waiting for a place.
    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// Runs a job to its outcome.
    ///
    /// # Errors
    /// [`RunError::Abstain`] when a limit of the machine was exceeded, [`RunError::Busy`] when the queue is full.
    pub async fn run(&self, job: Job) -> Result<Run, RunError> {
        self.run_with_secrets(job, Arc::default()).await
    }

    /// Runs a job whose project has secrets besides those of the configuration.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub async fn run_with_secrets(&self, job: Job, secrets: Arc<[Secret]>) -> Result<Run, RunError> {
        let options = RunOptions { secrets, ..RunOptions::default() };
        match self.prepare(job, &options) {
            Ok(Prepared { task, fetcher }) => self.conduct(task, &fetcher).await,
            Err(run) => Ok(*run),
        }
    }

    /// Runs a job and records what it fetched; the options can answer its fetches from a recording.
    pub async fn run_with(&self, job: Job, options: RunOptions) -> Recorded {
        match self.prepare(job, &options) {
            Ok(Prepared { task, fetcher }) => {
                let recorder = Recorder::new(fetcher);
                let result = self.conduct(task, &recorder).await;
                let timers = match &result {
                    Ok(run) => run.usage.timers,
                    Err(RunError::Abstain { usage, .. }) => usage.timers,
                    Err(_) => 0,
                };
                Recorded { result, transcript: recorder.transcript(timers > 0) }
            }
            Err(run) => Recorded { result: Ok(*run), transcript: Transcript::default() },
        }
    }

    /// Prepares what a worker needs for a job, or returns the outcome that needs no worker.
    fn prepare(&self, job: Job, options: &RunOptions) -> Result<Prepared, Box<Run>> {
        let Source { code, prefix, manifest } =
            refuse(&job).map_err(|(class, message)| Box::new(refused(class, &message)))?;
        let mut limits = job.limits;
        manifest
            .lower(&mut limits)
            .map_err(|error| Box::new(refused(OutcomeClass::JsSyntax, &error.to_string())))?;
        let fetcher: Arc<dyn Fetcher> = match &options.replay {
            Some(transcript) => Arc::new(Replayer::new(transcript)),
            None => Arc::new(NetworkFetcher {
                network: Arc::clone(&self.network),
                project: job.project,
                secrets: Arc::clone(&options.secrets),
                label: job.label.clone(),
                manifest,
                limits: limits.clone(),
            }),
        };
        let spec = JobSpec {
            task: Task::Run,
            code,
            code_prefix: prefix,
            code_hash: job.code_hash,
            input: job.input,
            now_ns: job.now_ns,
            seed: job.seed,
            limits,
        };
        let task = Assignment { label: job.label, project: job.project, profile: job.profile, spec };
        Ok(Prepared { task, fetcher: Faults::new(fetcher, options) })
    }

    /// Runs what was prepared, unless the code is under quarantine, and counts how it ends.
    async fn conduct(&self, task: Assignment, fetcher: &dyn Fetcher) -> Result<Run, RunError> {
        let Assignment { label, project, profile, spec } = task;
        let code_hash = spec.code_hash;
        let result = if self.quarantine.holds(&code_hash) {
            let text = "this code has been killed for a forbidden system call before";
            Err(Abstained::new(Abstention::Sandbox, text).into())
        } else {
            self.execute(project, profile, spec, fetcher).await
        };
        if matches!(result, Err(RunError::Abstain { reason: Abstention::Sandbox, .. })) {
            self.quarantine.add(code_hash);
        }
        report(&label, &result);
        result
    }

    /// Compiles code without running any of it.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub async fn check(&self, code: &[u8]) -> Result<CheckReport, RunError> {
        let sha256: [u8; 32] = Sha256::digest(code).into();
        let manifest = std::str::from_utf8(code).ok().and_then(|code| Manifest::of(code).ok());
        let mut report =
            CheckReport { sha256, size: code.len(), manifest, kind: None, error: None, detail: None };
        let job = Job {
            label: "check".to_owned(),
            project: CHECKS,
            code: code.into(),
            code_hash: sha256,
            input: "null".to_owned(),
            now_ns: 0,
            seed: [0; 32],
            limits: Limits::default(),
            profile: Profile::default(),
        };
        let run = match refuse(&job) {
            Ok(Source { code, prefix, .. }) => {
                let spec = JobSpec {
                    task: Task::Check,
                    code,
                    code_prefix: prefix,
                    code_hash: sha256,
                    input: job.input,
                    now_ns: 0,
                    seed: job.seed,
                    limits: job.limits,
                };
                self.execute(CHECKS, job.profile, spec, &Replayer::new(&Transcript::default())).await?
            }
            Err((class, message)) => refused(class, &message),
        };
        if run.class == OutcomeClass::Ok {
            report.kind = Some(run.body.trim_matches('"').to_owned());
        } else {
            report.error = Some((run.class, run.body));
            report.detail = run.detail;
        }
        Ok(report)
    }

    async fn execute(
        &self,
        project: u64,
        profile: Profile,
        spec: JobSpec,
        fetcher: &dyn Fetcher,
    ) -> Result<Run, RunError> {
        if self.engine_id(profile).is_none() {
            return Err(RunError::JitOff);
        }
        let owner = Owner { project, code_hash: spec.code_hash };
        let _place =
            self.queue.acquire(project).await.map_err(|full| RunError::Busy { waiting: full.waiting })?;
        let worker = self.pool.checkout(owner, profile).await?;
        let bounds = Bounds { grace: self.config.grace, memory: self.config.worker_memory };
        let session = session::run(worker, spec, fetcher, bounds).await;
        if let Some(worker) = session.worker {
            self.pool.give_back(worker, owner);
        }
        Ok(session.result?)
    }

    /// Stops all workers. Runs in progress should be awaited first; those that are not abstain.
    pub async fn shutdown(self) {
        self.pool.close().await;
    }
}

/// Counts and logs how a job ended.
fn report(label: &str, result: &Result<Run, RunError>) {
    match result {
        Ok(run) => {
            metrics::counter!("gateway_vm_runs_total", "class" => run.class.as_str()).increment(1);
            tracing::debug!(
                job = label,
                class = run.class.as_str(),
                cpu_us = run.usage.cpu_us,
                wall_us = run.usage.wall_us,
                "run"
            );
        }
        Err(RunError::Abstain { reason, text, .. }) => {
            metrics::counter!("gateway_vm_abstentions_total", "reason" => reason.name()).increment(1);
            tracing::warn!(job = label, reason = reason.name(), text, "abstained");
        }
        Err(error) => tracing::warn!(job = label, %error, "not run"),
    }
}
