//! The worker as a program of its own, for tests and benches; the product starts itself with the hidden
//! subcommand instead.

use std::process::ExitCode;

fn main() -> ExitCode {
    gateway_vm::worker_main()
}
