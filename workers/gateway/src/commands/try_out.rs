//! `gateway run`, `check` and `vm-conformance`: a project's code in the very worker that production uses.

use super::CommandError;
use crate::arguments::{Check, Run, VmConformance};
use gateway_api::{CodeHash, CodeRef, CodeSource, Description, ExecuteMsg, Name, Policy};
use gateway_engine::conformance::{Verdict, conformance};
use gateway_engine::local_run::{LocalReport, LocalRun, NodeRun, local_run};
use gateway_engine::{
    Engine, EngineConfig, Job, Limits, Manifest, OutcomeClass, Profile, RunError, RunOptions, SandboxMode,
    Transcript, WorkerCommand,
};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The nodes agree on an error, or the code does not compile.
const AGREED_ERROR: u8 = 3;
/// The nodes do not agree.
const DISAGREED: u8 = 4;
/// A limit of the machine stopped a node.
const STOPPED: u8 = 5;
/// How often a watched file is looked at.
const WATCH: Duration = Duration::from_millis(300);

async fn engine(workers: usize) -> Result<Engine, CommandError> {
    let mut config = EngineConfig::new(WorkerCommand::this_executable()?);
    config.sandbox = SandboxMode::BestEffort;
    config.workers = workers;
    Ok(Engine::start(config).await?)
}

fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()).into())
}

/// `gateway run`.
pub(crate) async fn run(options: Run) -> Result<ExitCode, CommandError> {
    serde_json::from_str::<serde::de::IgnoredAny>(&options.input)
        .map_err(|e| format!("--input is not JSON: {e}"))?;
    let replay = match &options.replay {
        None => None,
        Some(file) => {
            let transcript: Transcript =
                serde_json::from_slice(&read(file)?).map_err(|e| format!("{}: {e}", file.display()))?;
            Some(transcript)
        }
    };
    let engine = engine(usize::from(options.nodes).min(4)).await?;
    let mut seen = modified(&options.file);
    let code = loop {
        let report = try_once(&engine, &options, replay.clone()).await?;
        print!("{}", describe(&report, &options));
        if !options.watch {
            break verdict(&report);
        }
        println!("watching {}; Ctrl-C ends", options.file.display());
        let mut look = tokio::time::interval(WATCH);
        while modified(&options.file) == seen {
            look.tick().await;
        }
        seen = modified(&options.file);
    };
    engine.shutdown().await;
    Ok(ExitCode::from(code))
}

fn modified(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|m| m.modified()).ok()
}

async fn try_once(
    engine: &Engine,
    options: &Run,
    replay: Option<Transcript>,
) -> Result<LocalReport, CommandError> {
    let code = read(&options.file)?;
    let code_hash: [u8; 32] = Sha256::digest(&code).into();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let job = Job {
        label: "local".to_owned(),
        project: 0,
        code: Arc::from(code),
        code_hash,
        input: options.input.clone(),
        now_ns: u64::try_from(now.as_nanos()).unwrap_or(u64::MAX),
        seed: Sha256::digest(now.as_nanos().to_be_bytes()).into(),
        limits: Limits { wall_ms: options.wall_ms, ..Limits::default() },
        profile: if options.jit { Profile::Jit } else { Profile::Jitless },
    };
    let run_options = RunOptions { replay, fail: options.fail, time_out: options.timeout };
    let nodes = usize::from(options.nodes);
    let report = local_run(engine, LocalRun { job, nodes, skew: options.skew, options: run_options }).await;
    if let (Some(file), Some(first)) = (&options.record, report.nodes.first()) {
        let text = serde_json::to_string_pretty(&first.recorded.transcript)?;
        std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(report)
}

/// The exit code a report comes to.
fn verdict(report: &LocalReport) -> u8 {
    if !report.abstained.is_empty() {
        return STOPPED;
    }
    match report.agreed() {
        None => DISAGREED,
        Some(group) if group.class == OutcomeClass::Ok.name() => 0,
        Some(_) => AGREED_ERROR,
    }
}

/// A report in words. Writing to a string cannot fail, so its results are dropped.
fn describe(report: &LocalReport, options: &Run) -> String {
    let limits = Limits { wall_ms: options.wall_ms, ..Limits::default() };
    let mut out = String::new();
    for (i, node) in report.nodes.iter().enumerate() {
        let _ = writeln!(out, "node {:<2}  {}", i + 1, describe_node(node, &limits));
    }
    if let Some(first) = report.nodes.first().and_then(|node| node.recorded.result.as_ref().ok()) {
        for line in &first.logs {
            let _ = writeln!(out, "  console.{}: {}", format!("{:?}", line.level).to_lowercase(), line.text);
        }
        if let Some(detail) = &first.detail {
            let _ = writeln!(out, "  {}", detail.source_line);
            for frame in &detail.stack {
                let _ = writeln!(out, "    at {frame}");
            }
        }
    }
    match report.agreed() {
        Some(group) => {
            let _ = writeln!(out, "all {} agree: {} {}", group.nodes.len(), group.class, group.body);
        }
        None => {
            let _ = writeln!(
                out,
                "no agreement of all: {} outcomes, {} without one",
                report.groups.len(),
                report.abstained.len()
            );
            for group in &report.groups {
                let nodes: Vec<String> = group.nodes.iter().map(|n| (n + 1).to_string()).collect();
                let _ = writeln!(out, "  {} of node {}: {}", group.class, nodes.join(", "), group.body);
            }
            for difference in &report.differences {
                let path = if difference.path.is_empty() { "the whole result" } else { &difference.path };
                let _ = writeln!(out, "  {path} differs:");
                for (node, value) in &difference.values {
                    let _ = writeln!(out, "    node {}: {}", node + 1, value.as_deref().unwrap_or("absent"));
                }
            }
        }
    }
    out
}

fn describe_node(node: &NodeRun, limits: &Limits) -> String {
    let (head, usage) = match &node.recorded.result {
        Ok(run) => (format!("{:<16}", run.class.name()), Some(run.usage.clone())),
        Err(RunError::Abstain { reason, text, site, usage }) => {
            let place = site.as_ref().map_or_else(String::new, |s| format!(" at {}:{}", s.line, s.column));
            (format!("no outcome ({reason}): {text}{place};"), Some((**usage).clone()))
        }
        Err(other) => (format!("no outcome: {other}"), None),
    };
    let used = usage.map_or_else(String::new, |u| {
        format!(
            " cpu {} of {} ms, wall {} of {} ms, heap {} of {} KiB, {} of {} fetches ({} of {} KiB)",
            u.cpu_us / 1000,
            limits.cpu_ms,
            u.wall_us / 1000,
            limits.wall_ms,
            u.heap_bytes / 1024,
            limits.heap_bytes / 1024,
            u.fetches,
            limits.fetches,
            u.fetch_bytes / 1024,
            limits.fetch_total_bytes / 1024,
        )
    });
    format!("{head}{used}")
}

/// `gateway check`.
pub(crate) async fn check(options: Check) -> Result<ExitCode, CommandError> {
    let code = read(&options.file)?;
    let engine = engine(1).await?;
    let report = engine.check(&code).await;
    engine.shutdown().await;
    let report = report?;
    println!("sha256    {}", hex::encode(report.sha256));
    println!("size      {} bytes", report.size);
    if let Some((class, body)) = report.error {
        println!("error     {} {body}", class.name());
        if let Some(detail) = report.detail {
            println!("          {}", detail.source_line);
        }
        return Ok(ExitCode::from(AGREED_ERROR));
    }
    println!("kind      {}", report.kind.as_deref().unwrap_or("unknown"));
    println!(
        "manifest  {}",
        report.manifest.as_ref().map_or_else(|| "none: no network".to_owned(), manifest)
    );
    let message = ExecuteMsg::RegisterProject {
        name: Name::new(options.name).map_err(|e| format!("--name: {e}"))?,
        description: Description::new("")?,
        code: CodeRef {
            sha256: CodeHash(report.sha256),
            size: u32::try_from(report.size)?,
            sources: vec![CodeSource::Store {}],
        },
        policy: Policy { hosts: report.manifest.map(|m| m.hosts).unwrap_or_default(), ..Policy::default() },
    };
    let message = serde_json::to_string(&message)?;
    println!("\nRegister it, once its code is where `sources` says:\n");
    println!("archwayd tx wasm execute <contract> '{message}' --from <key> --gas auto --gas-adjustment 1.3");
    Ok(ExitCode::SUCCESS)
}

fn manifest(manifest: &Manifest) -> String {
    let hosts = if manifest.hosts.is_empty() { "no network".to_owned() } else { manifest.hosts.join(", ") };
    let methods =
        if manifest.methods.is_empty() { "GET, HEAD".to_owned() } else { manifest.methods.join(", ") };
    format!("hosts {hosts}; methods {methods}")
}

/// `gateway vm-conformance`.
pub(crate) async fn vm_conformance(options: VmConformance) -> Result<ExitCode, CommandError> {
    let engine = engine(2).await?;
    let filter = options.only.unwrap_or_default();
    let (mut passed, mut failed, mut skipped) = (0u32, 0u32, 0u32);
    let run = conformance(&engine, &options.folder, &filter, |file| {
        let path = file.path.display();
        match &file.verdict {
            Verdict::Pass => {
                passed += 1;
                println!("pass {path}");
            }
            Verdict::Fail(what) => {
                failed += 1;
                println!("fail {path}: {what}");
            }
            Verdict::Skip(why) => {
                skipped += 1;
                println!("skip {path}: {why}");
            }
        }
    })
    .await;
    engine.shutdown().await;
    run?;
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(AGREED_ERROR) })
}
