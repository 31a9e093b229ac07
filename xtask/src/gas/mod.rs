//! Writes docs/gas.md: the cost of each operation of the real wasm, measured in the chain's own virtual machine with the
//! chain's prices. Gas is deterministic, so the table is either fresh or not.

mod bench;
mod chain;
mod goals;
mod measure;
mod storage;
mod table;

use std::fs;

use crate::error::XtaskError;
use crate::{generated, workspace};

/// Writes or checks the table.
pub(crate) fn run(check: bool) -> Result<(), XtaskError> {
    let path = workspace::root().join("artifacts").join("gateway.wasm");
    let wasm = fs::read(&path).map_err(|source| XtaskError::File { path, source })?;
    let figures = measure::measure(&wasm)?;
    goals::check(&figures)?;
    let text = table::render(&figures)?;
    generated::put(&workspace::root().join("docs").join("gas.md"), &text, check, "gas")
}
