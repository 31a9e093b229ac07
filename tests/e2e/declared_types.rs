//! `types/gateway.d.ts` declares what the isolate has, and the isolate has what it declares.

use std::collections::BTreeSet;

use crate::cli::{gateway, stderr};

/// Globals of the language itself, which TypeScript declares.
const LANGUAGE: &str = "Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date \
    Promise RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError SuppressedError \
    globalThis JSON Math Intl ArrayBuffer Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float16Array \
    Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt Set Iterator WeakMap WeakSet \
    Proxy Reflect decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval isFinite isNaN \
    DisposableStack AsyncDisposableStack Temporal";

/// Says what the isolate has: its globals, and the members of objects and of classes.
const LOOK: &str = "
const names = (object) => Object.getOwnPropertyNames(object).filter((name) => name !== 'constructor');
const isClass = (value) => typeof value === 'function' && /^class/.test(`${value}`);
export default () => ({
  globals: names(globalThis),
  Gateway: names(gateway),
  SubtleCrypto: names(crypto.subtle),
  classes: Object.fromEntries(names(globalThis).filter((name) => isClass(globalThis[name])).map((name) => [name, names(globalThis[name].prototype)])),
});
";

fn declarations() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../types/gateway.d.ts");
    std::fs::read_to_string(path).unwrap()
}

/// The name with which a declaration begins.
fn name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn declared_globals(text: &str) -> BTreeSet<&str> {
    let declared = |line: &'static str| text.lines().filter_map(move |found| found.strip_prefix(line));
    ["declare class ", "declare function ", "declare const "]
        .into_iter()
        .flat_map(declared)
        .map(name)
        .collect()
}

/// The members in the block that begins with this line.
fn declared_members<'a>(text: &'a str, head: &str) -> BTreeSet<&'a str> {
    let Some((_, rest)) = text.split_once(&format!("\n{head}")) else { panic!("{head} is not declared") };
    let (_, block) = rest.split_once('\n').unwrap();
    let lines = block.split("\n}").next().unwrap().lines();
    let members = lines.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    members.map(|line| name(line.trim_start_matches("readonly "))).filter(|name| !name.is_empty()).collect()
}

#[test]
fn what_is_declared_is_what_the_isolate_has() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("look.js");
    std::fs::write(&file, LOOK).unwrap();
    let output = gateway(&["run", file.to_str().unwrap(), "--max-result-bytes", "65536"]);
    let out = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.status.success(), "{out}{}", stderr(&output));
    let json = &out[out.find('{').unwrap()..=out.rfind('}').unwrap()];
    let seen: serde_json::Value = serde_json::from_str(json).unwrap();
    let list = |value: &serde_json::Value| -> BTreeSet<String> {
        value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let text = declarations();

    let language: BTreeSet<&str> = LANGUAGE.split_whitespace().collect();
    let globals = list(&seen["globals"]);
    let own: BTreeSet<&str> =
        globals.iter().map(String::as_str).filter(|name| !language.contains(name)).collect();
    assert_eq!(declared_globals(&text), own);

    for (block, head) in [("Gateway", "interface Gateway {"), ("SubtleCrypto", "interface SubtleCrypto {")] {
        let mut members = list(&seen[block]);
        // Stands behind the manifest's `compat`; nobody calls it by name.
        members.remove("chainlinkFunctions");
        let members: BTreeSet<&str> = members.iter().map(String::as_str).collect();
        assert_eq!(declared_members(&text, head), members, "{block}");
    }

    for (class, members) in seen["classes"].as_object().unwrap() {
        let generic = format!("declare class {class}<");
        let plain = format!("declare class {class} ");
        let declared = declared_members(&text, if text.contains(&generic) { &generic } else { &plain });
        for member in list(members) {
            assert!(declared.contains(member.as_str()), "{class}.{member} is not declared");
        }
    }
}
