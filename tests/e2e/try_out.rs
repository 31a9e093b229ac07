//! Trying code out before it is registered: outcomes, agreement, exit codes, and what registering takes.

use std::path::Path;

use gateway_api::{CodeSource, ExecuteMsg};

use crate::api::serve;
use crate::cli::{gateway, stderr};

/// A folder with pieces of code.
struct Bench {
    home: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Exit code and output of a command; what it complains about is shown where the test fails.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output = gateway(arguments);
    eprintln!("{}", stderr(&output));
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

const MANIFEST: &str = "/* gateway-manifest {\"hosts\": [\"localhost\"]} */\n";

#[test]
fn agreement_and_its_exit_codes() {
    let bench = Bench::new();
    let sum = bench.file("sum.js", "export default ({ a, b }) => a + b;\n");
    let (exit, out) = run(&["run", &sum, "--input", "{\"a\":1,\"b\":2}", "--nodes", "3"]);
    assert_eq!(exit, Some(0), "{out}");
    assert!(out.contains("agreed (exact; 3 of 3 seats, 2 needed): ok 3"), "{out}");
    assert!(out.contains("of 2000 ms") && out.contains("0 of 8 fetches"), "{out}");
    let (exit, out) = run(&["run", &sum, "--input", "null"]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("js_throw") && out.contains("export default ({ a, b })"), "{out}");
    let endless =
        bench.file("endless.js", "function spin() {\n  for (;;) {}\n}\nexport default () => spin();\n");
    let (exit, out) = run(&["run", &endless, "--wall-ms", "200"]);
    assert_eq!(exit, Some(5), "{out}");
    assert!(out.contains("in spin, line 2"), "where it was: {out}");
    for wrong in [["--rule", "median"], ["--rule", "median:10001"], ["--quorum", "5000"], ["--nodes", "0"]] {
        assert_eq!(run(&["run", &sum, wrong[0], wrong[1]]).0, Some(2), "{wrong:?}");
    }
}

#[test]
fn where_nodes_see_different_data_the_difference_is_shown_by_field_and_node() {
    let bench = Bench::new();
    let url = serve(|n, _| format!("{{\"usd\": {}, \"name\": \"tea\"}}", 100 + n));
    let code = "export default async (url) => ({ data: await gateway.fetchJson(url) });\n";
    let file = bench.file("price.js", &format!("{MANIFEST}{code}"));
    let input = format!("\"{url}\"");
    let record = bench.home.path().join("t.json");
    let record = record.to_str().unwrap();
    let base = ["run", &file, "--input", &input, "--localhost", "--nodes", "3"];
    let with = |more: &[&str]| run(&[&base[..], more].concat());

    let (exit, out) = with(&["--skew", "50ms", "--record", record]);
    assert_eq!(exit, Some(4), "{out}");
    assert!(out.contains("not agreed (exact; 1 of 3 seats at most, 2 needed)"), "{out}");
    assert!(out.contains("/data/usd differs:"), "{out}");
    // Which node was first is the network's affair.
    for part in ["    node 1: 10", "    node 2: 10", "    node 3: 10", ": 100\n", ": 101\n", ": 102\n"] {
        assert!(out.contains(part), "{part:?} is not in {out}");
    }
    assert!(!out.contains("/data/name"), "{out}");

    let (exit, out) = with(&["--replay", record]);
    assert_eq!(exit, Some(0), "{out}");
    assert!(out.contains("ok {\"data\":{\"name\":\"tea\",\"usd\":10"), "{out}");
    let (exit, out) = with(&["--fail", "404:2"]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("http_status"), "{out}");
    let (exit, out) = with(&["--fail", "429:2"]);
    assert_eq!(exit, Some(5), "a source that is out of reach is no outcome: {out}");
    assert!(out.contains("no outcome (source): the source is unavailable: http_status 429 from"), "{out}");
    let (exit, out) = with(&["--timeout", "1"]);
    assert_eq!(exit, Some(5), "{out}");
    assert!(out.contains("nodes 1, 2, 3 without an outcome"), "{out}");
    let (exit, out) = run(&["run", &file, "--input", &input]);
    assert_eq!(exit, Some(3), "this machine is out of reach unless asked for: {out}");
    assert!(out.contains("fetch_denied"), "{out}");
}

#[test]
fn a_recording_replays_to_the_same_bytes_whatever_the_code_asks_of_time_and_chance() {
    let bench = Bench::new();
    let code = "export default () => [Date.now(), Math.random(), crypto.randomUUID()];\n";
    let file = bench.file("chance.js", code);
    let record = bench.home.path().join("r.json");
    let record = record.to_str().unwrap();
    let agreed = |more: &[&str]| {
        let (exit, out) = run(&[&["run", &file][..], more].concat());
        assert_eq!(exit, Some(0), "{out}");
        out.lines().last().unwrap_or_default().to_owned()
    };

    let recorded = agreed(&["--record", record]);
    assert_eq!(agreed(&["--replay", record]), recorded);
    assert_ne!(agreed(&[]), recorded, "another run has a time and a seed of its own");

    std::fs::write(record, r#"{"exchanges": []}"#).unwrap();
    assert_ne!(agreed(&["--replay", record]), recorded, "a recording by hand names no moment");
}

#[test]
fn decimals_agree_within_the_tolerance_of_their_median() {
    let bench = Bench::new();
    let url = serve(|n, _| if n == 3 { "1e2".to_owned() } else { format!("\"1000.{}\"", n + 1) });
    let file =
        bench.file("price.js", &format!("{MANIFEST}export default (url) => gateway.fetchJson(url);\n"));
    let input = format!("\"{url}\"");
    let (exit, out) = run(&[
        "run",
        &file,
        "--input",
        &input,
        "--localhost",
        "--nodes",
        "4",
        "--rule",
        "median:10",
        "--skew",
        "50ms",
    ]);
    assert_eq!(exit, Some(0), "{out}");
    assert!(
        out.contains("agreed (median within 10 basis points; 3 of 4 seats, 3 needed): ok 1000.1"),
        "{out}"
    );
    assert!(out.contains(" outside the tolerance"), "{out}");
}

#[test]
fn an_object_agrees_by_its_fields_and_a_value_by_its_seats() {
    let bench = Bench::new();
    let url = serve(|n, _| format!("{{\"name\":\"tea\",\"usd\":{}}}", 1000 + n));
    let input = format!("\"{url}\"");
    let code = format!("{MANIFEST}export default (url) => gateway.fetchJson(url);\n");
    let file = bench.file("prices.js", &code);
    let base = ["run", &file, "--input", &input, "--localhost", "--skew", "50ms", "--nodes", "3", "--rule"];
    let with = |rule: &str| run(&[&base[..], &[rule]].concat());
    let (exit, out) = with("fields:/usd=50");
    assert_eq!(exit, Some(0), "{out}");
    let agreed = "agreed (medians of /usd within 50 basis points; 3 of 3 seats, 2 needed): ok {\"name\":\"tea\",\"usd\":1001}";
    assert!(out.contains(agreed), "{out}");
    let (exit, out) = with("fields:/eur=50");
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("not_json {\"message\":\"there is no value at /eur\"}"), "{out}");
    let (exit, out) = with("mode:5000");
    assert_eq!(exit, Some(4), "{out}");
    assert!(
        out.contains("not agreed (mode of at least 5000 basis points; 1 of 3 seats at most, 2 needed)"),
        "{out}"
    );
    let (exit, out) = with("fields:usd=50");
    assert_eq!(exit, Some(1), "{out}");
}

/// The message in the command that `gateway check` prints.
fn message(out: &str) -> ExecuteMsg {
    let (_, rest) = out.split_once(" '").unwrap_or_else(|| panic!("no message in {out}"));
    let (json, _) = rest.split_once("' --from").unwrap_or_else(|| panic!("no end in {out}"));
    serde_json::from_str(&json.replace(r"'\''", "'")).unwrap()
}

#[test]
fn a_check_prints_what_registering_takes_and_the_contract_reads_it() {
    let bench = Bench::new();
    let broken = bench.file("broken.js", "export default () => {\n  let x = ;\n};\n");
    let (exit, out) = run(&["check", &broken]);
    assert_eq!(exit, Some(3), "{out}");
    assert!(out.contains("js_syntax") && out.contains("\"line\":2") && out.contains("let x = ;"), "{out}");

    let manifest = r#"/* gateway-manifest {"hosts": ["api.example.com", "*.example.org"]} */ "#;
    let good = bench.file("good.js", &format!("{manifest}export default () => 1;\n"));
    let (exit, out) = run(&["check", &good, "--name", "Ada's feed"]);
    assert_eq!(exit, Some(0), "{out}");
    let ExecuteMsg::RegisterProject { name, code, policy, .. } = message(&out) else { panic!("{out}") };
    assert_eq!(name.as_str(), "Ada's feed");
    assert!(out.contains(r"Ada'\''s feed"), "a shell reads it as one word: {out}");
    assert_eq!(policy.hosts, ["api.example.com", "*.example.org"]);
    assert_eq!(code.sources, [CodeSource::Store {}]);
    assert_eq!(u64::from(code.size), std::fs::metadata(&good).unwrap().len());
    assert!(out.contains(&format!("sha256    {}", code.sha256)), "{out}");
    assert_eq!(policy.fault(), None);
    assert_eq!(run(&["check", &good, "--name", ""]).0, Some(1), "a name the contract refuses is not printed");

    for example in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")).unwrap() {
        let path = example.unwrap().path();
        if path.extension().is_some_and(|end| end == "js") {
            let (exit, out) = run(&["check", path.to_str().unwrap()]);
            assert_eq!(exit, Some(0), "{}: {out}", path.display());
            message(&out);
        }
    }
}
