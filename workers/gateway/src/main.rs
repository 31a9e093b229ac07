//! The `gateway` binary: command line and composition, no logic of its own.
//!
//! The same executable is the VM's worker process: that case is decided before anything else exists, because V8 must be
//! initialised before any other thread and without a runtime around it.

mod arguments;
mod commands;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    #[cfg(feature = "node")]
    if std::env::args_os().nth(1).is_some_and(|word| word == gateway_vm::WORKER_SUBCOMMAND) {
        return gateway_vm::worker_main();
    }
    commands::run(arguments::Arguments::parse())
}
