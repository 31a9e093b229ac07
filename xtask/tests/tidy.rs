//! The house rules that no compiler checks: dependency arrows, file heads and sizes, and a truthful map.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace root").to_path_buf()
}

/// Reads the manifests of this workspace only: the build has fetched only this platform's dependencies, so resolving any other
/// would need the network.
fn metadata() -> cargo_metadata::MetadataCommand {
    let mut command = cargo_metadata::MetadataCommand::new();
    command
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--locked".to_owned(), "--offline".to_owned()]);
    command
}

/// Returns the folder of each workspace crate, and its dependencies outside tests.
fn crates() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let metadata = metadata().exec().expect("cargo metadata");
    let root = metadata.workspace_root.clone();
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let folder =
                package.manifest_path.parent().expect("a folder").strip_prefix(&root).expect("inside");
            let dependencies = package
                .dependencies
                .iter()
                .filter(|d| d.kind != cargo_metadata::DependencyKind::Development)
                .map(|d| d.name.to_string())
                .collect();
            (package.name.to_string(), (folder.to_string(), dependencies))
        })
        .collect()
}

/// Returns every tracked file with the ending, relative to the root.
fn tracked(ending: &str) -> Vec<String> {
    let output = std::process::Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", &format!("*{ending}")])
        .current_dir(root())
        .output()
        .expect("git ls-files");
    let files: Vec<_> = String::from_utf8(output.stdout)
        .expect("names are UTF-8")
        .lines()
        .filter(|name| root().join(name).exists() && !name.starts_with("third_party/"))
        .map(str::to_owned)
        .collect();
    assert!(!files.is_empty(), "no {ending} files: is this a checkout?");
    files
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
}

fn is_test(file: &str) -> bool {
    file.split('/').any(|part| part == "tests" || part == "benches" || part == "fuzz")
        || file.ends_with("/tests.rs")
}

/// Counts the lines before the file's own test module.
fn code_lines(text: &str) -> usize {
    text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count()
}

#[test]
fn the_manifests_are_read_without_a_single_crate_fetched() {
    let empty = tempfile::tempdir().expect("a folder");
    let read = metadata().env("CARGO_HOME", empty.path()).exec().expect("cargo metadata");
    assert_eq!(read.workspace_packages().len(), crates().len());
}

#[test]
fn dependency_arrows_hold() {
    let crates = crates();
    let folder = |name: &str| crates.get(name).map(|(folder, _)| folder.as_str());
    for (name, (from, dependencies)) in &crates {
        for dependency in dependencies {
            if let Some(to) = folder(dependency) {
                let worker = to.starts_with("workers/");
                assert!(
                    !from.starts_with("packages/") || to.starts_with("packages/"),
                    "{name} -> {dependency}"
                );
                assert!(!(from.starts_with("contracts/") && worker), "{name} -> {dependency}");
            }
        }
        let only = |dependency: &str, allowed: &[&str]| {
            assert!(
                !dependencies.contains(dependency) || allowed.contains(&from.as_str()),
                "{name} may not depend on {dependency}: only {allowed:?}"
            );
        };
        only("v8", &["workers/vm"]);
        only("sea-orm", &["workers/store"]);
        only("sea-orm-migration", &["workers/store"]);
        only("cosmwasm-vm", &["workers/devchain", "xtask"]);
        only("gateway-vm", &["workers/gateway"]);
        only("gateway-devchain", &["workers/gateway", "workers/localnet"]);
        only("gateway-testkit", &[]);
    }
}

#[test]
fn only_the_chain_edge_holds_the_signing_key() {
    for file in tracked(".rs") {
        let holds = read(&file).contains("secp256k1::SigningKey");
        let allowed = file.starts_with("workers/chain/") || is_test(&file) || file.starts_with("xtask/");
        assert!(!holds || allowed, "{file} names the signing key");
    }
}

#[test]
fn unsafe_stays_where_it_is_allowed() {
    for file in tracked(".rs").iter().filter(|f| *f != "xtask/tests/tidy.rs") {
        let text = read(file);
        let blocks = text.matches("unsafe {").count() + text.matches("unsafe impl").count();
        if blocks == 0 {
            continue;
        }
        let allowed = file.starts_with("workers/vm/") || file.starts_with("workers/devchain/");
        assert!(allowed, "{file} holds unsafe code");
        let reasons = text.matches("SAFETY").count();
        assert!(reasons >= blocks, "{file}: {blocks} unsafe places, {reasons} SAFETY lines");
    }
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    for file in tracked("Cargo.toml").iter().filter(|f| *f != "Cargo.toml" && !f.contains("/fuzz/")) {
        let manifest = read(file);
        assert!(manifest.contains("[lints]\nworkspace = true"), "{file} lacks [lints] workspace = true");
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_short() {
    let mut lengths = Vec::new();
    for file in tracked(".rs") {
        let text = read(&file);
        assert!(text.starts_with("//!"), "{file}: the first line is no //! line");
        if !is_test(&file) {
            let lines = code_lines(&text);
            assert!(lines <= 500, "{file}: {lines} lines, 500 is the cap");
            lengths.push(lines);
        }
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median <= 150, "the median file has {median} lines");
}

#[test]
fn nothing_is_left_open() {
    let words =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("#[ig", "nore"), concat!("unimplemented", "!(")];
    for file in tracked(".rs").into_iter().chain(tracked(".sh")).chain(tracked(".js")) {
        let text = read(&file);
        for word in words {
            assert!(!text.contains(word), "{file} holds {word}");
        }
    }
}

/// Terms that docs/glossary.md replaced, and phrases that state nothing an engineer can act on.
const RETIRED_TERMS: [&str; 32] = [
    "bell",
    "bells",
    "doorbell",
    "crank",
    "cranks",
    "dear",
    "dearer",
    "hear",
    "hears",
    "heard",
    "judge",
    "judged",
    "judges",
    "judging",
    "judgement",
    "tell",
    "tells",
    "told",
    "trouble",
    "troubles",
    "weigh",
    "weighed",
    "weighs",
    "again and again",
    "came to nothing",
    "in vain",
    "nobody's word",
    "node's word",
    "node's words",
    "says again",
    "speaks the",
    "the last word",
];

/// Returns whether the text contains the term as whole words.
fn holds_term(text: &str, term: &str) -> bool {
    text.match_indices(term).any(|(at, _)| {
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        !letter(text[..at].chars().next_back()) && !letter(text[at + term.len()..].chars().next())
    })
}

/// Applies to code, comments, messages and documents alike. Examples are other people's texts, and this file has to name the
/// terms.
#[test]
fn retired_terms_stay_out() {
    let mut found = Vec::new();
    for file in tracked(".rs").into_iter().chain(tracked(".md")).chain(tracked(".toml")) {
        if file.starts_with("examples/") || file == "xtask/tests/tidy.rs" {
            continue;
        }
        for (number, line) in read(&file).to_ascii_lowercase().lines().enumerate() {
            for term in RETIRED_TERMS.iter().filter(|term| holds_term(line, term)) {
                found.push(format!("{file}:{}: {term:?}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "docs/glossary.md has other terms for these:\n{}", found.join("\n"));
}

#[test]
fn a_retired_term_is_found_as_a_whole_word_only() {
    assert!(holds_term("is told to stop", "told") && holds_term("let (_bell, rest)", "bell"));
    assert!(!holds_term("untold", "told") && !holds_term("labelled", "bell"));
}

#[test]
fn metrics_have_one_prefix() {
    for file in tracked(".rs").into_iter().filter(|file| file != "xtask/tests/tidy.rs") {
        let text = read(&file);
        for kind in ["metrics::counter!(", "metrics::gauge!(", "metrics::histogram!("] {
            let names = text.split(kind).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
            for name in names {
                assert!(name.starts_with("gateway_"), "{file}: a metric does not begin with gateway_");
            }
        }
    }
}

/// Classifies imports: the standard library, other crates, this crate.
fn import_group(line: &str) -> Option<u8> {
    let path = line.trim_start().strip_prefix("use ")?.trim_start_matches("::");
    match path.split([':', ';', ' ']).next()? {
        "std" | "core" | "alloc" => Some(0),
        "crate" | "super" | "self" => Some(2),
        _ => Some(1),
    }
}

/// Finds the first import in the wrong place: one blank line between groups, none inside, in order.
fn misplaced_import(text: &str) -> Option<usize> {
    let mut previous: Option<(u8, usize)> = None;
    let (mut blank, mut inside) = (false, false);
    for (number, line) in text.lines().enumerate() {
        if inside {
            inside = !line.trim_end().ends_with(';');
            continue;
        }
        let line_is = line.trim_start();
        if line_is.is_empty() {
            blank = true;
        } else if let Some(group) = import_group(line) {
            let indent = line.len() - line_is.len();
            if let Some((before, depth)) = previous
                && depth == indent
                && (group < before || blank != (group > before))
            {
                return Some(number + 1);
            }
            previous = Some((group, indent));
            blank = false;
            inside = !line.trim_end().ends_with(';');
        } else if !line_is.starts_with("//") && !line_is.starts_with("#[") {
            previous = None;
        }
    }
    None
}

#[test]
fn imports_stand_in_three_groups() {
    for file in tracked(".rs") {
        let text = read(&file);
        if let Some(line) = misplaced_import(&text) {
            panic!(
                "{file}:{line}: imports stand as std, other crates, then crate and super, a blank line between"
            );
        }
    }
}

#[test]
fn a_misplaced_import_is_found() {
    assert_eq!(misplaced_import("use std::a;\n\nuse b::{\n    c,\n};\n\nuse crate::d;\n"), None);
    assert_eq!(misplaced_import("use b::c;\n\nuse std::a;\n"), Some(3));
    assert_eq!(misplaced_import("use std::a;\nuse b::c;\n"), Some(2));
    assert_eq!(misplaced_import("use b::c;\n\nuse d::e;\n"), Some(3));
}

/// Returns the `# Errors` sections of a file's code, each with its line and its text.
fn error_sections(text: &str) -> Vec<(usize, String)> {
    let mut sections: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().take(code_lines(text)).enumerate() {
        let line = line.trim_start();
        match line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).map(str::trim) {
            Some("# Errors") => {
                sections.push((number + 1, String::new()));
                inside = true;
            }
            Some(words) if inside && !words.starts_with('#') => {
                if let Some((_, said)) = sections.last_mut() {
                    said.push_str(words);
                    said.push(' ');
                }
            }
            _ => inside = false,
        }
    }
    sections
}

/// Returns whether a section names an error: a type or a variant in backquotes, or another function whose section does.
fn names_an_error(section: &str) -> bool {
    let is_type = |part: &str| part != "Self" && part.starts_with(|c: char| c.is_ascii_uppercase());
    let refers = ["As [`", "as [`", "See [`"].iter().any(|words| section.contains(words));
    refers || section.split('`').skip(1).step_by(2).any(|name| name.split("::").any(is_type))
}

#[test]
fn errors_are_listed_by_name() {
    let (mut sections, mut nameless) = (0, Vec::new());
    for file in tracked(".rs").into_iter().filter(|file| !is_test(file)) {
        for (line, section) in error_sections(&read(&file)) {
            sections += 1;
            if !names_an_error(&section) {
                nameless.push(format!("{file}:{line}"));
            }
        }
    }
    assert!(sections > 0, "no file has an `# Errors` section");
    assert!(
        nameless.is_empty(),
        "`# Errors` sections that name no error in backquotes:\n{}",
        nameless.join("\n")
    );
}

#[test]
fn a_section_that_names_no_error_is_found() {
    let text = "/// Reads.\n///\n/// # Errors\n/// It cannot be read:\n/// [`E::File`].\nfn a() {}\n\n\
                //! # Errors\n//! The file is missing.\n//!\n//! # Panics\n//! [`Never`].\n";
    let tests = "#[cfg(test)]\nmod tests {\n    /// # Errors\n    /// None.\n    fn b() {}\n}\n";
    let found = error_sections(&format!("{text}{tests}"));
    let named: Vec<_> = found.iter().map(|(line, section)| (*line, names_an_error(section))).collect();
    assert_eq!(named, [(3, true), (8, false)]);
    for named in ["`String` in words.", "As [`Self::read`].", "Late, or as [`read`](Self::read).", "[`E`]."] {
        assert!(names_an_error(named), "{named}");
    }
    for nameless in
        ["", "It does not.", "[`Self::set`] was never called.", "It has an `enum`.", "As is, E::File."]
    {
        assert!(!names_an_error(nameless), "{nameless}");
    }
}

/// Returns the names in backquotes in the map that look like paths of this repository.
fn paths_named(text: &str) -> BTreeSet<String> {
    let tops: BTreeSet<String> = std::fs::read_dir(root())
        .expect("the root")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.contains('/') && !name.contains([' ', '{', '<', '*', ':']))
        .filter(|name| tops.contains(name.split('/').next().unwrap_or_default()))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_map_names_only_what_exists() {
    for document in ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"] {
        let named = paths_named(&read(document));
        for path in &named {
            assert!(root().join(path).exists(), "{document} names {path}, which does not exist");
        }
        assert!(!named.is_empty(), "{document} names no path");
    }
}

#[test]
fn the_map_names_every_crate() {
    let map = read("ARCHITECTURE.md");
    for (name, (folder, _)) in crates() {
        assert!(map.contains(&format!("`{folder}`")), "ARCHITECTURE.md does not name {name} at {folder}");
    }
}
