//! One set of jobs on this project's VM, on node and on embeddable engines, in one run and in turn. Prints the tables of
//! `docs/benchmarks.md`, which says how to run it and how to read them.
//!
//! The workers of the VM are this executable started again, so V8 never shares a process with another engine.

#[cfg(feature = "engines")]
mod boa;
mod contender;
mod gateway;
mod jobs;
mod lifecycle;
mod node;
#[cfg(feature = "engines")]
mod quickjs;
mod table;
mod tour;

use std::process::ExitCode;
use std::time::Duration;

use contender::{BenchError, Contender};

fn main() -> ExitCode {
    // Before anything else exists, as V8 asks for.
    if std::env::args_os().nth(1).is_some_and(|word| word == gateway_engine::WORKER_SUBCOMMAND) {
        return gateway_vm::worker_main();
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), BenchError> {
    let rounds = match std::env::args().nth(1) {
        None => 7,
        Some(text) => text.parse().map_err(|_| BenchError::Usage(text))?,
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let handle = runtime.handle().clone();
    println!("{}\n", table::machine());
    println!("{}", runtime.block_on(lifecycle::measure())?);
    let jobs = jobs::all();
    let contenders: Vec<Contender> = [
        gateway::contender("jitless", gateway_engine::Profile::Jitless, &handle)?,
        gateway::contender("jit", gateway_engine::Profile::Jit, &handle)?,
        node::in_fresh_contexts()?,
        node::in_fresh_processes(),
    ]
    .into_iter()
    .chain(others())
    .collect();
    let results = tour::run(&jobs, &contenders, rounds, Duration::from_millis(200))?;
    println!("{}", table::render(&contenders, &results));
    Ok(())
}

/// Engines in this process.
#[cfg(feature = "engines")]
fn others() -> [Contender; 2] {
    [quickjs::contender(), boa::contender()]
}

#[cfg(not(feature = "engines"))]
fn others() -> [Contender; 0] {
    []
}
