//! The commands, and the exit code: 0 done, 1 failed, 2 wrong usage (reported by the grammar), and for `run`, `check` and
//! `test` those that their help names.

#[cfg(feature = "node")]
mod audit;
mod backup;
#[cfg(feature = "node")]
mod bench;
#[cfg(feature = "node")]
mod build;
#[cfg(feature = "node")]
mod chain;
#[cfg(feature = "node")]
mod check;
#[cfg(feature = "node")]
mod code_file;
mod configuration;
#[cfg(feature = "node")]
mod configured;
mod daemons;
#[cfg(feature = "node")]
mod demo;
#[cfg(feature = "node")]
mod dev;
mod devchain;
#[cfg(feature = "node")]
mod doctor;
#[cfg(feature = "node")]
mod explain;
mod explorer;
#[cfg(feature = "node")]
mod identity;
#[cfg(feature = "node")]
mod init;
mod keys;
#[cfg(feature = "node")]
mod local_engine;
#[cfg(feature = "node")]
mod project_file;
mod reference;
#[cfg(feature = "node")]
mod refused;
#[cfg(feature = "node")]
mod run;
mod say;
#[cfg(feature = "node")]
mod test;
#[cfg(feature = "node")]
mod vm_conformance;

use std::process::ExitCode;

#[cfg(feature = "node")]
use crate::arguments::Node;
use crate::arguments::{Arguments, Command, LogFormat};

/// Any command's error: shown to a person, never inspected.
pub(crate) type CommandError = Box<dyn std::error::Error + Send + Sync>;

/// Runs a command to its end. For programs its error is JSON too: `{"error": …}` on standard error.
pub(crate) fn run(arguments: Arguments, json: bool) -> ExitCode {
    match start(arguments) {
        Ok(code) => code,
        Err(error) => {
            let text = shown(&error);
            if json {
                eprintln!("{}", serde_json::json!({ "error": text }));
            } else {
                eprintln!("error: {text}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Formats an error for people: a contract's refusal in its own words.
#[cfg(feature = "node")]
fn shown(error: &CommandError) -> String {
    let text = error.to_string();
    refused::in_its_words(&text).unwrap_or(text)
}

/// Formats an error for people: without the feature, no remaining command queries a contract.
#[cfg(not(feature = "node"))]
fn shown(error: &CommandError) -> String {
    error.to_string()
}

fn start(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let format = match arguments.log_format {
        LogFormat::Text => gateway_daemon_runtime::telemetry::LogFormat::Text,
        LogFormat::Json => gateway_daemon_runtime::telemetry::LogFormat::Json,
    };
    let log = if prints_its_own_progress(&arguments.command) { "warn" } else { &arguments.log };
    gateway_daemon_runtime::telemetry::init(format, log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let done = match arguments.command {
            Command::Key(key) => keys::run(key),
            Command::Config(config) => configuration::run(config),
            Command::Completions { shell } => reference::completions(shell),
            Command::Man { folder } => reference::manual(&folder),
            Command::Backup(options) => backup::backup(options).await,
            Command::Restore(options) => backup::restore(options).await,
            #[cfg(feature = "node")]
            Command::Identity(identity) => identity::run(identity).await,
            #[cfg(feature = "node")]
            Command::Run(options) => return run::run(options).await,
            #[cfg(feature = "node")]
            Command::Check(options) => return check::check(options).await,
            #[cfg(feature = "node")]
            Command::Init(options) => init::run(&options),
            #[cfg(feature = "node")]
            Command::Build(options) => build::run(&options),
            #[cfg(feature = "node")]
            Command::Test(options) => return test::test(options).await,
            #[cfg(feature = "node")]
            Command::Explain(options) => explain::run(options).await,
            #[cfg(feature = "node")]
            Command::Status(options) => return chain::status::run(options).await,
            #[cfg(feature = "node")]
            Command::Doctor(options) => return doctor::run(options).await,
            #[cfg(feature = "node")]
            Command::Audit(options) => return audit::run(options).await,
            #[cfg(feature = "node")]
            Command::Subscription(command) => chain::subscription::run(command).await,
            #[cfg(feature = "node")]
            Command::Secret(command) => chain::secret::run(command).await,
            #[cfg(feature = "node")]
            Command::Code(command) => chain::private_code::run(command).await,
            #[cfg(feature = "node")]
            Command::Schedule(command) => chain::schedule::run(command).await,
            #[cfg(feature = "node")]
            Command::Engine(command) => chain::engine::run(command).await,
            #[cfg(feature = "node")]
            Command::Deploy(options) => return chain::deploy::run(options).await,
            #[cfg(feature = "node")]
            Command::Project(command) => chain::project::run(command).await,
            #[cfg(feature = "node")]
            Command::Request(options) => return chain::request::request(options).await,
            #[cfg(feature = "node")]
            Command::Result(options) => return chain::request::result(options).await,
            #[cfg(feature = "node")]
            Command::Contract(command) => chain::contract::run(command).await,
            #[cfg(feature = "node")]
            Command::Node(Node { action: Some(action), .. }) => chain::node::run(action).await,
            #[cfg(feature = "node")]
            Command::VmConformance(options) => return vm_conformance::vm_conformance(options).await,
            command => {
                let cancel = gateway_daemon_runtime::shutdown::on_signal()?;
                match command {
                    #[cfg(feature = "node")]
                    Command::Demo(options) => Ok(demo::run(options, cancel).await?),
                    #[cfg(feature = "node")]
                    Command::Bench(options) => bench::run(options, cancel).await,
                    #[cfg(feature = "node")]
                    Command::Dev(options) => dev::run(options, cancel).await,
                    Command::Explorer(options) => explorer::run(options, cancel).await,
                    Command::Devchain(options) => devchain::run(options, cancel).await,
                    other => daemons::run(other, cancel).await,
                }
            }
        };
        done.map(|()| ExitCode::SUCCESS)
    })
}

/// Returns whether a command shows its own progress: the demo's daemons log to files, and a trial run prints what matters.
#[cfg(feature = "node")]
const fn prints_its_own_progress(command: &Command) -> bool {
    matches!(
        command,
        Command::Demo(_)
            | Command::Bench(_)
            | Command::Run(_)
            | Command::Check(_)
            | Command::Init(_)
            | Command::Build(_)
            | Command::Dev(_)
            | Command::Test(_)
            | Command::Explain(_)
            | Command::Status(_)
            | Command::Doctor(_)
            | Command::Audit(_)
            | Command::Subscription(_)
            | Command::Secret(_)
            | Command::Schedule(_)
            | Command::Engine(_)
            | Command::Deploy(_)
            | Command::Project(_)
            | Command::Request(_)
            | Command::Result(_)
            | Command::Contract(_)
            | Command::Node(Node { action: Some(_), .. })
            | Command::VmConformance(_)
    )
}

/// Returns false: without the feature, all remaining commands log.
#[cfg(not(feature = "node"))]
const fn prints_its_own_progress(_: &Command) -> bool {
    false
}
