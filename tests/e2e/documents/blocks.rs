//! Finds the blocks of a document, and what its marks say about running them; makes a script of them.

use std::fmt::Write as _;

/// How a shell block is run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Run,
    /// Not here, and why.
    Not(String),
    /// It keeps running while the others follow, once it has printed a text.
    BackgroundUntil(String),
}

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The line of its fence, counted from 1.
    pub(super) line: usize,
    /// What stands behind the fence.
    pub(super) language: String,
    pub(super) mode: Mode,
    pub(super) body: String,
}

impl Block {
    /// Whether it holds commands.
    pub(super) fn is_shell(&self) -> bool {
        self.language == "sh"
    }
}

/// A document's blocks. A mark is a comment of one line before the block.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = (1..).zip(text.lines());
    let mut mode = Mode::Run;
    while let Some((line, content)) = lines.next() {
        let indent = content.len() - content.trim_start().len();
        if let Some(language) = content.trim_start().strip_prefix("```") {
            let body: Vec<&str> = lines
                .by_ref()
                .map(|(_, line)| line.get(indent..).unwrap_or_default())
                .take_while(|line| !line.starts_with("```"))
                .collect();
            let mode = std::mem::replace(&mut mode, Mode::Run);
            found.push(Block { line, language: language.to_owned(), mode, body: body.join("\n") });
        } else if let Some(mark) =
            content.trim().strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"))
        {
            mode = match (mark.strip_prefix("background until: "), mark.strip_prefix("not run: ")) {
                (Some(text), _) => Mode::BackgroundUntil(text.to_owned()),
                (_, Some(reason)) => Mode::Not(reason.to_owned()),
                _ => Mode::Run,
            };
        } else if !content.is_empty() {
            mode = Mode::Run;
        }
    }
    found
}

/// Looks of 200 ms for the text of a block in the background: three minutes.
const LOOKS: u32 = 900;

/// One script of all shell blocks; it says where it is, and how long the way from the first to the last block took.
pub(super) fn script(blocks: &[Block]) -> String {
    let mut out = "set -euo pipefail\nexport LC_ALL=C\ntrap 'for job in $(jobs -p); do kill -INT \"$job\"; done; wait' EXIT\nbegan=$SECONDS\n".to_owned();
    for Block { line, mode, body, .. } in blocks.iter().filter(|block| block.is_shell()) {
        let _ = writeln!(out, "echo '== the block in line {line}'");
        match mode {
            Mode::Run => out.push_str(body),
            Mode::Not(_) => out.push_str("echo 'not run'"),
            Mode::BackgroundUntil(text) => {
                let _ = write!(
                    out,
                    "log{line}=$PWD/block-{line}.log\n{body} >\"$log{line}\" 2>&1 &\nlooks=0\nuntil grep -qF '{text}' \"$log{line}\"; do\n  kill -0 $! && [ $((looks += 1)) -lt {LOOKS} ] || {{ cat \"$log{line}\"; exit 1; }}\n  sleep 0.2\ndone",
                );
            }
        }
        out.push('\n');
    }
    out + "echo \"all blocks took $((SECONDS - began)) s\"\n"
}

#[test]
fn blocks_are_found_with_their_marks() {
    let text = "# A\n\n```sh\none\n```\n\n<!-- not run: the web -->\n```sh\ntwo\n```\n<!-- background until: it runs -->\n\
        ```sh\nthree\n```\n1. A list:\n\n   ```toml\n   x\n     y\n   ```\n";
    let found = blocks(text);
    let shown: Vec<_> = found.iter().map(|b| (b.line, b.language.as_str(), b.body.as_str())).collect();
    assert_eq!(shown, [(3, "sh", "one"), (8, "sh", "two"), (12, "sh", "three"), (17, "toml", "x\n  y")]);
    assert_eq!(found[0].mode, Mode::Run);
    assert_eq!(found[1].mode, Mode::Not("the web".to_owned()));
    assert_eq!(found[2].mode, Mode::BackgroundUntil("it runs".to_owned()));
    assert_eq!(found[3].mode, Mode::Run, "a mark is for one block");
}
