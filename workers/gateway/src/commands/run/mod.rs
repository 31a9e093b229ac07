//! `gateway run`: a project's code as a committee would run it, and what the committee would agree on.

mod agreement;
mod report;

pub(super) use agreement::{Agreement, agree};
pub(super) use report::agreement_lines;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gateway_api::{AgreementRule, Policy, limits};
use gateway_engine::local_run::{LocalRun, NodeRun, local_run};
use gateway_engine::{
    Engine, FetchConfig, Job, Limits, Moment, Profile, Recorded, RunOptions, Secret, Transcript,
};
use gateway_node::conclude;
use sha2::{Digest, Sha256};

use super::chain::say;
use super::project_file::ProjectFolder;
use super::{code_file, local_engine};
use crate::arguments::{OutputFormat, Run};
use crate::commands::CommandError;

/// The project under which the code is run.
const PROJECT: u64 = 0;

/// Interval at which a watched file is checked.
pub(super) const WATCH: Duration = Duration::from_millis(300);

/// Runs `gateway run`.
pub(super) async fn run(mut options: Run) -> Result<ExitCode, CommandError> {
    check_input(&options.input)?;
    if options.file.is_dir() {
        let project = ProjectFolder::read(&options.file)?;
        options.file = project.code();
        options.rule.get_or_insert(project.policy.rule);
    }
    let replay: Option<Transcript> =
        options.replay.as_deref().map(|file| code_file::json(file, "a recording")).transpose()?;
    let policy = policy(&options)?;
    let limits =
        Limits { wall_ms: policy.wall_ms, output_bytes: policy.max_result_bytes, ..Limits::default() };
    let secrets = options.secrets.iter();
    let secrets = secrets.map(|s| Secret::new(PROJECT, &s.name, &s.host, s.value.expose())).collect();
    let fetch = FetchConfig { allow_http_loopback: options.localhost, secrets, ..FetchConfig::default() };
    let engine = local_engine::start(usize::from(options.nodes).min(4), fetch).await?;
    let mut seen = modified(&options.file);
    let code = loop {
        let nodes = try_once(&engine, &options, &limits, replay.clone()).await?;
        let agreement = agreement_of(nodes.iter().map(|node| &node.recorded), &policy);
        match options.output {
            OutputFormat::Text => say(report::describe(&nodes, &agreement, &policy, &limits).trim_end())?,
            OutputFormat::Json => say(&report::as_json(&nodes, &agreement).to_string())?,
        }
        if !options.watch {
            break report::exit_code(&agreement);
        }
        eprintln!("watching {}; Ctrl-C ends", options.file.display());
        let mut look = tokio::time::interval(WATCH);
        while modified(&options.file) == seen {
            look.tick().await;
        }
        seen = modified(&options.file);
    };
    engine.shutdown().await;
    Ok(ExitCode::from(code))
}

/// Refuses an input that is not JSON.
pub(super) fn check_input(input: &str) -> Result<(), CommandError> {
    let checked = serde_json::from_str::<serde::de::IgnoredAny>(input).map(|_| ());
    checked.map_err(|e| {
        format!("--input takes JSON, such as '{{\"coin\": \"ATOM\"}}', and a file as \"$(cat FILE)\": {e}")
            .into()
    })
}

/// Returns the policy described by the options; omitted ones have a policy's defaults.
///
/// # Errors
/// [`CommandError`]: what is wrong with the rule.
fn policy(options: &Run) -> Result<Policy, CommandError> {
    // Bodies compared as a whole are small, whatever others may be.
    let rule = options.rule.clone().unwrap_or(AgreementRule::Exact {});
    let max_result_bytes = match rule {
        AgreementRule::Exact {} | AgreementRule::Median { .. } => options.max_result_bytes,
        _ => options.max_result_bytes.min(limits::MAX_COMPARED_BYTES),
    };
    if let Some(fault) = rule.fault(options.quorum, max_result_bytes) {
        return Err(format!("--rule: {fault}").into());
    }
    Ok(Policy {
        committee: options.committee.unwrap_or_else(|| u32::from(options.nodes)),
        quorum_bps: options.quorum,
        rule,
        wall_ms: options.wall_ms,
        max_result_bytes,
        ..Policy::default()
    })
}

/// Returns when a file was last written; `None` while it cannot be read.
pub(super) fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|m| m.modified()).ok()
}

async fn try_once(
    engine: &Engine,
    options: &Run,
    limits: &Limits,
    replay: Option<Transcript>,
) -> Result<Vec<NodeRun>, CommandError> {
    let code = code_file::read(&options.file)?;
    let code_hash: [u8; 32] = Sha256::digest(&code).into();
    let moment = Moment::of(replay.as_ref());
    let job = Job {
        label: "local".to_owned(),
        project: PROJECT,
        code: Arc::from(code),
        code_hash,
        input: options.input.clone(),
        now_ns: moment.now_ns,
        seed: moment.seed.0,
        limits: limits.clone(),
        profile: if options.jit { Profile::Jit } else { Profile::Jitless },
    };
    let run_options =
        RunOptions { replay, fail: options.fail, time_out: options.timeout, ..RunOptions::default() };
    let nodes = usize::from(options.nodes);
    let nodes = local_run(engine, LocalRun { job, nodes, skew: options.skew, options: run_options }).await;
    if let (Some(file), Some(first)) = (&options.record, nodes.first()) {
        let recording = Transcript { moment: Some(moment), ..first.recorded.transcript.clone() };
        let text = serde_json::to_string_pretty(&recording)?;
        std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(nodes)
}

/// Evaluates the nodes' outcomes under the policy, as nodes conclude them and the contract verifies them.
pub(super) fn agreement_of<'a>(nodes: impl Iterator<Item = &'a Recorded>, policy: &Policy) -> Agreement {
    let conclusions: Vec<_> =
        nodes.map(|node| node.result.as_ref().ok().map(|run| conclude(run.clone(), policy))).collect();
    agree(&conclusions, policy)
}
