//! `gateway check`: compiles a project's code and prints what registering it takes.

use super::{engine, read};
use crate::arguments::Check;
use crate::commands::CommandError;
use gateway_api::{CodeHash, CodeRef, CodeSource, Description, ExecuteMsg, Name, Policy, limits};
use gateway_engine::{FetchConfig, Manifest};
use std::process::ExitCode;

/// The code does not compile.
const REFUSED: u8 = 3;

/// `gateway check`.
pub(in crate::commands) async fn check(options: Check) -> Result<ExitCode, CommandError> {
    let code = read(&options.file)?;
    let engine = engine(1, FetchConfig::default()).await?;
    let report = engine.check(&code).await;
    engine.shutdown().await;
    let report = report?;
    println!("sha256    {}", hex::encode(report.sha256));
    println!("size      {} bytes", report.size);
    if let Some((class, body)) = report.error {
        println!("error     {} {body}", class.as_str());
        if let Some(detail) = report.detail {
            println!("          {}", detail.source_line);
        }
        return Ok(ExitCode::from(REFUSED));
    }
    println!("kind      {}", report.kind.as_deref().unwrap_or("unknown"));
    println!(
        "manifest  {}",
        report.manifest.as_ref().map_or_else(|| "none: no network".to_owned(), manifest)
    );
    // For people to read; the manifest in the code is what binds.
    let hosts = report.manifest.into_iter().flat_map(|m| m.hosts).take(limits::MAX_HOSTS).collect();
    let message = ExecuteMsg::RegisterProject {
        name: Name::new(options.name).map_err(|e| format!("--name: {e}"))?,
        description: Description::new("")?,
        code: CodeRef {
            sha256: CodeHash(report.sha256),
            size: u32::try_from(report.size)?,
            sources: vec![CodeSource::Store {}],
        },
        policy: Policy { hosts, ..Policy::default() },
    };
    // A shell ends a quoted word at the next quote.
    let message = serde_json::to_string(&message)?.replace('\'', r"'\''");
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
