//! Writes a generated file, or reports that it is stale.

use std::fs;
use std::path::Path;

use crate::error::XtaskError;

/// Writes `content` to `path`, or, when only checking, compares.
pub(crate) fn put(path: &Path, content: &str, check: bool, chore: &'static str) -> Result<(), XtaskError> {
    if check {
        return match fs::read_to_string(path) {
            Ok(found) if found == content => Ok(()),
            _ => Err(XtaskError::Stale { path: path.to_owned(), chore }),
        };
    }
    let file = |source| XtaskError::File { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(file)?;
    }
    fs::write(path, content).map_err(file)
}
