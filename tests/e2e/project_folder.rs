//! A project's folder: what `init` makes passes `test` as it stands, every example does, and a failing case says why.

use std::path::{Path, PathBuf};

use crate::cli::{gateway, stderr};

/// Exit code and output of a command; what it complains about is shown where the test fails.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = gateway(arguments);
    eprintln!("{}", stderr(&output));
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn examples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("gateway.toml").exists())
        .collect();
    found.sort();
    found
}

#[test]
fn every_example_compiles_and_passes_its_cases_without_a_network() {
    let examples = examples();
    assert_eq!(examples.len(), 12);
    for example in examples {
        let path = example.to_str().unwrap();
        let (exit, out) = run(&["test", path]);
        assert_eq!(exit, Some(0), "{path}:\n{out}");
        assert!(out.ends_with(" passed, 0 failed\n"), "{out}");
        let (exit, out) = run(&["check", path]);
        assert_eq!(exit, Some(0), "{path}:\n{out}");
        assert!(out.contains("register_project"), "{out}");
    }
}

#[test]
fn what_init_makes_passes_and_a_case_that_fails_says_where_and_is_updated() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("my-feed");
    let path = folder.to_str().unwrap();
    let (exit, out) = run(&["init", path, "--template", "weather"]);
    assert_eq!(exit, Some(0), "{out}");
    assert_eq!(run(&["test", path]).0, Some(0));
    assert_eq!(run(&["init", path]).0, Some(1), "nothing is overwritten");

    let cases = folder.join("weather.test.json");
    let changed = std::fs::read_to_string(&cases).unwrap().replacen("\"34.2\"", "\"35.0\"", 1);
    std::fs::write(&cases, changed).unwrap();
    let (exit, out) = run(&["test", path, "--only", "a hot day"]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("/temperature_max: expected \"35.0\", found \"34.2\""), "{out}");
    let (exit, out) = run(&["test", path, "--report", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((exit, &report["cases"][0]["passed"]), (Some(3), &serde_json::json!(false)));
    let (_, out) = run(&["test", path, "--report", "junit"]);
    assert!(out.contains("failures=\"1\"") && out.contains("<failure message="), "{out}");
    assert_eq!(run(&["test", path, "--update"]).0, Some(0));
    assert_eq!(run(&["test", path]).0, Some(0), "what was found is what is expected now");
}

#[test]
fn where_nodes_see_different_fields_a_transform_is_suggested() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("feed");
    let path = folder.to_str().unwrap();
    assert_eq!(run(&["init", path, "--template", "json"]).0, Some(0));
    let cases = r#"{"cases": [{"name": "the page", "input": {"pointer": "/page"}, "recording": "recording.json",
        "perturb": [{"field": {"pointer": "/page/updated_at", "values": [1, 2, 3]}}]}]}"#;
    std::fs::write(folder.join("json.test.json"), cases).unwrap();
    let (exit, out) = run(&["test", path]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("nodes see different data at /updated_at") && out.contains("`transform`"), "{out}");
}

#[test]
fn errors_in_typescript_stand_where_they_stand_in_the_source() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("code.ts");
    let path = file.to_str().unwrap();
    std::fs::write(
        &file,
        "interface In { a: number }\nexport default (input: In): number => {\n  return input.b.c;\n};\n",
    )
    .unwrap();
    let (exit, out) = run(&["run", path, "--input", "{}"]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("\"column\":18,\"line\":3"), "{out}");
    std::fs::write(&file, "enum Color { Red }\nexport default () => Color.Red;\n").unwrap();
    let output = gateway(&["check", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("enum"), "{}", stderr(&output));
    std::fs::write(&file, "export const a: number = 1;\n").unwrap();
    let (exit, out) = run(&["check", path]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("no_function"), "{out}");
}
