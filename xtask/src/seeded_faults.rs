//! Injects one-line faults into the daemons' sources, one at a time, and reports whether the tests of that crate notice.
//!
//! The list is tests/seeded-faults/*.toml. A source is restored, time stamps included, whatever the tests report; nothing else
//! may write it meanwhile, and after killing this check `git diff`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::Deserialize;

use crate::error::XtaskError;
use crate::workspace::root;

/// The folder of the list.
const LIST: &str = "tests/seeded-faults";
/// The command that runs the tests of `{package}`.
pub(crate) const TESTS: &str = "cargo test --quiet --package {package}";
/// Seconds after which unfinished tests count as stuck, which counts as noticed too.
const LIMIT: u32 = 600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    package: String,
    fault: Vec<Fault>,
}

/// One line of one file, and its replacement.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    name: String,
    file: PathBuf,
    old: String,
    new: String,
}

/// The tests' verdict.
enum Verdict {
    /// They passed: the fault goes unnoticed.
    Missed,
    /// They failed or did not end.
    Caught,
    /// The fault does not compile, so nothing is known.
    Broken,
}

/// Runs the faults whose name, file or package contains `only`, or all without it. `tests` is a shell command.
pub(crate) fn run(only: Option<&str>, tests: &str) -> Result<(), XtaskError> {
    let mut missed = 0;
    for file in lists()? {
        let text = read(&file)?;
        let list: List =
            toml::from_str(&text).map_err(|e| XtaskError::Faults(format!("{}: {e}", file.display())))?;
        for fault in &list.fault {
            let chosen = |part: &str| {
                fault.name.contains(part)
                    || fault.file.to_string_lossy().contains(part)
                    || list.package.contains(part)
            };
            if only.is_some_and(|part| !chosen(part)) {
                continue;
            }
            let began = Instant::now();
            let verdict = seed(fault, &tests.replace("{package}", &list.package))?;
            let word = match verdict {
                Verdict::Caught => "caught",
                Verdict::Missed => "missed",
                Verdict::Broken => "does not compile",
            };
            missed += u32::from(!matches!(verdict, Verdict::Caught));
            let (crate_name, seconds) = (&list.package, began.elapsed().as_secs());
            println!("| {crate_name} | {} | {} | {word} | {seconds} s |", fault.name, fault.file.display());
        }
    }
    match missed {
        0 => Ok(()),
        number => Err(XtaskError::Faults(format!("{number} faults are not caught"))),
    }
}

fn lists() -> Result<Vec<PathBuf>, XtaskError> {
    let folder = root().join(LIST);
    let failed = |source| XtaskError::File { path: folder.clone(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        files.push(entry.map_err(failed)?.path());
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, XtaskError> {
    std::fs::read_to_string(path).map_err(|source| XtaskError::File { path: path.to_owned(), source })
}

/// A source that is restored on drop.
struct Original {
    path: PathBuf,
    text: String,
    modified: Option<std::time::SystemTime>,
}

impl Drop for Original {
    fn drop(&mut self) {
        let put = std::fs::write(&self.path, &self.text);
        let file = std::fs::File::options().write(true).open(&self.path);
        if let (Ok(file), Some(modified)) = (file, self.modified) {
            // Without it the source is compiled once more, which does no harm.
            let _ = file.set_modified(modified);
        }
        if let Err(error) = put {
            eprintln!("xtask: {} still has the fault: {error}", self.path.display());
        }
    }
}

/// Injects a fault, runs the tests, removes it.
fn seed(fault: &Fault, tests: &str) -> Result<Verdict, XtaskError> {
    let path = root().join(&fault.file);
    let text = read(&path)?;
    if text.matches(&fault.old).count() != 1 {
        let (name, file) = (&fault.name, fault.file.display());
        return Err(XtaskError::Faults(format!("{name}: its old text does not stand once in {file}")));
    }
    let modified = std::fs::metadata(&path).and_then(|data| data.modified()).ok();
    let faulty = text.replacen(&fault.old, &fault.new, 1);
    let _original = Original { path: path.clone(), text, modified };
    std::fs::write(&path, faulty).map_err(|source| XtaskError::File { path, source })?;
    tested(tests)
}

fn tested(tests: &str) -> Result<Verdict, XtaskError> {
    let limit = LIMIT.to_string();
    // It exits with status 124 if they are stuck.
    let ended = Command::new("timeout")
        .args(["--kill-after=10", limit.as_str(), "sh", "-c", tests])
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .map_err(|source| XtaskError::File { path: "timeout".into(), source })?;
    let said = String::from_utf8_lossy(&ended.stderr);
    Ok(match ended.status.success() {
        true => Verdict::Missed,
        false if said.contains("could not compile") || said.contains("error[E") => Verdict::Broken,
        false => Verdict::Caught,
    })
}
