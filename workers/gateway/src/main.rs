//! The `gateway` binary: command line and composition, no logic of its own.
//!
//! The same executable is also the VM's worker process: that case is handled before anything else exists, because V8 must be
//! initialised before any other thread and without a runtime around it.

mod arguments;
mod commands;

use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

fn main() -> ExitCode {
    #[cfg(feature = "node")]
    if std::env::args_os().nth(1).is_some_and(|word| word == gateway_vm::WORKER_SUBCOMMAND) {
        return gateway_vm::worker_main();
    }
    let matches = arguments::Arguments::command().get_matches();
    match arguments::Arguments::from_arg_matches(&matches) {
        Ok(arguments) => commands::run(arguments, arguments::wants_json(&matches)),
        Err(error) => error.exit(),
    }
}
