//! What an author relies on: both conventions, values, errors with their place, console, clock, randomness.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{engine, job, outcome, run};
use gateway_engine::{LogLevel, OutcomeClass, Profile};

#[tokio::test]
async fn both_conventions_return_canonical_values() {
    let engine = engine().await;
    let cases = [
        ("export default (input) => input.a + input.b", r#"{"a":2,"b":3}"#, "5"),
        (
            "export default async function (input, ctx) { return { now: ctx.now, b: 1 } }",
            "null",
            r#"{"b":1,"now":1700000000123}"#,
        ),
        ("mainFunction = ({a, b}) => a + b;", r#"{"a":2,"b":3}"#, "5"),
        (
            "function mainFunction(x) { return x }",
            r#"{"z":[1.5,"é"],"a":null}"#,
            r#"{"a":null,"z":[1.5,"é"]}"#,
        ),
        (
            "const mainFunction = async () => arguments_; var arguments_ = [1e21, -0, 0.1 + 0.2];",
            "1",
            "[1e+21,0,0.30000000000000004]",
        ),
        ("async function mainFunction() { await null; return await Promise.all([1, 2]) }", "0", "[1,2]"),
        ("export default () => new Promise((r) => setTimeout(() => r('late'), 1e6))", "0", r#""late""#),
        ("const x = await Promise.resolve(7); export default () => x", "0", "7"),
        ("export default () => ({ toJSON() { return 'j' } })", "0", r#""j""#),
        ("export default function () { return arguments.length }", "0", "2"),
        ("function mainFunction() { return arguments.length }", "0", "1"),
    ];
    for (code, input, expected) in cases {
        assert_eq!(outcome(&engine, code, input).await, ("ok".to_owned(), expected.to_owned()), "{code}");
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn errors_are_outcomes_with_a_class_and_a_place() {
    let engine = engine().await;
    let cases = [
        (
            "export default () => {\n  throw new Error('no')\n}",
            "js_throw",
            r#"{"column":9,"line":2,"message":"Error: no"}"#,
        ),
        (
            "export default async () => { await 0; null.x }",
            "js_throw",
            r#"{"column":44,"line":1,"message":"TypeError: Cannot read properties of null (reading 'x')"}"#,
        ),
        ("export default () => Promise.reject('plain')", "js_throw", r#"{"message":"plain"}"#),
        (
            "export default (x) => {\n  let y = ;\n}",
            "js_syntax",
            r#"{"column":11,"line":2,"message":"SyntaxError: Unexpected token ';'"}"#,
        ),
        (
            "function mainFunction( {",
            "js_syntax",
            r#"{"column":25,"line":1,"message":"SyntaxError: Unexpected end of input"}"#,
        ),
        (
            "import x from 'fs'; export default () => 1",
            "import_denied",
            r#"{"message":"SyntaxError: imports are not available: 'fs'"}"#,
        ),
        (
            "export default () => import('fs')",
            "import_denied",
            r#"{"column":22,"line":1,"message":"TypeError: imports are not available: 'fs'"}"#,
        ),
        (
            "const x = 1",
            "no_function",
            r#"{"message":"the code defines no entry; write `export default async function (input, ctx) {…}` or define `mainFunction`"}"#,
        ),
        (
            "export const x = 1",
            "no_function",
            r#"{"message":"the module has exports but no default export; write `export default async function (input, ctx) {…}`"}"#,
        ),
        ("export default 5", "no_function", r#"{"message":"the default export is not a function"}"#),
        (
            "export default () => new Promise(() => {})",
            "never_settled",
            r#"{"message":"the promise never settles: no timer and no fetch is left that could settle it"}"#,
        ),
        (
            "await new Promise(() => {}); export default () => 1",
            "never_settled",
            r#"{"message":"the promise never settles: no timer and no fetch is left that could settle it"}"#,
        ),
        (
            "export default () => undefined",
            "not_json",
            r#"{"message":"NotJson: the code returned undefined; return a value, or null"}"#,
        ),
        (
            "export default () => ({ a: [1, NaN] })",
            "not_json",
            r#"{"message":"NotJson: result.a.1 is NaN, which JSON has no form for"}"#,
        ),
        (
            "export default () => ({ big: 1n })",
            "not_json",
            r#"{"message":"NotJson: result.big is a BigInt; return it as a string with .toString()"}"#,
        ),
        (
            "export default () => 'x'.repeat(70000)",
            "output_too_large",
            r#"{"message":"the result has 70002 bytes of canonical JSON; the limit is 65536"}"#,
        ),
        (
            "export default () => { Promise.reject(new Error('lost')); return 1 }",
            "js_throw",
            r#"{"column":39,"line":1,"message":"Error: lost"}"#,
        ),
        (
            "export default () => ({ get x() { throw new Error('getter') } })",
            "js_throw",
            r#"{"column":41,"line":1,"message":"Error: getter"}"#,
        ),
        (
            "export default () => eval('1')",
            "js_throw",
            r#"{"column":22,"line":1,"message":"EvalError: Code generation from strings disallowed for this context"}"#,
        ),
    ];
    for (code, class, body) in cases {
        assert_eq!(outcome(&engine, code, "0").await, (class.to_owned(), body.to_owned()), "{code}");
    }
    let (class, _) = outcome(&engine, "export default () => 1", "{oops").await;
    assert_eq!(class, "input_not_json");
    engine.shutdown().await;
}

#[tokio::test]
async fn an_author_sees_console_source_line_and_stack() {
    let engine = engine().await;
    let code = "function inner() {\n  throw new Error('deep')\n}\n\
                export default () => {\n  console.log('a %s', 'b', { x: [1, 'y'] });\n  console.warn(new Map([[1, 2]]));\n  inner()\n}";
    let run = run(&engine, job(code, "0")).await;
    assert_eq!(run.class, OutcomeClass::JsThrow);
    let logs: Vec<_> = run.logs.iter().map(|l| (l.level, l.text.as_str())).collect();
    assert_eq!(logs, [(LogLevel::Info, "a b { x: [1, \"y\"] }"), (LogLevel::Warn, "Map(1) {1 => 2}")]);
    let detail = run.detail.unwrap();
    assert_eq!(detail.source_line, "  throw new Error('deep')");
    assert_eq!(detail.stack.len(), 2);
    assert!(
        detail.stack[0].starts_with("inner (fn://") && detail.stack[0].ends_with("/main.js:2:9)"),
        "{detail:?}"
    );
    engine.shutdown().await;
}

#[tokio::test]
async fn clocks_and_randomness_are_those_of_the_job() {
    let engine = engine().await;
    let code = "export default () => [Date.now(), new Date().toISOString(), Date(), \
                new Intl.DateTimeFormat().format(), new Date().getTimezoneOffset(), Math.random(), Math.random(), \
                Math.tanh(0.7), Math.pow(1.1, 10.3), (1234.5).toLocaleString(), performance.now()]";
    let first = run(&engine, job(code, "0")).await;
    assert_eq!(
        first.body,
        "[1700000000123,\"2023-11-14T22:13:20.123Z\",\"Tue Nov 14 2023 22:13:20 GMT+0000 (Coordinated Universal Time)\",\
         \"11/14/2023\",0,0.2576700652649109,0.43935702292436196,0.6043677771171634,2.6689759298979423,\"1,234.5\",0]"
    );
    for profile in [Profile::Jitless, Profile::Jit] {
        let again = run(&engine, gateway_engine::Job { project: 2, profile, ..job(code, "0") }).await;
        assert_eq!(again.body, first.body);
    }
    let other = run(&engine, gateway_engine::Job { seed: [8; 32], ..job(code, "0") }).await;
    assert_ne!(other.body, first.body);
    // Timers move the clock, and nobody waits.
    let code =
        "export default async () => { await new Promise((r) => setTimeout(r, 86400000)); return Date.now() }";
    assert_eq!(run(&engine, job(code, "0")).await.body, "1700086400123");
    engine.shutdown().await;
}

#[tokio::test]
async fn the_examples_work() {
    let engine = engine().await;
    let read = |name: &str| {
        std::fs::read_to_string(format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let cases = [
        ("addition.js", r#"{"a":2,"b":3}"#, "5"),
        ("circle-area.js", r#"{"radius":2}"#, "12.566370614359172"),
        (
            "json-reduce.js",
            r#"{"document":"[{\"product\":\"tea\",\"units\":3,\"price\":250},{\"product\":\"cup\",\"units\":1,\"price\":900}]"}"#,
            r#"{"best":"cup","products":{"cup":{"amount":900,"units":1},"tea":{"amount":750,"units":3}},"total":1650}"#,
        ),
    ];
    for (name, input, expected) in cases {
        assert_eq!(
            outcome(&engine, &read(name), input).await,
            ("ok".to_owned(), expected.to_owned()),
            "{name}"
        );
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn a_check_compiles_and_runs_nothing() {
    let engine = engine().await;
    let report = engine.check(b"while (true); export default 1").await.unwrap();
    assert_eq!((report.kind.as_deref(), report.error), (Some("module"), None));
    let report = engine.check(b"while (true);").await.unwrap();
    assert_eq!(report.kind.as_deref(), Some("script"));
    let report = engine.check(b"export default (").await.unwrap();
    assert_eq!(report.error.unwrap().0, OutcomeClass::JsSyntax);
    let report = engine.check(b"\xff").await.unwrap();
    assert_eq!(report.error.unwrap().1, r#"{"message":"the code is not UTF-8 at byte 0"}"#);
    engine.shutdown().await;
}
