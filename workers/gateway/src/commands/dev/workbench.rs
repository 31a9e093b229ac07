//! The project that the page shows: its file, its test cases' inputs, its recordings.

use gateway_engine::{Engine, Transcript};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::commands::project_file::ProjectFolder;
use crate::commands::{CommandError, code_file};

/// Largest recording offered, in bytes.
const MAX_RECORDING: u64 = 4 << 20;

/// A project's folder and the engine that runs its code.
pub(super) struct Workbench {
    pub(super) project: ProjectFolder,
    pub(super) engine: Engine,
}

/// The page's initial state.
#[derive(Debug, Serialize)]
pub(super) struct State {
    /// The project's name.
    name: String,
    /// The file's name.
    file: String,
    /// The file's text.
    code: String,
    /// SHA-256 of the text, for detecting changes.
    version: String,
    /// An initial input: the first test case's.
    input: serde_json::Value,
    /// Names of the recordings in the folder.
    recordings: Vec<String>,
    /// The policy's committee.
    committee: u32,
}

impl Workbench {
    /// Returns the file's text.
    ///
    /// # Errors
    /// [`CommandError`] when it cannot be read, [`std::string::FromUtf8Error`] when it is not UTF-8.
    pub(super) fn code(&self) -> Result<String, CommandError> {
        Ok(String::from_utf8(code_file::bytes(&self.project.code())?)?)
    }

    /// Returns the file's name.
    pub(super) fn file_name(&self) -> String {
        self.project.project.code.display().to_string()
    }

    /// Returns the page's initial state.
    ///
    /// # Errors
    /// As [`Self::code`]; [`std::io::Error`] when the folder cannot be read, [`CommandError`] when a file in it cannot be.
    pub(super) fn state(&self) -> Result<State, CommandError> {
        let code = self.code()?;
        Ok(State {
            name: self.project.project.name.clone(),
            file: self.file_name(),
            version: version(&code),
            code,
            input: self.first_input(),
            recordings: self.recordings()?,
            committee: self.project.policy.committee,
        })
    }

    /// Writes the file, unless it has changed since the page read it.
    ///
    /// # Errors
    /// As [`Self::code`]; [`CommandError`] when it has changed or cannot be written.
    pub(super) fn save(&self, code: &str, seen: &str) -> Result<String, CommandError> {
        if version(&self.code()?) != seen {
            return Err(
                format!("{} has been changed by another program: reload the page", self.file_name()).into()
            );
        }
        std::fs::write(self.project.code(), code)
            .map_err(|e| format!("{}: {e}", self.project.code().display()))?;
        Ok(version(code))
    }

    /// Returns a recording of the folder.
    ///
    /// # Errors
    /// [`CommandError`] when there is none of that name, or it cannot be read as a recording; [`std::io::Error`] when the
    /// folder cannot be read.
    pub(super) fn recording(&self, name: &str) -> Result<Transcript, CommandError> {
        if !self.recordings()?.iter().any(|known| known == name) {
            return Err(format!("the folder has no recording {name:?}").into());
        }
        let file = self.project.folder.join(name);
        Ok(serde_json::from_slice(&code_file::bytes(&file)?)
            .map_err(|e| format!("{}: {e}", file.display()))?)
    }

    fn recordings(&self) -> Result<Vec<String>, CommandError> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.project.folder)? {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            let fits = name.ends_with(".json") && !name.ends_with(".test.json");
            if fits
                && entry.metadata()?.len() <= MAX_RECORDING
                && serde_json::from_slice::<Transcript>(&code_file::bytes(&entry.path())?).is_ok()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn first_input(&self) -> serde_json::Value {
        let first = self.project.tests().ok().and_then(|files| files.into_iter().next());
        let cases = first.and_then(|file| std::fs::read(file).ok());
        let cases: Option<serde_json::Value> = cases.and_then(|text| serde_json::from_slice(&text).ok());
        cases.and_then(|cases| cases.pointer("/cases/0/input").cloned()).unwrap_or_default()
    }
}

/// Returns the SHA-256 of a text.
pub(super) fn version(code: &str) -> String {
    hex::encode(Sha256::digest(code))
}
