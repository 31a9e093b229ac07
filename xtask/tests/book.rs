//! The book's table of contents is complete, and no link in a document is broken, including documents outside the book. `cargo
//! xtask book` builds it and follows the links of its pages.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace root").to_path_buf()
}

/// Returns every tracked document, relative to the root.
fn documents() -> Vec<String> {
    let output = std::process::Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md", "llms.txt"])
        .current_dir(root())
        .output()
        .expect("git ls-files");
    let text = String::from_utf8(output.stdout).expect("names are UTF-8");
    let files = text.lines().filter(|name| root().join(name).exists() && !name.starts_with("third_party/"));
    files.map(str::to_owned).collect()
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// Returns a document without its code blocks and inline code.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut out = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let words = line.split('`').step_by(2);
            out.push_str(&words.collect::<Vec<_>>().join(" "));
            out.push('\n');
        }
    }
    out
}

/// Returns the targets of a document's links that are files of this repository, without their anchors.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets
        .map(|(target, _)| target.split('#').next().unwrap_or_default().to_owned())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:"))
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for file in documents() {
        let folder = root().join(&file);
        let folder = folder.parent().expect("a folder");
        let text = read(&file);
        broken.extend(
            links(&text).into_iter().filter(|to| !folder.join(to).exists()).map(|to| format!("{file}: {to}")),
        );
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn the_table_of_contents_has_every_page_of_the_book_once() {
    let summary = links(&read("docs/SUMMARY.md"));
    let listed: BTreeSet<&str> = summary.iter().map(String::as_str).collect();
    assert_eq!(listed.len(), summary.len(), "a page is listed twice: {summary:?}");
    let documents = documents();
    let pages = documents.iter().filter_map(|file| file.strip_prefix("docs/"));
    // A decision may also be read in its folder; the list of them is an aid.
    let pages = pages.filter(|name| *name != "SUMMARY.md" && !name.starts_with("decisions/"));
    let missing: Vec<&str> = pages.filter(|name| !listed.contains(name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "docs/SUMMARY.md lacks them");
}

#[test]
fn links_are_found_where_a_reader_sees_them() {
    let text = "[a](b.md#c) and `[d](e.md)`\n```\n[f](g.md)\n```\n[h](https://x.example) [i](j/k.md)\n";
    assert_eq!(links(text), ["b.md", "j/k.md"]);
}
