//! The binary, run to its end as a command.

use std::path::Path;
use std::process::{Command, Output};

pub(crate) fn gateway(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gateway")).args(arguments).output().unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The same in a folder.
pub(crate) fn gateway_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gateway")).args(arguments).current_dir(folder).output().unwrap()
}

/// Output of a command that must end with this exit code.
pub(crate) fn ends(folder: &Path, exit: i32, arguments: &[&str]) -> String {
    let output = gateway_in(folder, arguments);
    let out = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {out}{}", stderr(&output));
    out
}
