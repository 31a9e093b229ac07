//! `gateway config`: prints a configuration to begin with, and says what is wrong with one.

use super::CommandError;
use crate::arguments::{Config, DaemonKind};
use serde::de::DeserializeOwned;
use std::path::Path;

const RELAY: &str = include_str!("../../templates/relay.toml");
#[cfg(feature = "node")]
const NODE: &str = include_str!("../../templates/node.toml");
const GLOBAL: &str = include_str!("../../templates/global.toml");

/// Reads a daemon's configuration: the file, then variables of the environment that begin with `GATEWAY_`.
pub(crate) fn load<T: DeserializeOwned>(file: &Path) -> Result<T, CommandError> {
    Ok(gateway_daemon_runtime::config::Loader::new().file(file)?.env(&["LOG", "LOG_FORMAT"]).load()?)
}

pub(crate) fn run(command: Config) -> Result<(), CommandError> {
    match command {
        Config::Template { daemon } => {
            print!("{}", template(daemon));
            Ok(())
        }
        Config::Validate { daemon, file } => {
            validate(daemon, &file)?;
            println!("{} is right", file.display());
            Ok(())
        }
    }
}

const fn template(daemon: DaemonKind) -> &'static str {
    match daemon {
        DaemonKind::Relay => RELAY,
        #[cfg(feature = "node")]
        DaemonKind::Node => NODE,
        DaemonKind::Global => GLOBAL,
    }
}

fn validate(daemon: DaemonKind, file: &Path) -> Result<(), CommandError> {
    match daemon {
        DaemonKind::Relay => load::<gateway_relay::RelayConfig>(file)?.validate()?,
        #[cfg(feature = "node")]
        DaemonKind::Node => load::<gateway_node::NodeConfig>(file)?.validate()?,
        DaemonKind::Global => load::<gateway_global::GlobalConfig>(file)?.validate()?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

    fn check(daemon: DaemonKind, text: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("daemon.toml");
        std::fs::write(&file, text).unwrap();
        validate(daemon, &file).map_err(|e| e.to_string())
    }

    #[test]
    fn every_template_is_right_once_the_contract_is_filled_in() {
        for daemon in [DaemonKind::Relay, DaemonKind::Node, DaemonKind::Global] {
            let text = template(daemon);
            assert!(text.contains("contract = \"\""), "{daemon:?} has a contract for everybody");
            assert!(check(daemon, text).is_err(), "{daemon:?} is refused before the contract is filled in");
            let filled = text.replace("contract = \"\"", &format!("contract = \"{CONTRACT}\""));
            assert_eq!(check(daemon, &filled), Ok(()), "{daemon:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = check(DaemonKind::Relay, &format!("listn = \"127.0.0.1:1\"\n{RELAY}")).unwrap_err();
        assert!(error.contains("listn"), "{error}");
    }
}
