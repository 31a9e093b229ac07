//! Sources of a passphrase: a file, an environment variable, or the user at the terminal.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Secret, SecretError, SecretString, read_file, read_variable};

/// Where a passphrase is kept. In configuration `{ file = "…" }`, `{ env = "NAME" }` or `"terminal"`; holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PassphraseSource {
    /// A file that holds it and nothing else; surrounding white space is dropped. With systemd, a credential
    /// (`LoadCredentialEncrypted=`).
    File(PathBuf),
    /// The name of an environment variable.
    Env(String),
    /// Asked for at the terminal, each time that the secret is read.
    Terminal,
}

impl PassphraseSource {
    /// Reads it. `what` names it in the prompt.
    ///
    /// # Errors
    /// [`SecretError`] naming the file or variable, or that there is no terminal; never the passphrase.
    pub fn load(&self, what: &str) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::File(path) => read_file(path)?,
            Self::Env(name) => read_variable(name)?,
            Self::Terminal => ask(&format!("passphrase of {what}: "))?,
        };
        match text.trim() {
            "" => Err(SecretError::Empty { source_name: self.to_string() }),
            trimmed => Ok(Secret::new(trimmed.to_owned())),
        }
    }
}

/// Prompts at the terminal, without echo.
fn ask(prompt: &str) -> Result<zeroize::Zeroizing<String>, SecretError> {
    let answer = rpassword::prompt_password(prompt);
    answer.map(zeroize::Zeroizing::new).map_err(|error| SecretError::Terminal { reason: error.to_string() })
}

impl fmt::Display for PassphraseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::Terminal => f.write_str("terminal"),
        }
    }
}
