//! What programs read of the developer's commands, errors included; and what a hand that slips is answered.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cli::{ends, gateway_in, stderr};

/// A project of the template `price` in a folder.
fn project(home: &Path) -> std::path::PathBuf {
    let out = ends(home, 0, &["init", "my-feed", "--template", "price", "--output", "json"]);
    let made: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&made["name"], &made["files"][0]), (&json!("my-feed"), &json!("my-feed/price.ts")));
    home.join("my-feed")
}

const INPUT: &str = "{\"coin\":\"ATOM\"}";

#[test]
fn output_is_one_json_document_and_so_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let folder = project(home.path());
    let read = |exit: i32, arguments: &[&str]| -> Value {
        serde_json::from_str(&ends(&folder, exit, arguments)).unwrap()
    };
    let seen = read(
        0,
        &["run", ".", "--input", INPUT, "--nodes", "3", "--replay", "recording.json", "--output", "json"],
    );
    assert_eq!((&seen["class"], &seen["body"], &seen["seats"]), (&json!("ok"), &json!("4.715"), &json!(3)));
    assert!(seen["nodes"][2]["usage"]["fetches"].as_u64() == Some(3), "{seen}");
    let seen = read(3, &["run", "price.ts", "--output", "json"]);
    assert_eq!((&seen["agreed"], &seen["class"]), (&json!(true), &json!("js_throw")));
    assert!(seen["nodes"][0]["detail"]["source_line"].as_str().unwrap().contains("coin"), "{seen}");

    let seen = read(0, &["check", ".", "--output", "json"]);
    assert_eq!((&seen["hosts"][0], &seen["error"]), (&json!("api.coinbase.com"), &Value::Null));
    assert_eq!(seen["messages"][0]["register_project"]["code"]["sha256"], seen["sha256"]);
    std::fs::write(folder.join("broken.js"), "export default (").unwrap();
    assert_eq!(read(3, &["check", "broken.js", "--output", "json"])["error"]["class"], "js_syntax");
    std::fs::write(folder.join("nothing.js"), "export const a = 1;").unwrap();
    assert_eq!(read(3, &["check", "nothing.js", "--output", "json"])["error"]["class"], "no_function");

    let seen = read(0, &["test", "--output", "json"]);
    assert_eq!(seen["cases"][0]["passed"], true);

    for arguments in [&["run", "gone.ts"][..], &["request", "1", "--input", "{"], &["result", "1"]] {
        let output = gateway_in(&folder, &[arguments, &["--output", "json"]].concat());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{arguments:?}");
        let error: Value = serde_json::from_str(&stderr(&output)).unwrap();
        assert!(error["error"].as_str().is_some_and(|text| !text.is_empty()), "{arguments:?}: {error}");
    }
}

#[test]
fn mistyped_arguments_are_answered_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let folder = project(home.path());
    for (arguments, answer) in [
        (&["test", "--only", "nonsense"][..], "no case has \"nonsense\" in its name"),
        (&["test", "price.ts"], "takes a project's folder, or a file of test cases"),
        (&["run", "price.ts", "--input", "@input.json"], "a file as \"$(cat FILE)\""),
        (&["run", "price.ts", "--replay", "gateway.toml"], "gateway.toml is not a recording"),
        (&["project", "list"], "gateway demo --keep --home net"),
        (&["deploy", "--network", "mainnet"], "there are archway, constantine, devchain"),
        (&["project", "transfer", "1", "bob", "--contract", "archway1x", "--generate-only"], "\"bob\""),
        (&["backup", "--database", "sqlite:gone.db", "--out", "copy.db"], "there is no database at gone.db"),
    ] {
        let output = gateway_in(&folder, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
        assert!(stderr(&output).contains(answer), "{arguments:?}: {}", stderr(&output));
    }
    let output = gateway_in(&folder, &["subscription", "create", "--funds", "5ARCH"]);
    assert!(stderr(&output).contains("5 ARCH are 5000000000000000000"), "{}", stderr(&output));
    // What an editor of another system writes first is no part of the text.
    for name in ["recording.json", "price.test.json", "gateway.toml"] {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        std::fs::write(folder.join(name), format!("\u{feff}{text}")).unwrap();
    }
    assert!(ends(&folder, 0, &["test"]).ends_with("6 passed, 0 failed\n"));
    // The folder's own rule is used where none is named.
    let out = ends(&folder, 0, &["run", "--input", INPUT, "--replay", "recording.json"]);
    assert!(out.contains("median within 50 basis points"), "{out}");
    // What the contract would refuse is refused here, and a table that stands in the file twice is named.
    let text = std::fs::read_to_string(folder.join("gateway.toml")).unwrap();
    for (text, answer) in [
        (
            "[project]\nname = \"p\"\ncode = \"price.ts\"\n[policy]\ndeterministic = true\n",
            "deterministic takes the rule exact and no hosts, and the hosts in the manifest",
        ),
        (&format!("{text}\n[networks.devchain]\n[networks.devchain]\n"), "take the older one out"),
    ] {
        std::fs::write(folder.join("gateway.toml"), text).unwrap();
        let output = gateway_in(&folder, &["check", "."]);
        let error = stderr(&output);
        assert!(output.status.code() == Some(1) && error.contains(answer), "{error}");
    }
    // A name with a space goes into a command that works.
    let out = ends(home.path(), 0, &["init", "my other"]);
    assert!(out.contains("cd 'my other'"), "{out}");
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let home = tempfile::tempdir().unwrap();
    let folder = project(home.path());
    for arguments in [
        &["run", "price.ts"][..],
        &["check", "."],
        &["test"],
        &["init", "another"],
        &["config", "template", "node"],
        &["key", "account", "--out", "my.key"],
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gateway"))
            .args(arguments)
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 3)), "{arguments:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("panicked"), "{arguments:?}: {}", stderr(&output));
    }
}
