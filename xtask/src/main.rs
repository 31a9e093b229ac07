//! Repository chores with logic: `cargo xtask <chore>`, with `--check` for chores that write files, which then only report
//! whether they are fresh. Knows the packages and the contracts, never a worker.

mod book;
mod error;
mod gas;
mod generated;
mod reference;
mod schema;
mod seeded_faults;
mod simulate;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use error::XtaskError;

#[derive(Parser)]
#[command(about = "Repository chores")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Builds the book of docs/ into target/book and follows every link in it.
    Book {
        /// The program that builds it.
        #[arg(long, default_value = "mdbook")]
        mdbook: std::path::PathBuf,
    },
    /// Writes the book's pages that are made of other files: the types of code, the daemons' HTTP.
    Reference {
        /// Only say whether they are fresh.
        #[arg(long)]
        check: bool,
    },
    /// Writes the JSON Schemas of every contract to schema/.
    Schema {
        /// Only say whether they are fresh.
        #[arg(long)]
        check: bool,
    },
    /// Writes docs/gas.md from the contract's artifact.
    Gas {
        /// Only say whether it is fresh.
        #[arg(long)]
        check: bool,
    },
    /// Puts the faults of tests/seeded-faults into the daemons' sources, one at a time, and says which ones the tests notice.
    SeededFaults {
        /// Only those whose name, file or package contains this.
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
        /// What runs the tests of `{package}`.
        #[arg(long, value_name = "COMMAND", default_value = seeded_faults::TESTS)]
        tests: String,
    },
    /// Draws a great many committees and writes docs/draws.md.
    Simulate {
        /// Draws for each line of its tables.
        #[arg(long, default_value_t = simulate::FEW)]
        draws: u32,
        /// Only say whether it is fresh.
        #[arg(long)]
        check: bool,
    },
    /// Checks the contract artifacts: size, imports, the chain's static checks, and that they belong to the sources.
    Wasm {
        /// Record checksums and the digest of the sources, for artifacts that this compiler has just built.
        #[arg(long, value_name = "TOOLCHAIN")]
        record: Option<String>,
        /// Only check; this is also what happens without --record.
        #[arg(long, conflicts_with = "record")]
        check: bool,
        /// Empty the functions that no contract can run, in a module that still has its names.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["record", "check"])]
        snip: Option<std::path::PathBuf>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().chore {
        Chore::Book { mdbook } => book::run(&mdbook),
        Chore::Reference { check } => reference::run(check),
        Chore::Schema { check } => schema::run(check),
        Chore::Gas { check } => gas::run(check),
        Chore::SeededFaults { only, tests } => seeded_faults::run(only.as_deref(), &tests),
        Chore::Simulate { draws, check } => simulate::run(draws, check),
        Chore::Wasm { snip: Some(path), .. } => wasm::snip(&path),
        Chore::Wasm { record: Some(toolchain), .. } => wasm::record(&toolchain),
        Chore::Wasm { record: None, .. } => wasm::check(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

fn report(error: &XtaskError) {
    eprintln!("xtask: {error}");
}
