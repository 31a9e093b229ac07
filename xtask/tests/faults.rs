//! docs/faults.md is accurate: every test it names exists where it says, and every seeded fault still has its line.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Fewest rows of faults, and fewest seeded faults.
const ROWS: usize = 20;
const SEEDED: usize = 24;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn every_fault_has_its_tests() {
    let document = read("docs/faults.md");
    let (faults, _) = document.split_once("## Faults put into the code").expect("its last chapter");
    let rows: Vec<_> =
        faults.lines().filter(|line| line.starts_with("| ") && line.ends_with(".rs` |")).collect();
    assert!(rows.len() >= ROWS, "{}", rows.len());
    let headed =
        faults.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| fault |")).count();
    assert_eq!(rows.len(), headed, "every row ends with the file of a test");
    for row in rows {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{row}");
        // Names come before the file they are in.
        let mut names = Vec::new();
        for quoted in cells[4].split('`').skip(1).step_by(2) {
            if quoted.ends_with(".rs") {
                let text = read(quoted);
                assert!(!names.is_empty(), "no test of {quoted} is named: {row}");
                for name in names.drain(..) {
                    assert!(text.contains(&format!("fn {name}(")), "{quoted} has no {name}");
                }
            } else {
                names.push(quoted);
            }
        }
        assert!(names.is_empty(), "{names:?} stand in no file");
    }
}

#[derive(Deserialize)]
struct List {
    fault: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    name: String,
    file: String,
    old: String,
    new: String,
}

#[test]
fn every_fault_that_is_put_in_has_its_line_and_its_row() {
    let document = read("docs/faults.md");
    let mut found = 0;
    for entry in std::fs::read_dir(root().join("tests/seeded-faults")).expect("the list") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("reads");
        let list: List = toml::from_str(&text).expect("a list of faults");
        for Fault { name, file, old, new } in list.fault {
            assert_eq!(read(&file).matches(&old).count(), 1, "{name}: {old:?} in {file}");
            assert!(
                old != new && !old.contains('\n') && !new.contains('\n'),
                "{name}: one line, another one"
            );
            assert!(document.contains(&format!("| {name} |")), "docs/faults.md has no row for {name:?}");
            found += 1;
        }
    }
    assert!(found >= SEEDED, "{found}");
}
