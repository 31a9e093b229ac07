//! Values that must not leak: they cannot be printed or serialised, and are wiped from memory when dropped.
//!
//! Configuration holds a [`SecretSource`] (where the secret is), never the secret itself, wherever possible.

mod encrypted;
mod keyring;
mod passphrase;

use std::fmt;
use std::path::{Path, PathBuf};

pub use encrypted::{Cost, EncryptedError, decrypt, encrypt};
pub use keyring::{KeyringBackend, KeyringError};
pub use passphrase::PassphraseSource;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::remote_signer::RemoteSource;

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

    /// Returns the value, for the one place that needs it. Do not log or store what this returns.
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

/// A URL whose user, password, path and query may carry credentials: only scheme and host are printed.
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

    /// Returns the whole URL, for the client that connects to it.
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

/// Where a secret is kept; holds no secret. Written in configuration as `{ file = "…" }`, `{ env = "NAME" }`,
/// `{ encrypted = { file = "…", passphrase = … } }`, `{ keyring = { home = "…", name = "…", backend = "file", passphrase = … } }`, or, for
/// keys that sign, `{ remote = { socket = "…", name = "…" } }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SecretSource {
    /// A file that holds the secret and nothing else; surrounding white space is dropped.
    File(PathBuf),
    /// The name of an environment variable.
    Env(String),
    /// A file that a passphrase opens ([`encrypt`]).
    Encrypted(EncryptedFile),
    /// A key of a Cosmos SDK keyring: its private key, 64 hexadecimal digits.
    Keyring(KeyringKey),
    /// A key that a signer holds: it signs and never gives the key away.
    Remote(RemoteSource),
}

/// A file that a passphrase opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptedFile {
    /// The file.
    pub file: PathBuf,
    /// Its passphrase.
    pub passphrase: PassphraseSource,
}

/// A key of a Cosmos SDK keyring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyringKey {
    /// Home of the chain's program, such as `/home/me/.archway`.
    pub home: PathBuf,
    /// The key's name.
    pub name: String,
    /// The keyring's backend.
    pub backend: KeyringBackend,
    /// Its passphrase; the backend `test` has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<PassphraseSource>,
}

impl SecretSource {
    /// Reads the secret.
    ///
    /// # Errors
    /// [`SecretError`] naming the file or variable, never its content.
    pub fn load(&self) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::File(path) => read_file(path)?,
            Self::Env(name) => read_variable(name)?,
            Self::Encrypted(EncryptedFile { file, passphrase }) => {
                let text = read_file(file)?;
                let passphrase = passphrase.load(&file.display().to_string())?;
                let fail = |source| SecretError::Encrypted { path: file.clone(), source };
                return decrypt(&text, &passphrase).map_err(fail);
            }
            Self::Keyring(KeyringKey { home, name, backend, passphrase }) => {
                let what = format!("the keyring in {}", home.display());
                let passphrase = passphrase.as_ref().map(|source| source.load(&what)).transpose()?;
                let fail = |source| SecretError::Keyring { name: name.clone(), home: home.clone(), source };
                return keyring::load(home, *backend, name, passphrase.as_ref()).map_err(fail);
            }
            Self::Remote(_) => return Err(SecretError::Remote { source_name: self.to_string() }),
        };
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(SecretError::Empty { source_name: self.to_string() });
        }
        Ok(Secret::new(trimmed.to_owned()))
    }

    /// Returns the files that hold the secret, or its passphrase, in plain text.
    #[must_use]
    pub fn open_files(&self) -> Vec<&Path> {
        let passphrase = match self {
            Self::File(path) => return vec![path],
            Self::Env(_) | Self::Remote(_) => return Vec::new(),
            Self::Encrypted(EncryptedFile { passphrase, .. }) => Some(passphrase),
            Self::Keyring(KeyringKey { passphrase, .. }) => passphrase.as_ref(),
        };
        match passphrase {
            Some(PassphraseSource::File(path)) => vec![path],
            Some(PassphraseSource::Env(_) | PassphraseSource::Terminal) | None => Vec::new(),
        }
    }

    /// Applies `change` to each path that it names.
    pub fn map_paths(&mut self, change: impl Fn(&mut PathBuf)) {
        let passphrase = match self {
            Self::File(path) => return change(path),
            Self::Env(_) => return,
            Self::Remote(RemoteSource { socket, .. }) => return change(socket),
            Self::Encrypted(EncryptedFile { file, passphrase }) => {
                change(file);
                Some(passphrase)
            }
            Self::Keyring(KeyringKey { home, passphrase, .. }) => {
                change(home);
                passphrase.as_mut()
            }
        };
        if let Some(PassphraseSource::File(path)) = passphrase {
            change(path);
        }
    }
}

/// Reads a file that holds a secret.
fn read_file(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let fail = |reason: String| SecretError::File { path: path.to_owned(), reason };
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

fn read_variable(name: &str) -> Result<Zeroizing<String>, SecretError> {
    let missing = |_| SecretError::Env { name: name.to_owned() };
    std::env::var(name).map(Zeroizing::new).map_err(missing)
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::Encrypted(EncryptedFile { file, .. }) => write!(f, "encrypted file {}", file.display()),
            Self::Keyring(KeyringKey { home, name, .. }) => {
                write!(f, "key {name} of the keyring in {}", home.display())
            }
            Self::Remote(RemoteSource { socket, name }) => {
                write!(f, "key {name} of the signer at {}", socket.display())
            }
        }
    }
}

/// Why a secret could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SecretError {
    /// An encrypted file cannot be opened.
    #[error("encrypted file {}: {source}", path.display())]
    Encrypted {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: EncryptedError,
    },
    /// A key of a keyring cannot be read.
    #[error("key {name} of the keyring in {}: {source}", home.display())]
    Keyring {
        /// The key.
        name: String,
        /// Home of the chain's program.
        home: PathBuf,
        /// Why.
        #[source]
        source: KeyringError,
    },
    /// A signer only signs; it reveals no secret.
    #[error("{source_name}: a signer holds keys that sign, and gives no secret away")]
    Remote {
        /// The source.
        source_name: String,
    },
    /// There is no terminal to prompt for the passphrase.
    #[error("no passphrase can be asked for: {reason}; name a file or a variable that holds it")]
    Terminal {
        /// Why.
        reason: String,
    },
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
    /// The source is empty.
    #[error("secret {source_name} is empty")]
    Empty {
        /// The source.
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
