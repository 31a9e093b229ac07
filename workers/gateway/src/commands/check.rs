//! `gateway check`: compiles a project's code and prints the message that registers it.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use gateway_api::{
    CodeHash, CodeRef, CodeSource, Description, ExecuteMsg, Name, OutcomeClass, Policy, ProjectId,
};
use gateway_engine::{
    CheckReport, Engine, FetchConfig, Job, Limits, Manifest, Profile, RunOptions, Transcript,
};

use super::chain::say;
use super::chain::{Network, archwayd};
use super::project_file::{ProjectFolder, hosts_of};
use super::{CommandError, code_file, local_engine};
use crate::arguments::{Check, OutputFormat};

/// The code does not compile, or has nothing to call.
const REFUSED: u8 = 3;

/// Runs `gateway check`.
pub(super) async fn check(options: Check) -> Result<ExitCode, CommandError> {
    let project = if options.file.is_dir() { Some(ProjectFolder::read(&options.file)?) } else { None };
    let file = project.as_ref().map_or_else(|| options.file.clone(), ProjectFolder::code);
    let code = code_file::read(&file)?;
    let engine = local_engine::start(1, FetchConfig::default()).await?;
    let report = engine.check(&code).await;
    let entry = has_entry(&engine, &code).await;
    engine.shutdown().await;
    let report = report?;
    let folder = project.as_ref().map_or(Path::new("."), |project| &project.folder);
    if options.chain.output == OutputFormat::Json {
        let callable = entry && report.error.is_none();
        let mut shown = as_json(&report, entry);
        if callable {
            let network = Network::resolve(&options.chain, folder)?;
            shown["messages"] =
                serde_json::to_value(messages(&options, project.as_ref(), &network.name, report)?)?;
        }
        say(&serde_json::to_string_pretty(&shown)?)?;
        return Ok(if callable { ExitCode::SUCCESS } else { ExitCode::from(REFUSED) });
    }
    say(&format!("sha256    {}", hex::encode(report.sha256)))?;
    say(&format!("size      {} bytes", report.size))?;
    if let Some((class, body)) = &report.error {
        say(&format!("error     {} {body}", class.as_str()))?;
        if let Some(detail) = &report.detail {
            say(&format!("          {}", detail.source_line))?;
        }
        return Ok(ExitCode::from(REFUSED));
    }
    say(&format!("kind      {}", report.kind.as_deref().unwrap_or("unknown")))?;
    say(&format!(
        "manifest  {}",
        report.manifest.as_ref().map_or_else(|| "none: no network".to_owned(), manifest)
    ))?;
    if !entry {
        say("error     no_function: the code has neither a default export nor `mainFunction`")?;
        return Ok(ExitCode::from(REFUSED));
    }
    let network = Network::resolve(&options.chain, folder)?;
    let contract = network.contract().unwrap_or("<contract>");
    say("\nRegister it with `gateway deploy`, or by hand once its code is where `sources` says:\n")?;
    for message in messages(&options, project.as_ref(), &network.name, report)? {
        say(&format!("{}\n", archwayd::execute(&network, contract, &serde_json::to_string(&message)?, 0)))?;
    }
    say(&format!("The ids are in its events:\n{}", archwayd::show_transaction(&network)))?;
    Ok(ExitCode::SUCCESS)
}

/// Returns the findings, for programs.
fn as_json(report: &CheckReport, entry: bool) -> serde_json::Value {
    let error = match &report.error {
        Some((class, body)) => serde_json::json!({ "class": class, "body": body }),
        None if entry => serde_json::Value::Null,
        None => serde_json::json!({ "class": OutcomeClass::NoFunction, "body": null }),
    };
    let manifest = report.manifest.as_ref();
    serde_json::json!({
        "sha256": hex::encode(report.sha256),
        "size": report.size,
        "kind": report.kind,
        "hosts": manifest.map(|manifest| &manifest.hosts),
        "methods": manifest.map(|manifest| &manifest.methods),
        "error": error,
        "source_line": report.detail.as_ref().map(|detail| &detail.source_line),
    })
}

/// Runs the code without an input or a network, to see whether it has an entry point.
async fn has_entry(engine: &Engine, code: &[u8]) -> bool {
    let job = Job {
        label: "check".to_owned(),
        project: 0,
        code: Arc::from(code),
        code_hash: <sha2::Sha256 as sha2::Digest>::digest(code).into(),
        input: "null".to_owned(),
        now_ns: 0,
        seed: [0; 32],
        limits: Limits::default(),
        profile: Profile::default(),
    };
    let options = RunOptions { replay: Some(Transcript::default()), ..RunOptions::default() };
    let run = engine.run_with(job, options).await.result;
    !run.is_ok_and(|run| run.class == OutcomeClass::NoFunction)
}

/// Returns the message that registers the project, or, if it has a number on the network, the one that adds a version there.
fn messages(
    options: &Check,
    project: Option<&ProjectFolder>,
    network: &str,
    report: CheckReport,
) -> Result<Vec<ExecuteMsg>, CommandError> {
    let code = CodeRef {
        sha256: CodeHash(report.sha256),
        size: u32::try_from(report.size)?,
        sources: vec![CodeSource::Store {}],
    };
    let manifest = report.manifest.as_ref();
    let policy = match project {
        Some(project) => project.policy_for(manifest)?,
        None => Policy { hosts: hosts_of(manifest), ..Policy::default() },
    };
    let name = match (&options.name, project) {
        (Some(name), _) => name.as_str(),
        (None, Some(project)) => project.project.name.as_str(),
        (None, None) => "my project",
    };
    let description = project.map_or("", |p| p.project.description.as_str());
    let mut messages = vec![ExecuteMsg::RegisterProject {
        name: Name::new(name).map_err(|e| format!("the project's name: {e}"))?,
        description: Description::new(description)?,
        code: code.clone(),
        policy: policy.clone(),
    }];
    messages.extend(project.and_then(|p| p.project.id.get(network)).map(|id| ExecuteMsg::AddVersion {
        project: ProjectId(*id),
        code: code.clone(),
        policy: policy.clone(),
    }));
    Ok(messages)
}

fn manifest(manifest: &Manifest) -> String {
    let hosts = if manifest.hosts.is_empty() { "no network".to_owned() } else { manifest.hosts.join(", ") };
    let methods =
        if manifest.methods.is_empty() { "GET, HEAD".to_owned() } else { manifest.methods.join(", ") };
    format!("hosts {hosts}; methods {methods}")
}
