//! Every command in a document is carried out, in its order and in one shell for each document, as a reader would type them: the
//! tutorial on a network of its own, from `init` to a callback in a contract, the others beside a network that runs.
//!
//! A block is run unless the line above it is a comment that says `not run:` and why. One marked `background until: TEXT`
//! keeps running while the others follow once it has printed the text.

mod blocks;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use blocks::{Block, Mode, blocks, script};

/// What may stand behind a fence. Commands are `sh`: those alone are run.
const LANGUAGES: [&str; 18] = [
    "sh",
    "toml",
    "toml rule",
    "json",
    "json execute",
    "json events",
    "json query",
    "json answer",
    "js",
    "ts",
    "rust",
    "rust,ignore",
    "nginx",
    "text",
    "http",
    "yaml",
    "ini",
    "d.ts",
];
/// Programs whose commands would be lost in a block that is not run.
const PROGRAMS: [&str; 9] =
    ["gateway ", "archwayd ", "cargo ", "curl ", "npm ", "npx ", "$ ", "sudo ", "systemctl "];
/// Documents that start a network of their own, each with a test of its own.
const OWN_TEST: [&str; 2] = ["docs/tutorial.md", "docs/schedules.md"];
/// Shortest reason that says something, bytes.
const MIN_REASON: usize = 12;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Tracked documents with their blocks. Changelogs hold no commands, and what others wrote is not ours to run.
fn documents() -> Vec<(String, Vec<Block>)> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"])
        .current_dir(root())
        .output()
        .unwrap();
    let names = String::from_utf8(output.stdout).unwrap();
    let names = names.lines().filter(|name| !name.starts_with("third_party/") && root().join(name).exists());
    names
        .map(|name| (name.to_owned(), blocks(&std::fs::read_to_string(root().join(name)).unwrap())))
        .collect()
}

#[test]
fn every_block_of_commands_is_run_or_says_why_not() {
    let documents = documents();
    assert!(documents.len() > 60, "{}", documents.len());
    let mut faults = Vec::new();
    for (name, blocks) in &documents {
        for block in blocks {
            let place = format!("{name}:{}", block.line);
            if !LANGUAGES.contains(&block.language.as_str()) {
                faults.push(format!("{place}: {:?} is no language; commands are sh", block.language));
            }
            let command =
                block.body.lines().find(|line| PROGRAMS.iter().any(|p| line.trim_start().starts_with(p)));
            if let (false, Some(command)) = (block.is_shell() || name == "docs/cli.md", command) {
                faults.push(format!("{place}: a command outside of a sh block: {command}"));
            }
            match &block.mode {
                Mode::Not(reason) if reason.len() < MIN_REASON => {
                    faults.push(format!("{place}: why is it not run?"))
                }
                Mode::Run if block.is_shell() && block.body.contains('…') => {
                    faults.push(format!("{place}: what is left out cannot be run"));
                }
                _ => {}
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

/// Carries out a document's blocks in a folder; what they printed.
fn carry_out(blocks: &[Block], folder: &Path, home: &Path) -> Result<String, String> {
    let program = Path::new(env!("CARGO_BIN_EXE_gateway")).parent().unwrap();
    let output = Command::new("bash")
        .args(["-c", &script(blocks)])
        .current_dir(folder)
        .env("HOME", home)
        .env_remove("XDG_CONFIG_HOME")
        .env("SOURCE", root())
        .env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap()))
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{out}");
    if output.status.success() && out.contains("all blocks took ") {
        return Ok(out);
    }
    Err(format!("{out}{}", String::from_utf8_lossy(&output.stderr)))
}

/// The documents name the devchain.
fn on_another_chain() -> bool {
    let other = std::env::var_os("E2E_CHAIN").is_some();
    if other {
        eprintln!("not run: documents name the devchain");
    }
    other
}

/// Carries out a document that starts a network of its own, of at least so many blocks; what they printed. `None` on a chain that
/// it does not name.
fn carried_out(document: &str, least: usize) -> Option<String> {
    if on_another_chain() {
        return None;
    }
    let blocks = blocks(&std::fs::read_to_string(root().join("docs").join(document)).unwrap());
    assert!(blocks.iter().filter(|b| b.is_shell() && b.mode == Mode::Run).count() >= least, "{blocks:?}");
    let work = tempfile::tempdir().unwrap();
    Some(carry_out(&blocks, work.path(), work.path()).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn the_tutorial_is_carried_out_block_by_block() {
    let Some(out) = carried_out("tutorial.md", 6) else { return };
    assert!(out.contains("\"fulfilled\""), "the contract has its answer: {out}");
}

#[test]
fn subscriptions_and_schedules_are_carried_out_block_by_block() {
    let Some(out) = carried_out("schedules.md", 8) else { return };
    for part in ["balance  6 ARCH", "subscription 2", "schedule-fired", "has ended", "archwayd tx wasm"] {
        assert!(out.contains(part), "{part:?} is not in {out}");
    }
}

/// The network that documents are carried out beside: `gateway demo --keep --home net`.
struct Demo {
    child: Child,
    /// Held open: what the demo says at its end has somewhere to go.
    _output: BufReader<ChildStdout>,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(["demo", "--keep", "--home", "net"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut seen = String::new();
        while !seen.contains("everything keeps running") {
            assert!(output.read_line(&mut seen).unwrap() > 0, "the demo ended: {seen}");
        }
        Self { child, _output: output }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It ends its daemons when it is interrupted.
        let _ = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Copies the files of a folder: an example is read in its own.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn every_other_document_is_carried_out_beside_a_running_network() {
    if on_another_chain() {
        return;
    }
    let work = tempfile::tempdir().unwrap();
    let _demo = Demo::start(work.path());
    let network = std::fs::read_to_string(work.path().join("net/network.toml")).unwrap();
    let mut carried_out = Vec::new();
    let mut failed = Vec::new();
    for (name, blocks) in documents() {
        let runs = blocks.iter().any(|block| block.is_shell() && !matches!(block.mode, Mode::Not(_)));
        if !runs || OWN_TEST.contains(&name.as_str()) {
            continue;
        }
        println!("=== {name}");
        let folder = work.path().join(name.replace('/', "-"));
        let home = folder.join("home");
        std::fs::create_dir_all(&home).unwrap();
        std::os::unix::fs::symlink(work.path().join("net"), folder.join("net")).unwrap();
        if name.starts_with("examples/") {
            copy(root().join(&name).parent().unwrap(), &folder);
            // A reader who comes from the tutorial has the network in the user's configuration.
            let config = home.join(".config/gateway");
            std::fs::create_dir_all(&config).unwrap();
            std::fs::write(config.join("config.toml"), &network).unwrap();
        }
        match carry_out(&blocks, &folder, &home) {
            Ok(_) => carried_out.push(name),
            Err(error) => failed.push(format!("{name}: {error}")),
        }
    }
    assert_eq!(failed, Vec::<String>::new());
    for expected in [
        "docs/projects.md",
        "docs/operating.md",
        "docs/contract.md",
        "docs/vm.md",
        "examples/price/README.md",
    ] {
        assert!(carried_out.iter().any(|name| name == expected), "{expected} runs nothing: {carried_out:?}");
    }
}
