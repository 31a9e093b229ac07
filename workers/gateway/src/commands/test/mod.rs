//! `gateway test`: runs a project's test cases on simulated nodes and compares what they agree on with the expectations.

mod case_file;
mod execute;
mod output;
mod perturb;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use case_file::{CaseFile, Expectation};
use execute::{CaseResult, execute};
use gateway_api::OutcomeClass;
use gateway_engine::{Engine, FetchConfig};
use output::{Done, report};

use super::chain::say;
use super::project_file::ProjectFolder;
use super::run::{WATCH, modified};
use super::{CommandError, code_file, local_engine};
use crate::arguments::Test;

/// A case deviates from its expectation.
const FAILED: u8 = 3;
/// Workers that run cases.
const WORKERS: usize = 2;

/// Runs `gateway test`.
pub(super) async fn test(options: Test) -> Result<ExitCode, CommandError> {
    let fetch = FetchConfig { allow_http_loopback: options.localhost, ..FetchConfig::default() };
    let engine = local_engine::start(WORKERS, fetch).await?;
    let mut seen = state(&options.path);
    let passed = loop {
        let done = run_all(&engine, &options).await;
        if !options.watch {
            break done?;
        }
        if let Err(error) = done {
            println!("error: {error}");
        }
        println!("watching {}; Ctrl-C ends", options.path.display());
        let mut look = tokio::time::interval(WATCH);
        while state(&options.path) == seen {
            look.tick().await;
        }
        seen = state(&options.path);
    };
    engine.shutdown().await;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// Returns when each file in the project's folder was last written.
fn state(path: &Path) -> Vec<(PathBuf, Option<std::time::SystemTime>)> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .map(|path| {
            let time = modified(&path);
            (path, time)
        })
        .collect();
    files.sort();
    files
}

/// Runs every case, prints the report, and returns whether all passed.
async fn run_all(engine: &Engine, options: &Test) -> Result<bool, CommandError> {
    let project = ProjectFolder::read(&options.path)?;
    let files = if options.path.is_dir() { project.tests()? } else { vec![options.path.clone()] };
    let one = &options.path;
    if !one.is_dir() && !one.to_str().is_some_and(|name| name.ends_with(".json")) {
        return Err(format!("{}: takes a project's folder, or a file of test cases", one.display()).into());
    }
    if files.is_empty() {
        return Err(format!("{}: no file ends with .test.json", project.folder.display()).into());
    }
    let code: Arc<[u8]> = code_file::read(&project.code())?.into();
    let has_transform = String::from_utf8_lossy(&code).contains("transform");
    let mut cases = Vec::new();
    for file in &files {
        cases.push((file, CaseFile::read(file)?));
    }
    let mut updated = 0usize;
    let mut done = Vec::new();
    for (file, case_file) in &mut cases {
        let mut changed = false;
        for case in &mut case_file.cases {
            if options.only.as_ref().is_some_and(|part| !case.name.contains(part.as_str())) {
                continue;
            }
            let mut result = execute(engine, &code, &project.policy, &project.folder, case).await?;
            if options.update && !result.faults.is_empty() {
                case.expect = found(&result);
                result.faults.clear();
                changed = true;
                updated += 1;
            }
            done.push(Done { file: file.to_path_buf(), name: case.name.clone(), result });
        }
        if changed {
            case_file.write(file)?;
        }
    }
    if let (true, Some(part)) = (done.is_empty(), &options.only) {
        return Err(format!("no case has {part:?} in its name").into());
    }
    say(report(&done, &project.policy, has_transform, options.report)?.trim_end())?;
    if updated > 0 {
        eprintln!("{updated} expectations were replaced by what was found");
    }
    Ok(done.iter().all(|done| done.result.faults.is_empty()))
}

/// Returns the actual result as an expectation.
fn found(result: &CaseResult) -> Expectation {
    match result.agreement.agreed() {
        None => Expectation { agreed: Some(false), ..Expectation::default() },
        Some(group) if group.class == OutcomeClass::Ok => {
            Expectation { value: serde_json::from_str(&group.body).ok(), ..Expectation::default() }
        }
        Some(group) => {
            let body: serde_json::Value = serde_json::from_str(&group.body).unwrap_or_default();
            let message = body.get("message").and_then(|m| m.as_str()).map(str::to_owned);
            Expectation { class: Some(group.class), message, ..Expectation::default() }
        }
    }
}
