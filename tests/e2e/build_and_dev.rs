//! `gateway build` with npm's esbuild and a package in a local folder; `gateway dev`'s page as a browser asks it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::cli::{gateway, stderr};

/// The bundler that the TypeScript client's lock file pins, where npm has installed it.
fn esbuild() -> Option<PathBuf> {
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients/typescript/node_modules/.bin/esbuild");
    program.exists().then_some(program)
}

/// A project of two modules and a package, in a folder of its own.
fn project(folder: &Path) {
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    write(
        "gateway.toml",
        "[project]\nname = \"words\"\nentry = \"src/main.ts\"\ncode = \"words.js\"\n[policy]\ncommittee = 5\n",
    );
    write(
        "src/main.ts",
        "import { count } from 'word-count';\nimport { text } from './text';\nexport default (input: { text: unknown }): number => count(text(input.text));\n",
    );
    write("src/text.ts", "export const text = (value: unknown): string => String(value);\n");
    write(
        "node_modules/word-count/package.json",
        r#"{"name": "word-count", "version": "1.0.0", "main": "index.js"}"#,
    );
    write(
        "node_modules/word-count/index.js",
        "exports.count = (text) => {\n  if (typeof Buffer === 'function') Buffer.from(text);\n  const process = 1;\n  return text.split(/\\s+/).filter(Boolean).length + process - 1;\n};\n",
    );
    write(
        "words.test.json",
        r#"{"cases": [{"name": "three", "input": {"text": "a b  c"}, "expect": {"value": 3}}]}"#,
    );
}

#[test]
fn a_project_of_modules_becomes_the_same_bytes_in_every_folder() {
    let Some(esbuild) = esbuild() else {
        eprintln!("not run: npm ci in clients/typescript installs the bundler");
        return;
    };
    let built = |depth: &str| {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(depth);
        project(&folder);
        let path = folder.to_str().unwrap();
        let output = gateway(&["build", path, "--esbuild", esbuild.to_str().unwrap(), "--output", "json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let tested = gateway(&["test", path]);
        assert!(tested.status.success(), "{}{}", String::from_utf8_lossy(&tested.stdout), stderr(&tested));
        (report, std::fs::read(folder.join("words.js")).unwrap())
    };
    let (report, code) = built("a");
    let (other, same) = built("deeper/than/that");
    assert_eq!(code, same);
    assert_eq!(report["sha256"], other["sha256"]);
    // A name that the package declares itself is no global.
    assert_eq!(report["missing_globals"], json!(["Buffer"]));
    let names: Vec<&str> =
        report["packages"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"word-count") && names.contains(&"src/text.ts"), "{names:?}");
}

#[test]
fn what_stands_in_the_way_of_a_build_is_said() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("words");
    project(&folder);
    let path = folder.to_str().unwrap();
    let output = gateway(&["build", path, "--esbuild", "/nowhere/esbuild"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("npm install --save-dev --save-exact esbuild@"), "{}", stderr(&output));
    let toml = folder.join("gateway.toml");
    let text = std::fs::read_to_string(&toml).unwrap().replace("entry = \"src/main.ts\"\n", "");
    std::fs::write(&toml, text).unwrap();
    assert!(stderr(&gateway(&["build", path])).contains("no `entry` under [project]"));
    let Some(esbuild) = esbuild() else { return };
    project(&folder);
    std::fs::write(folder.join("src/text.ts"), "import 'node:fs';\nexport const text = String;\n").unwrap();
    let error = stderr(&gateway(&["build", path, "--esbuild", esbuild.to_str().unwrap()]));
    assert!(error.contains("node:fs") && error.contains("do not exist for the gateway"), "{error}");
    assert!(!folder.join("words.js").exists());
}

#[tokio::test]
async fn the_page_runs_what_its_editor_holds_and_answers_no_other_site() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("dice");
    let path = folder.to_str().unwrap();
    assert!(gateway(&["init", path, "--template", "price"]).status.success());
    let mut page = Command::new(env!("CARGO_BIN_EXE_gateway"))
        .args(["dev", path, "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(page.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap()
        .trim_end_matches([';', '/']);
    let client = reqwest::Client::new();
    let answer = client.get(url).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = answer.text().await.unwrap();
    assert!(!html.contains("http://") && !html.contains("https://"), "the page has no third host");

    let state: Value = client.get(format!("{url}/api/state")).send().await.unwrap().json().await.unwrap();
    assert_eq!(state["recordings"], json!(["recording.json"]));
    let run = |code: Value| {
        let asked = json!({ "code": code, "input": state["input"].to_string(), "nodes": 3, "recording": "recording.json" });
        client.post(format!("{url}/api/run")).json(&asked).send()
    };
    let out: Value = run(state["code"].clone()).await.unwrap().json().await.unwrap();
    assert_eq!(out["agreed"]["class"], "ok", "{out}");
    assert_eq!(out["nodes"].as_array().unwrap().len(), 3);
    assert!(!out["fetches"].as_array().unwrap().is_empty(), "{out}");
    let out: Value = run(json!("console.log('here');\nexport default (input: any) => input.no.such;"))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(out["agreed"]["class"], "js_throw", "{out}");
    assert!(out["logs"][0].as_str().unwrap().contains("here"), "{out}");
    assert_eq!(run(json!("enum A { B }")).await.unwrap().status(), 400);

    for (header, value) in [("origin", "http://evil.example"), ("host", "evil.example")] {
        let asked = client
            .post(format!("{url}/api/save"))
            .header(header, value)
            .json(&json!({ "code": "", "seen": "" }));
        assert_eq!(asked.send().await.unwrap().status(), 403, "{header}");
    }
    let save = |seen: &str| {
        let asked = json!({ "code": "export default () => 1;\n", "seen": seen });
        client.post(format!("{url}/api/save")).json(&asked).send()
    };
    assert_eq!(save("other").await.unwrap().status(), 400, "another program has changed the file");
    assert_eq!(save(state["version"].as_str().unwrap()).await.unwrap().status(), 200);
    assert_eq!(std::fs::read_to_string(folder.join("price.ts")).unwrap(), "export default () => 1;\n");
    let seen = state["version"].as_str().unwrap();
    let change: Value =
        client.get(format!("{url}/api/change?version={seen}")).send().await.unwrap().json().await.unwrap();
    assert_eq!(change["code"], "export default () => 1;\n");
    page.kill().unwrap();
    page.wait().unwrap();
}
