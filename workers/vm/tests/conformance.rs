//! The runner of the language's test suite, on a suite of a few files: passes, failures and skips are distinguished.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::engine;
use gateway_engine::conformance::{Verdict, conformance};

#[tokio::test]
async fn files_pass_and_fail_as_the_suite_defines() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("harness/assert.js", "function assert(v, m) { if (v !== true) throw new Test262Error(m) }");
    write("harness/sta.js", "function Test262Error(m) { this.message = m }");
    write(
        "harness/doneprintHandle.js",
        "function $DONE(e) { print(e ? 'Test262:AsyncTestFailure:' + e : 'Test262:AsyncTestComplete') }",
    );
    write("test/a-pass.js", "/*---\ndescription: x\n---*/\nassert([1, 2].at(-1) === 2);");
    write("test/b-fail.js", "/*---\ndescription: x\n---*/\nassert(1 === 2, 'one is not two');");
    write("test/c-parse.js", "/*---\nnegative:\n  phase: parse\n  type: SyntaxError\n---*/\nlet x; let x;");
    write(
        "test/d-runtime.js",
        "/*---\nnegative:\n  phase: runtime\n  type: RangeError\n---*/\nthrow new RangeError();",
    );
    write("test/e-async.js", "/*---\nflags: [async]\n---*/\nPromise.resolve().then(() => $DONE());");
    write("test/f-async-fail.js", "/*---\nflags: [async]\n---*/\nPromise.resolve().then(() => $DONE('no'));");
    write("test/g-skip.js", "/*---\n---*/\neval('1')");
    write(
        "test/h-module.js",
        "/*---\nflags: [module]\n---*/\nexport const x = 1; assert(this === undefined);",
    );
    write(
        "test/i-strict.js",
        "/*---\nflags: [onlyStrict]\n---*/\nassert((function () { return this })() === undefined);",
    );
    write("test/j-should-fail.js", "/*---\nnegative:\n  phase: parse\n  type: SyntaxError\n---*/\nlet x;");
    write("test/k-unhandled.js", "/*---\n---*/\nPromise.reject(new Error('left alone'));");
    write(
        "test/l-async-module.js",
        "/*---\nflags: [async, module]\n---*/\nawait 0; Promise.reject(1); $DONE();",
    );
    write("test/m-never-done.js", "/*---\nflags: [async]\n---*/\nPromise.reject(1);");
    write("test/n-late-throw.js", "/*---\nflags: [async]\n---*/\nsetTimeout(() => { throw 1 });");
    let engine = engine().await;
    let mut seen = Vec::new();
    conformance(&engine, dir.path(), "", |file| {
        let word = match &file.verdict {
            Verdict::Pass => "pass",
            Verdict::Fail(_) => "fail",
            Verdict::Skip(_) => "skip",
        };
        seen.push(word);
    })
    .await
    .unwrap();
    assert_eq!(
        seen,
        [
            "pass", "fail", "pass", "pass", "pass", "fail", "skip", "pass", "pass", "fail", "pass", "pass",
            "fail", "fail"
        ]
    );
    engine.shutdown().await;
}
