//! The tutorial's shell blocks, in their order and in one shell, as a reader would type them: from `init` to a callback in a contract.
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
    out + "echo \"the tutorial took $((SECONDS - began)) s\"\n"
}

#[test]
fn the_tutorial_is_carried_out_block_by_block() {
    if std::env::var_os("E2E_CHAIN").is_some() {
        eprintln!("not run: the tutorial names the devchain");
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let text = std::fs::read_to_string(source.join("docs/tutorial.md")).unwrap();
    let blocks = blocks(&text);
    assert!(blocks.iter().filter(|(_, mode, _)| *mode == Mode::Run).count() >= 6, "{blocks:?}");
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
    assert!(out.contains("the tutorial took "), "{out}");
    assert!(out.contains("\"fulfilled\""), "the contract has its answer: {out}");
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
