//! `gateway doctor`: whether a daemon can do its work with its configuration on this machine; what prevents it, and what to do.

mod endpoints;
mod engine_plan;
mod funds;
mod machine;
mod node;

use std::process::ExitCode;

use serde::Serialize;

use super::chain::say;
use super::configured::Configured;
use super::{CommandError, configuration};
use crate::arguments::{ConfiguredDaemon, OutputFormat};

/// Something prevents the daemon from working.
const FAILED: u8 = 3;

/// The verdict of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// As it should be.
    Good,
    /// The daemon works, but something needs attention.
    Warning,
    /// The daemon cannot do its work.
    Failed,
}

/// One check.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    /// The finding.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cure: Option<String>,
}

impl Check {
    fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Good, found: found.into(), cure: None }
    }

    fn warning(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Warning, found: found.into(), cure: Some(cure.into()) }
    }

    fn failed(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Failed, found: found.into(), cure: Some(cure.into()) }
    }
}

/// Runs `gateway doctor`.
pub(super) async fn run(options: ConfiguredDaemon) -> Result<ExitCode, CommandError> {
    let configured = Configured::read(options.daemon, &options.file)?;
    let mut checks = vec![match configuration::check(options.daemon, &options.file) {
        Ok(()) => Check::good("configuration", "valid, and the files it names can be used"),
        Err(error) => Check::failed(
            "configuration",
            error.to_string(),
            "correct it: `gateway config template` explains each key",
        ),
    }];
    checks.extend(machine::checks(&configured).await);
    checks.extend(endpoints::checks(&configured).await);
    checks.extend(funds::checks(&configured).await);
    if let Some(config) = &configured.node {
        checks.extend(node::checks(config).await);
    }
    match options.output {
        OutputFormat::Text => say(&text(&checks))?,
        OutputFormat::Json => say(&serde_json::to_string_pretty(&serde_json::json!({ "checks": checks }))?)?,
    }
    let failed = checks.iter().any(|check| check.verdict == Verdict::Failed);
    Ok(if failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

fn text(checks: &[Check]) -> String {
    let count = |verdict| checks.iter().filter(|check| check.verdict == verdict).count();
    let mut lines: Vec<_> = checks
        .iter()
        .flat_map(|Check { name, verdict, found, cure }| {
            let mark = match verdict {
                Verdict::Good => "good   ",
                Verdict::Warning => "warning",
                Verdict::Failed => "FAILED ",
            };
            let cure = cure.as_ref().map(|cure| format!("{:26}→ {cure}", ""));
            std::iter::once(format!("{mark}  {name:<16} {found}")).chain(cure)
        })
        .collect();
    lines.push(match (count(Verdict::Failed), count(Verdict::Warning)) {
        (0, 0) => "nothing stands in the way".to_owned(),
        (0, warnings) => format!("nothing stands in the way; {warnings} to be seen to"),
        (failed, warnings) => format!("{failed} failed, {warnings} to be seen to"),
    });
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_shown_with_what_to_do() {
        let checks = [Check::good("disk", "plenty"), Check::failed("clock", "one hour ahead", "run chrony")];
        let text = text(&checks);
        assert!(text.contains("good     disk             plenty\n"), "{text}");
        assert!(text.contains("FAILED   clock            one hour ahead\n"), "{text}");
        assert!(text.contains("→ run chrony\n") && text.ends_with("1 failed, 0 to be seen to"), "{text}");
    }
}
