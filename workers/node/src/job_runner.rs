//! Runs jobs for which the node is seated, and stores the attestation before it is sent.

use std::collections::HashMap;
use std::sync::Arc;

use gateway_api::{
    AbstentionReason, CodeRef, Commit, EngineId, EngineProfile, NodeId, ProjectId, RequestId, SignedOutcome,
};
use gateway_daemon_runtime::remote_signer::RemoteError;
use gateway_daemon_runtime::{CancellationToken, Retryable as _};
use gateway_engine::{Abstention, Job, Limits, RunError};
use gateway_protocol::{DrawnRequest, Outcome};
use gateway_store::{JobRow, JobState};
use tokio::task::JoinSet;

use crate::context::Context;
use crate::error::NodeError;
use crate::outcome::{Conclusion, conclude};
use crate::private_code::PrivateCodeError;
use crate::sealed_secrets::SecretsError;
use crate::turns::Turns;
use crate::{abstention, code, executor, schedule};

/// Runs stored per transaction.
const STORED: usize = 64;
/// Runs hitting a limit of the machine before the node abstains: the first and one retry.
const RUNS: u32 = 2;
/// Attempts when the cause lies outside the run: no source has the code, the VM is busy, data is unreachable.
const TRIES: u32 = 8;

/// Jobs per worker that may be started but not finished: most of them load code or wait for their turn.
pub(crate) const STARTED_PER_WORKER: usize = 8;

/// Why a job has no outcome yet.
#[derive(Debug, thiserror::Error)]
enum RunFailure {
    /// The code could not be loaded.
    #[error("{0}")]
    Code(#[from] gateway_engine::CodeError),
    /// The code is sealed and could not be opened.
    #[error("{0}")]
    Private(#[from] PrivateCodeError),
    /// The run gave no outcome.
    #[error("{0}")]
    Run(#[from] RunError),
    /// The chain could not be asked which node the key belongs to.
    #[error("{0}")]
    Chain(#[from] gateway_chain::ChainError),
    /// The signer that holds the key did not sign.
    #[error("{0}")]
    Signer(#[from] RemoteError),
    /// There is nothing to run.
    #[error(transparent)]
    Unfit(#[from] UnfitJob),
}

/// Why nothing can be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum UnfitJob {
    /// The row lacks what a seated job has.
    #[error("the request has no draw or no input")]
    Incomplete,
    /// The key belongs to no node.
    #[error("the key is not registered")]
    NotRegistered,
    /// Attesting could be held against an honest node.
    #[error("the owner declares the code deterministic, and it may fetch or runs in the profile jit")]
    NotDeterministic,
    /// The node runs no code in this profile.
    #[error("the profile is switched off on this node")]
    NoProfile,
    /// The epoch of the draw requires an engine that the node does not have.
    #[error(
        "the engine {0}, which the draw's epoch requires, is not on this node: name the executable that has it in engine.others"
    )]
    NoEngine(EngineId),
}

impl From<SecretsError> for RunFailure {
    fn from(error: SecretsError) -> Self {
        match error {
            SecretsError::Chain(error) => error.into(),
            SecretsError::Signer(error) => error.into(),
        }
    }
}

impl RunFailure {
    /// Returns the reason reported to relays; `None` if it does not concern the request.
    fn reason(&self) -> Option<AbstentionReason> {
        Some(match self {
            Self::Code(error) if error.is_retryable() => AbstentionReason::CodeNotFound,
            Self::Code(_) | Self::Private(PrivateCodeError::Broken { .. }) => AbstentionReason::CodeInvalid,
            Self::Private(PrivateCodeError::Signer { .. }) => return None,
            Self::Private(_) => AbstentionReason::CodeNotFound,
            Self::Run(RunError::Abstain { reason: Abstention::Secret, .. }) => {
                AbstentionReason::SecretMissing
            }
            Self::Run(RunError::Abstain { .. }) => AbstentionReason::LimitExceeded,
            Self::Run(RunError::Busy { .. } | RunError::JitOff | RunError::Spawn(_)) => {
                AbstentionReason::VmUnavailable
            }
            Self::Unfit(UnfitJob::NotDeterministic) => AbstentionReason::NotDeterministic,
            Self::Unfit(UnfitJob::NoProfile) => AbstentionReason::VmUnavailable,
            Self::Unfit(UnfitJob::NoEngine(_)) => AbstentionReason::EngineMissing,
            Self::Unfit(UnfitJob::Incomplete | UnfitJob::NotRegistered)
            | Self::Chain(_)
            | Self::Signer(_) => return None,
        })
    }

    /// Returns the tries after which the node abstains.
    fn tries(&self) -> u32 {
        match self {
            // A source may be back before the last attempt.
            Self::Run(RunError::Abstain { reason: Abstention::Source, .. }) => TRIES,
            Self::Run(RunError::Abstain { reason, .. }) if reason.is_retryable() => RUNS,
            Self::Unfit(_) => 1,
            Self::Run(error) if !error.is_retryable() => 1,
            Self::Code(error) if !error.is_retryable() => 1,
            Self::Signer(error) if !error.is_retryable() => 1,
            Self::Code(_) | Self::Private(_) | Self::Chain(_) | Self::Run(_) | Self::Signer(_) => TRIES,
        }
    }
}

type Done = (JobRow, Result<(Commit, SignedOutcome), RunFailure>);

/// Runs jobs until cancelled; a run that is cancelled starts again after the next start.
///
/// # Errors
/// [`NodeError::Store`].
pub(crate) async fn run_jobs(context: Arc<Context>, cancel: CancellationToken) -> Result<(), NodeError> {
    let mut news = context.news.subscribe();
    news.mark_changed();
    let mut runs: JoinSet<Done> = JoinSet::new();
    // Requests that are running, or paused until a height.
    let mut held: HashMap<RequestId, Option<u64>> = HashMap::new();
    let mut due = Turns::default();
    loop {
        tokio::select! {
            () = cancel.cancelled() => break,
            change = news.changed() => {
                if change.is_err() {
                    break;
                }
                let height = context.height();
                held.retain(|_, until| until.is_none_or(|until| until > height));
                due.fill(waiting(&context, &held));
            }
            Some(done) = runs.join_next(), if !runs.is_empty() => {
                // What finished in the meantime is stored with it: one commit for all.
                let others = std::iter::from_fn(|| runs.try_join_next());
                let mut ended = Vec::new();
                for done in std::iter::once(done).chain(others).take(STORED) {
                    match done {
                        Ok(done) => ended.push(done),
                        // The row is unchanged; its request is held until the next start rather than run in a loop.
                        Err(error) => tracing::error!(%error, "a run's task panicked"),
                    }
                }
                for (request, pause) in finish(&context, ended).await? {
                    held.remove(&request);
                    if let Some(blocks) = pause {
                        held.insert(request, Some(context.height().saturating_add(blocks)));
                    }
                }
            }
        }
        begin(&context, &mut runs, &mut held, &mut due).await?;
        metrics::gauge!("gateway_node_running").set(runs.len() as f64);
    }
    runs.shutdown().await;
    Ok(())
}

/// Returns the jobs that are due and not held, each with its project, in order of their requests.
fn waiting(
    context: &Context,
    held: &HashMap<RequestId, Option<u64>>,
) -> impl Iterator<Item = (ProjectId, RequestId)> {
    let height = context.height();
    let due = context.due_jobs.of(JobState::Seated, |request, due| {
        due.run.is_some_and(|run| run <= height) && due.deadline >= height && !held.contains_key(request)
    });
    due.into_iter().map(|(request, due)| (due.project, request))
}

fn is_due(job: &JobRow, height: u64) -> bool {
    schedule::may_run(job, height) && job.seen.deadline >= height
}

/// Starts due jobs, the projects in turn: a project whose code loads slowly or runs long occupies its share of the places and
/// no more. Which of the started jobs computes is up to the engine, which is also fair among projects.
async fn begin(
    context: &Arc<Context>,
    runs: &mut JoinSet<Done>,
    held: &mut HashMap<RequestId, Option<u64>>,
    due: &mut Turns,
) -> Result<(), NodeError> {
    let most = context.workers.saturating_mul(STARTED_PER_WORKER);
    while runs.len() < most {
        let free = most.saturating_sub(runs.len());
        let turns: Vec<_> = std::iter::from_fn(|| due.next(context.workers)).take(free).collect();
        if turns.is_empty() {
            return Ok(());
        }
        // Reread: they may have ended or been started since the turns were filled.
        let requests: Vec<_> = turns.iter().map(|(request, _)| *request).collect();
        let jobs = context.store.jobs().among(&requests).await?;
        jobs.iter().for_each(|job| context.due_jobs.put(job));
        let mut jobs: HashMap<_, _> = jobs.into_iter().map(|job| (job.seen.request, job)).collect();
        let height = context.height();
        for (request, place) in turns {
            let job = jobs.remove(&request).filter(|job| job.state == JobState::Seated);
            let Some(job) = job.filter(|job| is_due(job, height) && !held.contains_key(&request)) else {
                continue;
            };
            held.insert(request, None);
            let context = context.clone();
            runs.spawn(async move {
                let result = run_job(&context, &job).await;
                drop(place);
                (job, result)
            });
        }
    }
    Ok(())
}

/// Runs one job and signs its outcome.
async fn run_job(context: &Context, job: &JobRow) -> Result<(Commit, SignedOutcome), RunFailure> {
    let seen = &job.seen;
    let (Some(draw), Some(input)) = (&seen.draw, &seen.input) else {
        return Err(UnfitJob::Incomplete.into());
    };
    let Some((node, _)) = context.membership.at(&context.query, draw.epoch).await? else {
        return Err(UnfitJob::NotRegistered.into());
    };
    let Some(own) = context.executor.engine_id(seen.policy.profile) else {
        return Err(UnfitJob::NoProfile.into());
    };
    let engine = draw.engine.unwrap_or(own);
    if !context.executor.runs(engine, seen.policy.profile) {
        return Err(UnfitJob::NoEngine(engine).into());
    }
    let pinned = &seen.code;
    let code = load_code(context, node, seen.project, pinned).await?;
    let domain = context.domain();
    let policy = &seen.policy;
    if policy.deterministic && code::may_fetch(&code) {
        return Err(UnfitJob::NotDeterministic.into());
    }
    if policy.deterministic && policy.profile == EngineProfile::Jit {
        // The bits of a NaN, and the possible depth of recursion, depend on when the compilers step in.
        return Err(UnfitJob::NotDeterministic.into());
    }
    let query = context.query.at_least(context.height());
    let secrets = context.sealed_secrets.of(&query, &domain, node, seen.project).await?;
    let run = context
        .executor
        .run(
            engine,
            Job {
                label: format!("request {}", seen.request),
                project: seen.project.get(),
                code,
                code_hash: pinned.sha256.0,
                input: input.clone(),
                now_ns: draw.time_ns,
                seed: domain.run_seed(&draw.seed, seen.request, &pinned.sha256),
                limits: Limits {
                    wall_ms: policy.wall_ms,
                    output_bytes: policy.max_result_bytes,
                    ..Limits::default()
                },
                profile: executor::profile(policy.profile),
            },
            secrets,
        )
        .await?;
    for line in &run.logs {
        tracing::debug!(request = %seen.request, level = ?line.level, text = line.text, "console");
    }
    let Conclusion { class, body, value } = conclude(run, policy);
    let outcome = Outcome { engine, class, body, value };
    Ok(context.key.attest(&DrawnRequest::of(domain, seen, draw), node, outcome).await?)
}

/// Loads a project's code, which may be sealed to this node if no source has it in plain.
async fn load_code(
    context: &Context,
    node: NodeId,
    project: ProjectId,
    pinned: &CodeRef,
) -> Result<Arc<[u8]>, RunFailure> {
    if let Some(code) = context.private_code.known(project, pinned) {
        return Ok(code);
    }
    let missing = match context.loader.load(pinned.sha256.0, pinned.size, &pinned.sources).await {
        Ok(code) => return Ok(code),
        Err(error) if error.is_retryable() => error,
        Err(error) => return Err(error.into()),
    };
    let domain = context.domain();
    let opened =
        context.private_code.load(&context.key, &domain, node, project, pinned, context.height()).await?;
    opened.ok_or_else(|| missing.into())
}

/// Stores the results of runs, all or none; returns for each request the blocks to wait before a retry, if there is one.
async fn finish(context: &Arc<Context>, runs: Vec<Done>) -> Result<Vec<(RequestId, Option<u64>)>, NodeError> {
    let work = context.store.begin().await?;
    let (mut ended, mut moved) = (Vec::with_capacity(runs.len()), Vec::with_capacity(runs.len()));
    for (mut job, result) in runs {
        let request = job.seen.request;
        // The request may have ended in the meantime.
        if !context.due_jobs.has(request, JobState::Seated) {
            ended.push((request, None));
            continue;
        }
        let pause = outcome(context, &mut job, result);
        // Or it is ending right now; and a node signs one outcome for a request, never a second.
        let stored = work.jobs().store_run(&job).await?;
        if stored {
            metrics::counter!("gateway_node_jobs_total", "state" => job.state.as_str()).increment(1);
            moved.push((request, job.state));
        }
        ended.push((request, pause.filter(|_| stored)));
    }
    work.commit().await?;
    for (request, state) in moved {
        context.due_jobs.advance(request, JobState::Seated, state);
    }
    context.jobs_changed();
    Ok(ended)
}

/// Records the result of a job's run; returns the blocks to wait before a retry, if there is one.
fn outcome(
    context: &Arc<Context>,
    job: &mut JobRow,
    result: Result<(Commit, SignedOutcome), RunFailure>,
) -> Option<u64> {
    let (request, mut pause) = (job.seen.request, None);
    match result {
        Ok((commit, message)) => {
            tracing::info!(%request, class = %message.class, bytes = message.body.len(), "attested");
            job.class.get_or_insert(message.class);
            job.commit.get_or_insert(commit);
            job.message.get_or_insert(message);
            job.state = JobState::Attested;
            job.reason = None;
            context.ready.jobs.attested();
        }
        Err(failure) => {
            job.tries = job.tries.saturating_add(1);
            job.reason = Some(failure.to_string());
            context.ready.jobs.failed(request, &failure.to_string());
            if let Some(reason) = failure.reason() {
                abstention::send(context, job, reason, &failure.to_string());
            }
            if job.tries >= failure.tries() {
                tracing::warn!(%request, tries = job.tries, reason = %failure, "abstaining");
                job.state = JobState::Abstained;
            } else {
                tracing::warn!(%request, tries = job.tries, reason = %failure, "the run failed, retrying");
                pause = Some(schedule::pause(job.tries));
            }
        }
    }
    pause
}

#[cfg(test)]
mod tests {
    use gateway_engine::Usage;

    use super::*;

    #[test]
    fn an_unreachable_source_is_retried_in_later_attempts() {
        let tries = |reason| {
            let (text, usage) = (String::new(), Box::new(Usage::default()));
            RunFailure::Run(RunError::Abstain { reason, text, site: None, usage }).tries()
        };
        let reasons = [Abstention::Source, Abstention::Network, Abstention::Secret, Abstention::Heap];
        assert_eq!(reasons.map(tries), [TRIES, RUNS, 1, 1]);
        let blocks: u64 = (1..TRIES).map(schedule::pause).sum();
        assert!(blocks >= 60, "{blocks} blocks are those of a request's attempts");
    }
}
