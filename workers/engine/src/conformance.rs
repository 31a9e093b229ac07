//! Runs test262, the language's own test suite, in the same worker that runs projects: does the host leave the language intact?
//! The suite is not part of this repository; point this at a checkout.
//!
//! A test becomes a classic script or a module preceded by the suite's harness. Tests that need another realm, other threads,
//! garbage collection on demand, several files, or code from strings are skipped and counted as such.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gateway_vm_protocol::{Limits, OutcomeClass, Profile};
use sha2::{Digest, Sha256};

use crate::engine::{Engine, RunError};
use crate::job::{Job, Run};

/// Verdict on one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As the suite expects.
    Pass,
    /// Not as expected, with what happened.
    Fail(String),
    /// Not run, with the reason.
    Skip(&'static str),
}

/// One file of the suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileVerdict {
    /// Path below the suite's directory.
    pub path: PathBuf,
    /// Verdict.
    pub verdict: Verdict,
}

/// Words in a test that indicate features which a worker lacks.
const SKIPS: &[(&str, &str)] = &[
    ("$262.createRealm", "another realm"),
    ("$262.agent", "threads"),
    ("$262.gc", "garbage collection on demand"),
    ("$262.detachArrayBuffer", "detaching a buffer from outside"),
    ("$DETACHBUFFER", "detaching a buffer from outside"),
    ("$262.evalScript", "code from strings"),
    ("eval(", "code from strings"),
    ("Function(", "code from strings"),
    ("FunctionConstructor", "code from strings"),
    ("SharedArrayBuffer", "removed: shared memory"),
    ("Atomics", "removed: shared memory"),
    ("resizable-arraybuffer", "removed: buffers that can be resized"),
    ("WeakRef", "removed: weak references"),
    ("FinalizationRegistry", "removed: weak references"),
    ("import ", "several files"),
    ("import(", "several files"),
    ("_FIXTURE", "several files"),
];

/// What the harness expects of its host.
const PRELUDE: &str = "globalThis.print = (text) => { globalThis.$printed = String(text); console.log($printed) };\n\
                       globalThis.$262 = { global: globalThis, destroy() {} };\n";

/// What a test prints when its end was reached, and what the harness prints when an asynchronous one has passed.
const REACHED_END: &str = "the end was reached";
const ASYNC_DONE: &str = "Test262:AsyncTestComplete";

/// The front matter of a test.
#[derive(Debug, Default, PartialEq, Eq)]
struct Meta {
    flags: Vec<String>,
    includes: Vec<String>,
    negative: Option<(String, String)>,
}

impl Meta {
    /// Extracts the few relevant keys of the YAML block.
    fn of(source: &str) -> Meta {
        let block = source.split_once("/*---").and_then(|(_, rest)| rest.split_once("---*/"));
        let mut meta = Meta::default();
        let Some((block, _)) = block else { return meta };
        let (mut phase, mut kind, mut key) = (None, None, "");
        for line in block.lines() {
            let text = line.trim();
            if !line.starts_with([' ', '-']) {
                key = text.split(':').next().unwrap_or_default();
            }
            let items = match (text.split_once('['), text.strip_prefix("- ")) {
                (Some((_, list)), _) => list.trim_end_matches(']').split(',').map(str::trim).collect(),
                (None, Some(item)) => vec![item.trim()],
                (None, None) => Vec::new(),
            };
            match key {
                "flags" => meta.flags.extend(items.into_iter().map(str::to_owned)),
                "includes" => meta.includes.extend(items.into_iter().map(str::to_owned)),
                "negative" => {
                    phase = text.strip_prefix("phase:").map(str::trim).map(str::to_owned).or(phase);
                    kind = text.strip_prefix("type:").map(str::trim).map(str::to_owned).or(kind);
                }
                _ => {}
            }
        }
        meta.negative = phase.zip(kind);
        meta
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }
}

/// Runs the files of a test262 checkout whose path contains `filter`, and reports on each as it ends.
///
/// # Errors
/// [`std::io::Error`] when the checkout cannot be read.
pub async fn conformance(
    engine: &Engine,
    suite: &Path,
    filter: &str,
    mut report: impl FnMut(&FileVerdict),
) -> std::io::Result<()> {
    let mut files = Vec::new();
    collect(&suite.join("test"), &mut files)?;
    files.sort();
    for file in files {
        let path = file.strip_prefix(suite).unwrap_or(&file).to_owned();
        if !path.to_string_lossy().contains(filter) {
            continue;
        }
        let source = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
        let verdict = run_file(engine, suite, &source).await?;
        report(&FileVerdict { path, verdict });
    }
    Ok(())
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "js") && !path.to_string_lossy().contains("_FIXTURE")
        {
            files.push(path);
        }
    }
    Ok(())
}

async fn run_file(engine: &Engine, suite: &Path, source: &str) -> std::io::Result<Verdict> {
    let meta = Meta::of(source);
    if let Some((_, reason)) = SKIPS.iter().find(|(word, _)| source.contains(word)) {
        return Ok(Verdict::Skip(reason));
    }
    if meta.has("module") && (source.contains("export default") || source.contains("as default")) {
        return Ok(Verdict::Skip("it exports a default of its own"));
    }
    let mut harness = PRELUDE.to_owned();
    if !meta.has("raw") {
        let standard =
            ["assert.js", "sta.js"].into_iter().chain(meta.has("async").then_some("doneprintHandle.js"));
        for name in standard.chain(meta.includes.iter().map(String::as_str)) {
            let text = std::fs::read_to_string(suite.join("harness").join(name))?;
            // The suite obtains the global object by making code from a string; the language has a name for it.
            harness.push_str(&text.replace("Function(\"return this;\")()", "globalThis"));
            harness.push('\n');
        }
    }
    if SKIPS.iter().take(5).any(|(word, _)| !meta.includes.is_empty() && harness.contains(word)) {
        return Ok(Verdict::Skip("its harness needs what a worker does not have"));
    }
    if meta.includes.iter().any(|name| name == "wellKnownIntrinsicObjects.js") {
        return Ok(Verdict::Skip("its harness makes code from strings"));
    }
    // An asynchronous test prints when it is done; any other has passed once its last line was reached.
    let end = if meta.has("async") { String::new() } else { format!("\n;console.log('{REACHED_END}');") };
    let wait = "await new Promise((r) => { const look = () => globalThis.$printed === undefined ? setTimeout(look, 1) : r(); look() });";
    let wait = if meta.has("async") { wait } else { "" };
    let finish = format!("async function () {{ {wait} return globalThis.$printed ?? 'ran' }}");
    let code = if meta.has("module") {
        format!("{harness}{source}{end}\nexport default {finish};\n")
    } else {
        let strict = if meta.has("onlyStrict") { "'use strict';\n" } else { "" };
        format!("{strict}{harness}{source}{end}\nglobalThis.mainFunction = {finish};\n")
    };
    let job = Job {
        label: "conformance".to_owned(),
        project: u64::MAX - 1,
        code_hash: Sha256::digest(&code).into(),
        code: Arc::from(code.into_bytes()),
        input: "null".to_owned(),
        now_ns: 1_700_000_000_000_000_000,
        seed: [0; 32],
        limits: Limits { cpu_ms: 10_000, wall_ms: 30_000, timers: 100_000, ..Limits::default() },
        profile: Profile::default(),
    };
    Ok(verdict(&meta, engine.run(job).await))
}

fn verdict(meta: &Meta, result: Result<Run, RunError>) -> Verdict {
    let run = match result {
        Ok(run) => run,
        Err(error) => return Verdict::Fail(error.to_string()),
    };
    let right = match &meta.negative {
        Some((phase, kind)) if phase == "runtime" => {
            // The suite's own error is not an `Error`, and prints like any object.
            let own = kind == "Test262Error" && run.body.contains("[object Object]");
            run.class == OutcomeClass::JsThrow && (own || run.body.contains(kind.as_str()))
        }
        Some((_, kind)) => run.class == OutcomeClass::JsSyntax && run.body.contains(kind.as_str()),
        // The suite tolerates an unhandled rejection, which ends a project's run.
        None => {
            let passed = if meta.has("async") { ASYNC_DONE } else { REACHED_END };
            let unhandled = run.class == OutcomeClass::JsThrow;
            (run.class == OutcomeClass::Ok || unhandled) && run.logs.iter().any(|line| line.text == passed)
        }
    };
    if right { Verdict::Pass } else { Verdict::Fail(format!("{}: {}", run.class, run.body)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_matter_is_read_in_both_forms() {
        let meta = Meta::of(
            "// c\n/*---\ndescription: >\n  x\nincludes: [a.js, b.js]\nflags:\n  - async\n  - module\nnegative:\n  phase: parse\n  type: SyntaxError\n---*/\ncode",
        );
        assert_eq!(meta.includes, ["a.js", "b.js"]);
        assert!(meta.has("async") && meta.has("module") && !meta.has("raw"));
        assert_eq!(meta.negative, Some(("parse".to_owned(), "SyntaxError".to_owned())));
        assert_eq!(Meta::of("no front matter"), Meta::default());
    }
}
