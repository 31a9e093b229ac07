//! docs/attacks.md is accurate: every attack of the list is in it, and every test it names exists where it says.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

/// Number of attacks in the list.
const ATTACKS: usize = 83;

#[test]
fn every_attack_has_its_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = std::fs::read_to_string(root.join("docs/attacks.md")).unwrap();
    let numbered =
        |line: &&str| line.starts_with("| ") && line[2..].starts_with(|c: char| c.is_ascii_digit());
    let rows: Vec<_> = document.lines().filter(numbered).collect();
    assert_eq!(rows.len(), ATTACKS);
    for (row, number) in rows.into_iter().zip(1..) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        assert_eq!(cells[1], number.to_string(), "{row}");
        // Names come before the file they are in.
        let mut names = Vec::new();
        let mut found = 0;
        for quoted in cells[3].split('`').skip(1).step_by(2) {
            if quoted.ends_with(".rs") {
                let text =
                    std::fs::read_to_string(root.join(quoted)).unwrap_or_else(|e| panic!("{quoted}: {e}"));
                assert!(["test]", "test(", "proptest!"].iter().any(|mark| text.contains(mark)), "{quoted}");
                for name in names.drain(..) {
                    assert!(text.contains(&format!("fn {name}(")), "{quoted} has no {name}");
                }
                found += 1;
            } else {
                names.push(quoted);
            }
        }
        assert!(names.is_empty(), "{names:?} stand in no file");
        let said = cells[3].starts_with("does not apply: ") || cells[3].starts_with("no test: ");
        assert!(found > 0 || said, "{row}");
    }
}
