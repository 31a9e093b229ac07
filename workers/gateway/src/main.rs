//! The `gateway` binary: command line and composition, no logic of its own.
fn main() {}
