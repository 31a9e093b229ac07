//! Structured logs on standard error, as text for people or JSON for machines.
//!
//! Standard output is reserved for the command's result; nothing here writes to it.

use serde::{Deserialize, Serialize};
use tracing_subscriber::EnvFilter;

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One readable line for each event.
    #[default]
    Text,
    /// One JSON object for each event, fields flattened.
    Json,
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not valid.
    #[error("log filter {filter:?}: {reason}")]
    Filter {
        /// As given.
        filter: String,
        /// Why it was refused.
        reason: String,
    },
    /// A subscriber is already installed.
    #[error("logging is set up already")]
    Twice,
}

/// Installs the process's logger. `filter` is in the form of `RUST_LOG`, for example `info,gateway_relay=debug`.
///
/// # Errors
/// [`TelemetryError`].
pub fn init(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    let filter = parse(filter)?;
    // What cannot be written is lost. The subscriber would report it on the same standard error, and panic there.
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    let installed = match format {
        LogFormat::Text => {
            let colour = std::io::IsTerminal::is_terminal(&std::io::stderr());
            logs.with_ansi(colour).with_target(false).try_init()
        }
        LogFormat::Json => logs.json().flatten_event(true).with_current_span(true).try_init(),
    };
    installed.map_err(|_| TelemetryError::Twice)
}

fn parse(filter: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::try_new(filter)
        .map_err(|e| TelemetryError::Filter { filter: filter.to_owned(), reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_filter_is_refused_with_its_text() {
        assert!(parse("info,gateway_relay=debug").is_ok());
        let error = parse("info,gateway=loud").expect_err("no such level").to_string();
        assert!(error.contains("loud"), "{error}");
    }
}
