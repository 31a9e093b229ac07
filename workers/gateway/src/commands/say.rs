//! Prints a command's output.

use std::io::Write as _;

use super::CommandError;

/// Writes lines to the output. A reader that has gone away (`gateway … | head`) is no error.
pub(super) fn say(text: &str) -> Result<(), CommandError> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
