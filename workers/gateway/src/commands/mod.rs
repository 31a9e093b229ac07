//! What each command does, and the exit code: 0 done, 1 failed, 2 wrong usage (said by the grammar).

mod configuration;
mod daemons;
mod demo;
mod devchain;
#[cfg(feature = "node")]
mod identity;
mod keys;

use crate::arguments::{Arguments, Command, LogFormat};
use std::process::ExitCode;

/// Any command's error: shown to a person, never inspected.
pub(crate) type CommandError = Box<dyn std::error::Error + Send + Sync>;

/// Runs a command to its end.
pub(crate) fn run(arguments: Arguments) -> ExitCode {
    match start(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: Arguments) -> Result<(), CommandError> {
    let format = match arguments.log_format {
        LogFormat::Text => gateway_kit::telemetry::LogFormat::Text,
        LogFormat::Json => gateway_kit::telemetry::LogFormat::Json,
    };
    // The demo tells its own story; its daemons log to files.
    let log = if matches!(arguments.command, Command::Demo(_)) { "warn" } else { &arguments.log };
    gateway_kit::telemetry::init(format, log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.command {
            Command::Key(key) => keys::run(key),
            Command::Config(config) => configuration::run(config),
            #[cfg(feature = "node")]
            Command::Identity(identity) => identity::run(identity).await,
            command => {
                let cancel = gateway_kit::shutdown::on_signal()?;
                match command {
                    Command::Demo(options) => Ok(demo::run(options, cancel).await?),
                    Command::Devchain(options) => devchain::run(options, cancel).await,
                    other => daemons::run(other, cancel).await,
                }
            }
        }
    })
}
