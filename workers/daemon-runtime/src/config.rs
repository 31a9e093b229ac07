//! Configuration in layers: defaults, then a TOML file, then the environment, then the command line.
//!
//! Defaults live in the types (`#[serde(default)]`), which must deny unknown fields: a mistyped key is an error,
//! never a silent default. Errors name the source, the key and the reason.

use std::path::{Path, PathBuf};

use figment::providers::{Env, Format, Serialized, Toml};
use figment::{Figment, Source};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Prefix of environment variables that set configuration: `GATEWAY_CHAIN__RPC` sets `chain.rpc`.
pub const ENV_PREFIX: &str = "GATEWAY_";

/// Why the configuration could not be loaded.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// The file does not exist or cannot be read.
    #[error("configuration file {}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// One or more values are wrong; one line for each.
    #[error("configuration is not valid: {}", .0.join("; "))]
    Values(Vec<String>),
}

/// Collects the layers of one configuration.
#[derive(Debug)]
pub struct Loader {
    figment: Figment,
}

impl Default for Loader {
    fn default() -> Self {
        Self::new()
    }
}

impl Loader {
    /// Creates an empty set of layers: the type's own defaults.
    pub fn new() -> Self {
        Self { figment: Figment::new() }
    }

    /// Adds a TOML file, which must exist.
    ///
    /// # Errors
    /// [`ConfigError::File`].
    pub fn file(mut self, path: &Path) -> Result<Self, ConfigError> {
        let fail = |reason: String| ConfigError::File { path: path.to_owned(), reason };
        std::fs::File::open(path).map_err(|e| fail(e.to_string()))?;
        self.figment = self.figment.merge(Toml::file_exact(path));
        Ok(self)
    }

    /// Adds the environment: every variable that starts with [`ENV_PREFIX`], with `__` between levels, except those in `ignore`
    /// (names without the prefix, any case), which have other meanings.
    #[must_use]
    pub fn env(mut self, ignore: &[&str]) -> Self {
        self.figment = self.figment.merge(Env::prefixed(ENV_PREFIX).ignore(ignore).split("__"));
        self
    }

    /// Adds values set on the command line: a structure that skips absent values when serialised.
    #[must_use]
    pub fn overrides<T: Serialize>(mut self, values: T) -> Self {
        self.figment = self.figment.merge(Serialized::defaults(values));
        self
    }

    /// Sets one value by its dotted key.
    #[must_use]
    pub fn set<T: Serialize>(mut self, key: &str, value: T) -> Self {
        self.figment = self.figment.merge(Serialized::default(key, value));
        self
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// [`ConfigError::Values`] naming source, key and reason of each wrong value.
    pub fn load<T: DeserializeOwned>(self) -> Result<T, ConfigError> {
        self.figment
            .extract()
            .map_err(|errors| ConfigError::Values(errors.into_iter().map(describe).collect()))
    }
}

fn describe(error: figment::Error) -> String {
    let source = error.metadata.as_ref().map(|m| match &m.source {
        Some(Source::File(path)) => path.display().to_string(),
        _ => m.name.to_string(),
    });
    let key = error.path.join(".");
    let mut text = source.map(|s| format!("{s}: ")).unwrap_or_default();
    if !key.is_empty() {
        text.push_str(&key);
        text.push_str(": ");
    }
    text.push_str(&error.kind.to_string());
    text
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Config {
        name: String,
        #[serde(default = "four")]
        workers: u16,
        chain: Chain,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Chain {
        rpc: String,
    }

    fn four() -> u16 {
        4
    }

    fn toml(text: &str) -> Result<Config, ConfigError> {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("node.toml");
        std::fs::write(&path, text).expect("write");
        Loader::new().file(&path)?.load()
    }

    #[test]
    fn layers_override_in_order() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("node.toml");
        std::fs::write(&path, "name = 'a'\n[chain]\nrpc = 'http://file'").expect("write");
        let load = |loader: Loader| loader.load::<Config>().expect("valid");
        let config = load(Loader::new().file(&path).expect("file"));
        assert_eq!((config.workers, config.chain.rpc.as_str()), (4, "http://file"));
        let loader =
            Loader::new().file(&path).expect("file").set("chain.rpc", "http://flag").set("workers", 9);
        let config = load(loader);
        assert_eq!((config.workers, config.chain.rpc.as_str()), (9, "http://flag"));
    }

    #[test]
    // The signature that `figment::Jail` requires.
    #[allow(clippy::result_large_err)]
    fn the_environment_overrides_the_file() {
        figment::Jail::expect_with(|jail| {
            jail.create_file("node.toml", "name = 'a'\n[chain]\nrpc = 'http://file'")?;
            jail.set_env("GATEWAY_CHAIN__RPC", "http://env");
            jail.set_env("GATEWAY_LOG", "debug");
            let loader = || Loader::new().file(Path::new("node.toml")).expect("file");
            let config: Config = loader().env(&["log"]).load().expect("valid");
            assert_eq!(config.chain.rpc, "http://env");
            let error = loader().env(&[]).load::<Config>().expect_err("GATEWAY_LOG is no key");
            assert!(error.to_string().contains("log"), "{error}");
            Ok(())
        });
    }

    #[test]
    fn errors_name_file_key_and_reason() {
        for (text, says) in [
            ("name = 'a'\nworkers = 70000\n[chain]\nrpc = 'x'", vec!["node.toml", "workers", "70000"]),
            ("name = 'a'\n[chain]\nrpc = 'x'\nrcp = 'y'", vec!["node.toml", "chain", "rcp", "unknown field"]),
            ("name = 'a'\n[chain]\n", vec!["chain", "rpc", "missing field"]),
            ("name = ", vec!["node.toml"]),
        ] {
            let error = toml(text).expect_err(text).to_string();
            for word in says {
                assert!(error.contains(word), "{error:?} must contain {word:?}");
            }
        }
        let missing = Loader::new().file(Path::new("/no/such/file.toml")).expect_err("missing");
        assert!(missing.to_string().contains("/no/such/file.toml"), "{missing}");
    }
}
