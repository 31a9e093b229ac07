//! Values that must not leak: they cannot print, cannot serialise, and are wiped from memory when dropped.
//!
//! Configuration holds a [`SecretSource`] (where the secret is), never the secret itself, wherever possible.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::{Zeroize, Zeroizing};

/// Largest secret file read, in bytes: keys, tokens and mnemonics are far smaller.
const MAX_SECRET_FILE: u64 = 64 << 10;

/// A value that prints as `***` and is wiped when dropped.
pub struct Secret<T: Zeroize>(SecretBox<T>);

/// A secret text.
pub type SecretString = Secret<String>;

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(SecretBox::new(Box::new(value)))
    }

    /// The value, for the one place that needs it. Do not log or store what this returns.
    pub fn expose(&self) -> &T {
        self.0.expose_secret()
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self::new(self.expose().clone())
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // The type's own message would quote the value.
        T::deserialize(from).map(Self::new).map_err(|_| serde::de::Error::custom("not a valid secret"))
    }
}

/// A URL whose user, password, path and query may carry credentials: prints scheme and host alone.
#[derive(Clone)]
pub struct SecretUrl(Secret<String>);

impl SecretUrl {
    /// Parses a URL.
    ///
    /// # Errors
    /// [`SecretError::Url`], which does not quote the text.
    pub fn parse(text: impl Into<String>) -> Result<Self, SecretError> {
        let text = Secret::new(text.into());
        url::Url::parse(text.expose()).map_err(|e| SecretError::Url { reason: e.to_string() })?;
        Ok(Self(text))
    }

    /// The whole URL, for the client that connects to it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match url::Url::parse(self.expose()) {
            Ok(url) => write!(f, "{}://{}/***", url.scheme(), url.host_str().unwrap_or("***")),
            Err(_) => f.write_str("***"),
        }
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for SecretUrl {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// Where a secret is kept. Written in configuration as `{ file = "…" }` or `{ env = "NAME" }`; holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SecretSource {
    /// A file that holds the secret and nothing else; surrounding white space is dropped.
    File(PathBuf),
    /// The name of an environment variable.
    Env(String),
}

impl SecretSource {
    /// Reads the secret.
    ///
    /// # Errors
    /// [`SecretError`] naming the file or variable, never its content.
    pub fn load(&self) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::File(path) => Self::read(path)?,
            Self::Env(name) => {
                Zeroizing::new(std::env::var(name).map_err(|_| SecretError::Env { name: name.clone() })?)
            }
        };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(SecretError::Empty { source_name: self.to_string() });
        }
        Ok(Secret::new(trimmed.to_owned()))
    }

    fn read(path: &PathBuf) -> Result<Zeroizing<String>, SecretError> {
        let fail = |reason: String| SecretError::File { path: path.clone(), reason };
        let meta = std::fs::metadata(path).map_err(|e| fail(e.to_string()))?;
        if meta.len() > MAX_SECRET_FILE {
            return Err(fail(format!("larger than {MAX_SECRET_FILE} bytes")));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if meta.permissions().mode() & 0o077 != 0 {
                tracing::warn!(path = %path.display(), "others on this machine can read this secret: chmod 600 it");
            }
        }
        std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| fail(e.to_string()))
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Env(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// Why a secret could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("secret file {}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The environment variable is missing or not text.
    #[error("secret environment variable {name} is not set")]
    Env {
        /// Its name.
        name: String,
    },
    /// There is nothing in it.
    #[error("secret {source_name} is empty")]
    Empty {
        /// Which source.
        source_name: String,
    },
    /// Not a URL.
    #[error("not a valid URL: {reason}")]
    Url {
        /// Why.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Config {
        token: SecretString,
        database: SecretUrl,
    }

    #[test]
    fn a_whole_config_prints_without_its_secrets() {
        let config: Config = serde_json::from_str(
            r#"{"token":"hunter2","database":"postgres://me:hunter2@db.example:5432/x?key=hunter2"}"#,
        )
        .expect("config");
        let printed = format!("{config:?} {:#?} {} {}", config, config.token, config.database);
        assert!(!printed.contains("hunter2"), "{printed}");
        assert!(printed.contains("postgres://db.example/***"), "{printed}");
        assert_eq!(config.token.expose(), "hunter2");
    }

    #[test]
    fn errors_do_not_quote_the_secret() {
        let error = serde_json::from_str::<SecretUrl>("\"hunter2\"").expect_err("not a URL");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        let error = serde_json::from_str::<SecretString>("4242").expect_err("not text");
        assert!(!error.to_string().contains("4242"), "{error}");
    }

    #[test]
    fn a_file_is_trimmed_and_missing_or_empty_is_named() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("key");
        let source = SecretSource::File(path.clone());
        assert!(matches!(source.load(), Err(SecretError::File { .. })));
        std::fs::write(&path, "  abc\n").expect("write");
        assert_eq!(source.load().expect("secret").expose(), "abc");
        std::fs::write(&path, " \n").expect("write");
        assert!(matches!(source.load(), Err(SecretError::Empty { .. })));
        let missing = SecretSource::Env("GATEWAY_TEST_NO_SUCH_VARIABLE".into());
        assert_eq!(
            missing.load().expect_err("unset").to_string(),
            "secret environment variable GATEWAY_TEST_NO_SUCH_VARIABLE is not set"
        );
    }
}
