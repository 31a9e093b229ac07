//! Runs npm's esbuild, in one version and with options that leave nothing to the machine, so that everyone gets the same bytes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::CommandError;

/// The version that bundles: another one produces different bytes.
pub(super) const VERSION: &str = "0.28.2";

/// Globals that libraries use but nodes do not have, besides Node's modules. What exists is in `types/gateway.d.ts`.
const MISSING: &[&str] = &[
    "Buffer",
    "MessageChannel",
    "SharedArrayBuffer",
    "WebAssembly",
    "WebSocket",
    "Worker",
    "XMLHttpRequest",
    "__dirname",
    "__filename",
    "document",
    "global",
    "indexedDB",
    "localStorage",
    "location",
    "navigator",
    "process",
    "require",
    "sessionStorage",
    "window",
];

/// Replaces a missing global in a bundle made only to find out which are used.
const MARK: &str = "gateway_has_no_";

/// The bundler's program, and the folder that it runs in.
#[derive(Debug)]
pub(super) struct Bundler {
    program: PathBuf,
    folder: PathBuf,
}

/// The bundler's output.
#[derive(Debug)]
pub(super) struct Bundle {
    /// The one file.
    pub(super) code: Vec<u8>,
    /// Bytes contributed by each source, by its path relative to the folder.
    pub(super) parts: BTreeMap<String, u64>,
    /// Globals that it uses but that nodes do not have.
    pub(super) missing: Vec<&'static str>,
}

/// The fields of esbuild's metafile that are read (<https://esbuild.github.io/api/#metafile>).
#[derive(Deserialize)]
struct Metafile {
    outputs: BTreeMap<String, Output>,
}

#[derive(Deserialize)]
struct Output {
    inputs: BTreeMap<String, Input>,
}

#[derive(Deserialize)]
struct Input {
    #[serde(rename = "bytesInOutput")]
    bytes: u64,
}

impl Bundler {
    /// Finds the program: the named one, or in `node_modules` of the folder or above it, or on the PATH.
    ///
    /// # Errors
    /// [`CommandError`]: there is none, or it is of another version, and its text says what to install; [`std::io::Error`] when
    /// a path cannot be made absolute.
    pub(super) fn find(folder: &Path, named: Option<&Path>) -> Result<Self, CommandError> {
        let folder =
            std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
        let installed = || {
            folder.ancestors().map(|above| above.join("node_modules/.bin/esbuild")).find(|path| path.exists())
        };
        let named = named.map(std::path::absolute).transpose()?;
        let program = named.or_else(installed).unwrap_or_else(|| PathBuf::from("esbuild"));
        let install = format!("install it: npm install --save-dev --save-exact esbuild@{VERSION}");
        let answer = Command::new(&program).arg("--version").output().map_err(|e| {
            format!(
                "esbuild bundles a project's modules, and {} does not run: {e}; {install}",
                program.display()
            )
        })?;
        let found = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        if found != VERSION {
            return Err(format!(
                "{} has the version {found:?}, and another than {VERSION} may write other bytes; {install}",
                program.display()
            )
            .into());
        }
        Ok(Self { program, folder })
    }

    /// Bundles an entry, relative to the folder.
    ///
    /// # Errors
    /// [`CommandError`]: the bundler's own text when a module is missing, does not parse, or is one of Node's own;
    /// [`std::io::Error`] when the bundler or its files cannot be used, [`serde_json::Error`] when its metafile is malformed.
    pub(super) fn bundle(&self, entry: &Path) -> Result<Bundle, CommandError> {
        let work = tempfile::tempdir()?;
        let (code, metafile) = self.run(entry, work.path(), &[])?;
        let outputs = serde_json::from_slice::<Metafile>(&metafile)?.outputs;
        let parts = outputs.into_values().flat_map(|output| output.inputs);
        let parts = parts.map(|(path, input)| (path, input.bytes)).filter(|(_, bytes)| *bytes > 0).collect();
        // A `define` replaces only names that nothing in the bundle declares, which a text search could not know.
        let marks: Vec<String> = MISSING.iter().map(|name| format!("--define:{name}={MARK}{name}")).collect();
        let (marked, _) = self.run(entry, work.path(), &marks)?;
        let marked = String::from_utf8_lossy(&marked).into_owned();
        let missing =
            MISSING.iter().copied().filter(|name| names(&marked, &format!("{MARK}{name}"))).collect();
        Ok(Bundle { code, parts, missing })
    }

    /// Runs the bundler; returns the code and its metafile.
    fn run(&self, entry: &Path, work: &Path, more: &[String]) -> Result<(Vec<u8>, Vec<u8>), CommandError> {
        let (out, metafile) = (work.join("bundle.js"), work.join("meta.json"));
        let answer = Command::new(&self.program)
            .current_dir(&self.folder)
            // Variables and files of the machine that would change the output.
            .env_remove("NODE_PATH")
            .env_remove("NODE_OPTIONS")
            .arg(entry)
            .args([
                "--bundle",
                "--format=esm",
                "--platform=neutral",
                "--main-fields=module,main",
                "--conditions=module,import,default",
                "--target=es2023",
                "--charset=utf8",
                "--legal-comments=none",
                "--tsconfig-raw={}",
                "--define:process.env.NODE_ENV=\"production\"",
                "--log-level=warning",
                "--color=false",
            ])
            .arg(format!("--outfile={}", out.display()))
            .arg(format!("--metafile={}", metafile.display()))
            .args(more)
            .output()?;
        if !answer.status.success() {
            let said = String::from_utf8_lossy(&answer.stderr);
            return Err(format!(
                "{}: it cannot be bundled. Modules of Node (fs, http, crypto, …) do not exist for the gateway.\n{}",
                entry.display(),
                said.trim()
            )
            .into());
        }
        Ok((std::fs::read(out)?, std::fs::read(metafile)?))
    }
}

/// Returns whether a text contains the name as a whole word.
fn names(text: &str, name: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(name)
        .any(|(at, _)| !text.get(at + name.len()..).unwrap_or_default().starts_with(part_of_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundler_that_is_missing_or_of_another_version_is_named_with_what_to_install() {
        let folder = tempfile::tempdir().unwrap();
        let error =
            Bundler::find(folder.path(), Some(Path::new("/nowhere/esbuild"))).unwrap_err().to_string();
        assert!(error.contains("/nowhere/esbuild") && error.contains("npm install"), "{error}");
        let error = Bundler::find(folder.path(), Some(Path::new("/bin/echo"))).unwrap_err().to_string();
        assert!(error.contains("\"--version\"") || error.contains("has the version"), "{error}");
        assert!(error.contains(VERSION), "{error}");
    }

    #[test]
    fn a_name_matches_whole_words_only() {
        assert!(names("x = mark_global.y", "mark_global"));
        assert!(!names("x = mark_globals.y", "mark_global"));
    }
}
