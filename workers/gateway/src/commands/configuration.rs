//! `gateway config`: prints a configuration to start from, and reports what is wrong with one.

mod template;

use std::path::Path;

use serde::de::DeserializeOwned;

use super::CommandError;
use super::say::say;
use crate::arguments::{Config, DaemonKind};

/// Reads a daemon's configuration: the file, then environment variables that begin with `GATEWAY_`.
pub(crate) fn load<T: DeserializeOwned>(file: &Path) -> Result<T, CommandError> {
    Ok(gateway_daemon_runtime::config::Loader::new()
        .file(file)?
        .env(&["LOG", "LOG_FORMAT", "NETWORK"])
        .load()?)
}

pub(crate) fn run(command: Config) -> Result<(), CommandError> {
    match command {
        Config::Template { daemon } => say(template::template(daemon)?.trim_end()),
        Config::Validate { daemon, file } => {
            check(daemon, &file)?;
            say(&format!("{} is valid, and the files it names can be used", file.display()))
        }
    }
}

/// Checks a configuration's values and the files that it names.
///
/// # Errors
/// For the first thing that is wrong: `ConfigError::File` or `ConfigError::Values` when the file cannot be read or is
/// malformed; otherwise the daemon's own `RelayError`, `NodeError` or `GlobalError`.
pub(super) fn check(daemon: DaemonKind, file: &Path) -> Result<(), CommandError> {
    validate(daemon, file)?;
    preflight(daemon, file)
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

/// Checks that the files named by a configuration exist and can be used. Relative paths start at the working directory.
fn preflight(daemon: DaemonKind, file: &Path) -> Result<(), CommandError> {
    match daemon {
        DaemonKind::Relay => load::<gateway_relay::RelayConfig>(file)?.preflight()?,
        #[cfg(feature = "node")]
        DaemonKind::Node => load::<gateway_node::NodeConfig>(file)?.preflight()?,
        DaemonKind::Global => load::<gateway_global::GlobalConfig>(file)?.preflight()?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(daemon: DaemonKind) -> String {
        template::template(daemon).unwrap()
    }

    const CONTRACT: &str = "archway14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sy85n2u";

    fn check_text(daemon: DaemonKind, text: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("daemon.toml");
        std::fs::write(&file, text).unwrap();
        validate(daemon, &file).map_err(|e| e.to_string())
    }

    #[test]
    fn the_committed_page_of_configurations_is_fresh() {
        let mut text = "# Configuration\n\nWritten by `REGENERATE_CLI=1 cargo test -p gateway page_of_configurations_is_fresh`: what \
                        `gateway config template` prints, made of the types that the daemons read.\n"
            .to_owned();
        for (name, daemon) in
            [("node", DaemonKind::Node), ("relay", DaemonKind::Relay), ("global", DaemonKind::Global)]
        {
            text += &format!("\n## {name}.toml\n\n```toml\n{}\n```\n", template(daemon).trim_end());
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        if std::env::var_os("REGENERATE_CLI").is_some() {
            std::fs::write(file, &text).unwrap();
        }
        let committed = std::fs::read_to_string(file).unwrap_or_default();
        assert!(committed == text, "docs/configuration.md is stale");
    }

    #[test]
    fn every_template_is_right_once_the_contract_is_filled_in() {
        for daemon in [DaemonKind::Relay, DaemonKind::Node, DaemonKind::Global] {
            let text = template(daemon);
            assert!(text.contains("contract = \"\""), "{daemon:?} has a contract for everybody");
            assert!(
                check_text(daemon, &text).is_err(),
                "{daemon:?} is refused before the contract is filled in"
            );
            let filled = text.replace("contract = \"\"", &format!("contract = \"{CONTRACT}\""));
            assert_eq!(check_text(daemon, &filled), Ok(()), "{daemon:?}");
        }
    }

    const DAEMONS: [DaemonKind; 3] = [DaemonKind::Relay, DaemonKind::Node, DaemonKind::Global];

    /// Returns the template with every commented-out key enabled, and the contract filled in.
    fn whole(daemon: DaemonKind) -> toml::Table {
        let setting = |line: &str| {
            let key = line.split(" = ").next().unwrap_or_default();
            line.starts_with('[')
                || (line.contains(" = ") && key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        };
        let text = template(daemon);
        let lines = text.lines().map(|line| match line.strip_prefix("# ") {
            Some(rest) if setting(rest) => rest,
            _ => line,
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        text.replace("contract = \"\"", &format!("contract = \"{CONTRACT}\"")).parse().unwrap()
    }

    #[test]
    fn every_key_that_is_commented_out_is_right_too() {
        for daemon in DAEMONS {
            assert_eq!(check_text(daemon, &whole(daemon).to_string()), Ok(()), "{daemon:?}");
        }
    }

    /// Returns the keys that a table of a daemon's configuration may have: its type names them when it refuses another one.
    fn keys_of(daemon: DaemonKind, path: &[&str]) -> Vec<String> {
        let mut whole = whole(daemon);
        let table = path.iter().fold(&mut whole, |table, name| match table.get_mut(*name) {
            Some(toml::Value::Table(table)) => table,
            Some(toml::Value::Array(tables)) => tables[0].as_table_mut().unwrap(),
            other => panic!("{daemon:?}: {name} is {other:?}"),
        });
        table.insert("no_such_key".to_owned(), toml::Value::Integer(1));
        let refused = check_text(daemon, &whole.to_string()).unwrap_err();
        let expected = refused.split_once("expected").unwrap_or_else(|| panic!("{refused}")).1;
        let key = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        expected.split('`').filter(key).map(str::to_owned).collect()
    }

    #[test]
    fn every_key_of_a_configuration_is_in_its_template() {
        let common: [&[&str]; 2] = [&[], &["chain"]];
        let service: [&[&str]; 3] = [&["outbox"], &["http"], &["api_keys"]];
        let own: [(DaemonKind, &[&[&str]]); 3] = [
            (DaemonKind::Relay, &[&["publish"]]),
            (DaemonKind::Node, &[&["code"], &["engine"], &["secrets"], &["account"], &["account", "outbox"]]),
            (DaemonKind::Global, &[]),
        ];
        for (daemon, tables) in own {
            let services = if matches!(daemon, DaemonKind::Node) { &service[..0] } else { &service[..] };
            for path in common.iter().chain(services).chain(tables) {
                let keys = keys_of(daemon, path);
                assert!(!keys.is_empty(), "{daemon:?} {path:?}");
                let whole = whole(daemon);
                let mut table = &whole;
                for name in *path {
                    table = match &table[*name] {
                        toml::Value::Array(tables) => tables[0].as_table().unwrap(),
                        value => value.as_table().unwrap(),
                    };
                }
                for key in keys {
                    assert!(table.contains_key(&key), "{daemon:?}: the template lacks {path:?} {key}");
                }
            }
        }
    }

    #[test]
    fn a_key_file_that_does_not_exist_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("node.toml");
        let text = template(DaemonKind::Node)
            .replace("contract = \"\"", &format!("contract = \"{CONTRACT}\""))
            .replace("node.vrf", &folder.path().join("absent.vrf").display().to_string());
        std::fs::write(&file, text).unwrap();
        assert!(validate(DaemonKind::Node, &file).is_ok());
        let refused = preflight(DaemonKind::Node, &file).unwrap_err().to_string();
        assert!(refused.contains("absent.vrf"), "{refused}");
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = check_text(
            DaemonKind::Relay,
            &format!("listn = \"127.0.0.1:1\"\n{}", template(DaemonKind::Relay)),
        )
        .unwrap_err();
        assert!(error.contains("listn"), "{error}");
    }
}
