//! What the network leaves on disk.

use std::path::Path;

/// Fails where a file below a folder has the text; files of the name `known` may.
pub(crate) fn nowhere(folder: &Path, text: &str, known: &str) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            nowhere(&path, text, known);
        } else if path.is_file() && path.file_name().is_some_and(|name| name != known) {
            let bytes = std::fs::read(&path).unwrap();
            let shown = bytes.windows(text.len()).any(|part| part == text.as_bytes());
            assert!(!shown, "{} has what it must not have", path.display());
        }
    }
}
