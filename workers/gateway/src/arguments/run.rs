//! Options of commands that run code in the worker: `run`, `check`, `vm-conformance`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gateway_api::{AgreementRule, MedianField, limits};
use gateway_daemon_runtime::{SecretSource, SecretString};

use super::{ChainOptions, OutputFormat};

/// What to run, and on how many simulated nodes.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The code: an ES module with a default export, in JavaScript or TypeScript (`.ts`), or a script that defines
    /// `mainFunction`; or a project's folder with its `gateway.toml`.
    #[arg(default_value = ".")]
    pub file: PathBuf,
    /// The input, a JSON text.
    #[arg(long, default_value = "null", allow_hyphen_values = true)]
    pub input: String,
    /// Nodes to run it on, 1 to 64.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub nodes: u16,
    /// Aggregation rule: `exact`; `median:BPS` with the tolerance in basis points of the median; `fields:PATH=BPS,…` for medians of
    /// an object's fields, such as `fields:/price=50,/volume=500`; or `mode:BPS` with the share of the committee that the
    /// commonest outcome needs. [default: the folder's, or exact]
    #[arg(long, value_parser = agreement_rule)]
    pub rule: Option<AgreementRule>,
    /// Seats of the committee, each node holding one. [default: as many as there are nodes]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=101))]
    pub committee: Option<u32>,
    /// Seats that must agree, in basis points of the committee.
    #[arg(long, default_value_t = 6000, value_parser = clap::value_parser!(u16).range(5001..=10_000))]
    pub quorum: u16,
    /// Each node starts this much after the one before.
    #[arg(long, default_value = "0s", value_parser = humantime::parse_duration)]
    pub skew: Duration,
    /// Answer the first fetches with a status instead, as `STATUS:COUNT`.
    #[arg(long, value_parser = failing_fetches)]
    pub fail: Option<(u16, u32)>,
    /// Let so many of the first fetches run into their time-out.
    #[arg(long, default_value_t = 0)]
    pub timeout: u32,
    /// Write the first node's fetches and their answers to a file, with the time and the random seed of the run.
    #[arg(long)]
    pub record: Option<PathBuf>,
    /// Answer fetches from such a file, at its time and with its random seed; nothing reaches the network.
    #[arg(long, conflicts_with_all = ["record", "fail", "timeout"])]
    pub replay: Option<PathBuf>,
    /// Compile to machine code, as projects with the profile `jit` do.
    #[arg(long)]
    pub jit: bool,
    /// Limit of a run's wall time, milliseconds.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(50..=60_000))]
    pub wall_ms: u32,
    /// Limit of the result's canonical form, bytes.
    #[arg(long, default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub max_result_bytes: u32,
    /// Let the code reach plain HTTP servers on this machine, where its manifest lists `localhost`. No node does.
    #[arg(long)]
    pub localhost: bool,
    /// A secret for the code, as a node's operator would set it: `NAME=VALUE@HOST`, where the value may be `env:VARIABLE` or
    /// `file:PATH`. Repeatable.
    #[arg(long = "secret", value_name = "NAME=VALUE@HOST", value_parser = secret)]
    pub secrets: Vec<SecretArgument>,
    /// Rerun whenever the file changes.
    #[arg(long)]
    pub watch: bool,
    /// Format of the report; with `--watch`, one document for each run.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// A secret on the command line.
#[derive(Clone)]
pub(crate) struct SecretArgument {
    pub name: String,
    pub value: SecretString,
    pub host: String,
}

impl std::fmt::Debug for SecretArgument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=***@{}", self.name, self.host)
    }
}

pub(super) fn secret(text: &str) -> Result<SecretArgument, String> {
    let parts = text.split_once('=').and_then(|(name, rest)| Some((name, rest.rsplit_once('@')?)));
    let Some((name, (value, host))) =
        parts.filter(|(name, (value, host))| !name.is_empty() && !value.is_empty() && !host.is_empty())
    else {
        return Err("write NAME=VALUE@HOST, for example KEY=env:WEATHER_KEY@api.example.com".to_owned());
    };
    let value = match secret_source(value) {
        Some(source) => source.load().map_err(|e| e.to_string())?,
        None => SecretString::new(value.to_owned()),
    };
    Ok(SecretArgument { name: name.to_owned(), value, host: host.to_owned() })
}

/// Parses where a secret is kept: `env:VARIABLE` or `file:PATH`; `None` for any other text.
pub(crate) fn secret_source(text: &str) -> Option<SecretSource> {
    let variable = text.strip_prefix("env:").map(|name| SecretSource::Env(name.to_owned()));
    variable.or_else(|| text.strip_prefix("file:").map(|path| SecretSource::File(path.into())))
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The code, JavaScript or TypeScript (`.ts`); or a project's folder with its `gateway.toml`.
    pub file: PathBuf,
    /// Name of the project in the message that registers it. [default: what `gateway.toml` says, or `my project`]
    #[arg(long)]
    pub name: Option<String>,
    /// The network whose command is printed.
    #[command(flatten)]
    pub chain: ChainOptions,
}

#[derive(Debug, Args)]
pub(crate) struct VmConformance {
    /// A checkout of test262, or a folder with its layout.
    pub folder: PathBuf,
    /// Run only the files whose path contains this text.
    #[arg(long)]
    pub only: Option<String>,
}

fn failing_fetches(text: &str) -> Result<(u16, u32), String> {
    let (status, count) = text.split_once(':').ok_or("takes STATUS:COUNT, such as 429:2")?;
    let status: u16 = status.parse().map_err(|_| format!("{status:?} is not an HTTP status"))?;
    let count = count.parse().map_err(|_| format!("{count:?} is not a number of fetches"))?;
    if (100..=599).contains(&status) {
        Ok((status, count))
    } else {
        Err("a status takes 100 to 599".to_owned())
    }
}

fn agreement_rule(text: &str) -> Result<AgreementRule, String> {
    let bps = |text: &str| {
        let bps = text.parse::<u16>().ok().filter(|bps| *bps <= limits::BPS);
        bps.ok_or_else(|| format!("{text:?} is not a number of 0 to 10000 basis points"))
    };
    match text.split_once(':') {
        None if text == "exact" => Ok(AgreementRule::Exact {}),
        Some(("median", tolerance)) => Ok(AgreementRule::Median { tolerance_bps: bps(tolerance)? }),
        Some(("mode", share)) => Ok(AgreementRule::Mode { min_bps: bps(share)? }),
        Some(("fields", list)) => {
            let field = |text: &str| {
                let (path, tolerance) =
                    text.split_once('=').ok_or("a field takes PATH=BPS, such as /price=50")?;
                Ok(MedianField { path: path.to_owned(), tolerance_bps: bps(tolerance)? })
            };
            let fields = list.split(',').map(field).collect::<Result<_, String>>()?;
            Ok(AgreementRule::MedianFields { fields })
        }
        _ => Err("takes exact, median:BPS, fields:PATH=BPS,… or mode:BPS".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_what_is_wrong_is_named() {
        let field = |path: &str, tolerance_bps| MedianField { path: path.to_owned(), tolerance_bps };
        let fields = vec![field("/price", 50), field("/a/0", 0)];
        for (text, rule) in [
            ("exact", AgreementRule::Exact {}),
            ("median:50", AgreementRule::Median { tolerance_bps: 50 }),
            ("mode:4000", AgreementRule::Mode { min_bps: 4000 }),
            ("fields:/price=50,/a/0=0", AgreementRule::MedianFields { fields }),
        ] {
            assert_eq!(agreement_rule(text), Ok(rule), "{text}");
        }
        for (text, says) in [
            ("exact:1", "takes exact"),
            ("average", "takes exact"),
            ("median:10001", "10001"),
            ("mode:", "basis points"),
            ("fields:/price", "PATH=BPS"),
            ("fields:/price=x", "\"x\""),
        ] {
            assert!(agreement_rule(text).unwrap_err().contains(says), "{text}");
        }
    }
}
