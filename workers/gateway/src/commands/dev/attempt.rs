//! One attempt: the page's code on so many nodes, and their result, as JSON for the page.

use std::sync::Arc;
use std::time::Duration;

use gateway_api::{EngineProfile, Policy};
use gateway_engine::local_run::{LocalRun, NodeRun, local_run};
use gateway_engine::{Job, Limits, Moment, Profile, RunError, RunOptions, Usage};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::workbench::Workbench;
use crate::commands::run::{agreement_lines, agreement_of};
use crate::commands::{CommandError, code_file};

/// The project under which the code is run.
pub(super) const PROJECT: u64 = 0;
/// Most nodes per attempt.
const MAX_NODES: u16 = 21;
/// Most milliseconds between the starts of two nodes.
const MAX_SKEW_MS: u64 = 5_000;

/// The page's request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attempt {
    /// The editor's text.
    code: String,
    /// The input, a JSON text.
    input: String,
    /// Nodes, 1 to 21.
    nodes: u16,
    /// Milliseconds by which each node starts after the previous one, at most 5000.
    #[serde(default)]
    skew_ms: u64,
    /// A recording in the folder that answers in place of the web.
    #[serde(default)]
    recording: Option<String>,
}

/// Runs it.
///
/// # Errors
/// [`CommandError`]: the input is not JSON, a field is out of bounds, or the types cannot be blanked out; or as
/// [`Workbench::recording`].
pub(super) async fn run(workbench: &Workbench, attempt: Attempt) -> Result<Value, CommandError> {
    serde_json::from_str::<serde::de::IgnoredAny>(&attempt.input)
        .map_err(|e| format!("the input is not JSON: {e}"))?;
    if !(1..=MAX_NODES).contains(&attempt.nodes) || attempt.skew_ms > MAX_SKEW_MS {
        return Err(format!("takes 1 to {MAX_NODES} nodes and at most {MAX_SKEW_MS} ms between them").into());
    }
    let code = code_file::from_text(&workbench.project.code(), attempt.code.into_bytes())?;
    let replay = attempt.recording.as_deref().map(|name| workbench.recording(name)).transpose()?;
    let policy = Policy { committee: u32::from(attempt.nodes), ..workbench.project.policy.clone() };
    let limits =
        Limits { wall_ms: policy.wall_ms, output_bytes: policy.max_result_bytes, ..Limits::default() };
    let moment = Moment::of(replay.as_ref());
    let (size, code_hash): (usize, [u8; 32]) = (code.len(), Sha256::digest(&code).into());
    let job = Job {
        label: "dev".to_owned(),
        project: PROJECT,
        code: Arc::from(code),
        code_hash,
        input: attempt.input,
        now_ns: moment.now_ns,
        seed: moment.seed.0,
        limits: limits.clone(),
        profile: match policy.profile {
            EngineProfile::Jitless => Profile::Jitless,
            EngineProfile::Jit => Profile::Jit,
        },
    };
    let options = RunOptions { replay, ..RunOptions::default() };
    let run = LocalRun {
        job,
        nodes: usize::from(attempt.nodes),
        skew: Duration::from_millis(attempt.skew_ms),
        options,
    };
    let nodes = local_run(&workbench.engine, run).await;
    let agreement = agreement_of(nodes.iter().map(|node| &node.recorded), &policy);
    let fetches = nodes.first().map(|first| &first.recorded.transcript.exchanges);
    let fetches = fetches.into_iter().flatten().map(|exchange| {
        json!({ "method": exchange.method, "url": exchange.url, "status": exchange.status,
                "failure": exchange.failure, "took_ms": exchange.took_ms })
    });
    Ok(json!({
        "sha256": hex::encode(code_hash),
        "size": size,
        "agreed": agreement.agreed().map(|group| json!({ "class": group.class, "body": group.body })),
        "summary": agreement_lines(&agreement, &policy),
        "nodes": nodes.iter().map(|node| describe(node, &limits)).collect::<Vec<_>>(),
        "logs": logs(nodes.first()),
        "fetches": fetches.collect::<Vec<_>>(),
    }))
}

fn describe(node: &NodeRun, limits: &Limits) -> Value {
    match &node.recorded.result {
        Ok(run) => json!({ "class": run.class.as_str(), "body": run.body, "used": used(&run.usage, limits) }),
        Err(RunError::Abstain { reason, text, usage, .. }) => {
            json!({ "class": format!("no outcome ({reason})"), "body": text, "used": used(usage, limits) })
        }
        Err(other) => json!({ "class": "no outcome", "body": other.to_string(), "used": [] }),
    }
}

/// Returns name, use and bound of each limit.
fn used(usage: &Usage, limits: &Limits) -> Value {
    json!([
        ["CPU, ms", usage.cpu_us / 1000, limits.cpu_ms],
        ["wall, ms", usage.wall_us / 1000, limits.wall_ms],
        ["heap, KiB", usage.heap_bytes / 1024, limits.heap_bytes / 1024],
        ["buffers, KiB", usage.array_buffer_bytes / 1024, limits.array_buffer_bytes / 1024],
        ["fetches", usage.fetches, limits.fetches],
        ["fetched, KiB", usage.fetch_bytes / 1024, limits.fetch_total_bytes / 1024],
    ])
}

/// Returns the console output of the first node, then the position of its error.
fn logs(first: Option<&NodeRun>) -> Vec<String> {
    let Some(run) = first.and_then(|node| node.recorded.result.as_ref().ok()) else { return Vec::new() };
    let console = run
        .logs
        .iter()
        .map(|line| format!("console.{}: {}", format!("{:?}", line.level).to_lowercase(), line.text));
    let detail = run.detail.iter().flat_map(|detail| {
        let frames = detail.stack.iter().map(|frame| format!("  at {frame}"));
        std::iter::once(detail.source_line.clone()).chain(frames)
    });
    console.chain(detail).collect()
}
