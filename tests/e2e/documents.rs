//! The shell blocks of documents, in their order and in one shell, as a reader would type them: the tutorial, from `init` to a callback
//! in a contract; subscriptions and schedules.
//!
//! A block is run unless the line above it is a comment that says `not run:` and why. One marked `background until: TEXT`
//! keeps running while the others follow once it has printed the text.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// How a block is run.
#[derive(Debug, PartialEq, Eq)]
enum Mode {
    Run,
    Not,
    BackgroundUntil(String),
}

/// Shell blocks of a document, with the line that each begins at.
fn blocks(text: &str) -> Vec<(usize, Mode, String)> {
    let mut found = Vec::new();
    let mut lines = (1..).zip(text.lines());
    let mut mark = Mode::Run;
    while let Some((number, line)) = lines.next() {
        let comment = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
        if line == "```sh" {
            let body: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
            found.push((number, std::mem::replace(&mut mark, Mode::Run), body.join("\n")));
        } else if let Some(comment) = comment {
            mark = match comment.strip_prefix("background until: ") {
                Some(text) => Mode::BackgroundUntil(text.to_owned()),
                None if comment.starts_with("not run: ") => Mode::Not,
                None => Mode::Run,
            };
        } else if !line.is_empty() {
            mark = Mode::Run;
        }
    }
    found
}

/// One script of all blocks; it says where it is, and how long the way from the first to the last block took.
fn script(blocks: &[(usize, Mode, String)]) -> String {
    let mut out = "set -euo pipefail\nexport LC_ALL=C\ntrap 'for job in $(jobs -p); do kill -INT \"$job\"; done; wait' EXIT\nbegan=$SECONDS\n".to_owned();
    for (line, mode, body) in blocks {
        let _ = writeln!(out, "echo '== the block in line {line}'");
        match mode {
            Mode::Run => out.push_str(body),
            Mode::Not => out.push_str("echo 'not run'"),
            Mode::BackgroundUntil(text) => {
                let _ = write!(
                    out,
                    "log{line}=$PWD/block-{line}.log\n{body} >\"$log{line}\" 2>&1 &\nuntil grep -qF '{text}' \"$log{line}\"; do kill -0 $! || {{ cat \"$log{line}\"; exit 1; }}; sleep 0.2; done",
                );
            }
        }
        out.push('\n');
    }
    out + "echo \"all of it took $((SECONDS - began)) s\"\n"
}

/// Runs a document's blocks, at least so many; what they print. `None` on a chain that the document does not name.
fn carried_out(document: &str, least: usize) -> Option<String> {
    if std::env::var_os("E2E_CHAIN").is_some() {
        eprintln!("not run: {document} names the devchain");
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let text = std::fs::read_to_string(source.join("docs").join(document)).unwrap();
    let blocks = blocks(&text);
    assert!(blocks.iter().filter(|(_, mode, _)| *mode == Mode::Run).count() >= least, "{blocks:?}");
    let work = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_gateway")).parent().unwrap();
    let output = Command::new("bash")
        .args(["-c", &script(&blocks)])
        .current_dir(work.path())
        .env("HOME", work.path())
        .env("SOURCE", &source)
        .env("PATH", format!("{}:{}", program.display(), std::env::var("PATH").unwrap()))
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    println!("{out}");
    assert!(output.status.success(), "{out}{}", String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("all of it took "), "{out}");
    Some(out.into_owned())
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

#[test]
fn blocks_are_found_with_their_marks() {
    let text = "# A\n\n```sh\none\n```\n\n<!-- not run: the web -->\n```sh\ntwo\n```\n<!-- background until: it runs -->\n```sh\nthree\n```\n```toml\nx\n```\n";
    let found = blocks(text);
    assert_eq!(found[0], (3, Mode::Run, "one".to_owned()));
    assert_eq!(found[1], (8, Mode::Not, "two".to_owned()));
    assert_eq!(found[2], (12, Mode::BackgroundUntil("it runs".to_owned()), "three".to_owned()));
    assert_eq!(found.len(), 3);
}
