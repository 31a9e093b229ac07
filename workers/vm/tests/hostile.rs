//! Code that means harm. Every case ends in the right abstention or outcome, and the engine then still runs
//! an honest job.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{abstention, engine, job, outcome};
use gateway_engine::{Abstention, Engine, Job, Limits};

/// For memory tests: what ends them must be memory, however slow the machine.
fn patient(code: &str) -> Job {
    let job = tight(code);
    Job { limits: Limits { cpu_ms: 20_000, wall_ms: 60_000, ..job.limits }, ..job }
}

fn tight(code: &str) -> Job {
    let limits = Limits {
        cpu_ms: 300,
        wall_ms: 3_000,
        heap_bytes: 24 << 20,
        array_buffer_bytes: 4 << 20,
        ..Limits::default()
    };
    Job { limits, ..job(code, "0") }
}

async fn still_works(engine: &Engine) {
    let (class, body) = outcome(engine, "export default () => 'alive'", "0").await;
    assert_eq!((class.as_str(), body.as_str()), ("ok", r#""alive""#));
}

#[tokio::test]
async fn endless_work_is_stopped_for_its_cpu_time() {
    let engine = engine().await;
    for code in [
        "export default () => { for (;;); }",
        "while (true); export default () => 1",
        "while (true); function mainFunction() {}",
        "export default async () => { const f = () => Promise.resolve().then(f); await f(); }",
        "export default () => /(a+)+b/.test('a'.repeat(40))",
        "export default () => ({ toJSON() { for (;;); } })",
        "export default () => ({ get x() { for (;;); } })",
        "export default () => new Proxy({}, { ownKeys() { for (;;); } })",
        "export default async () => { for (;;) await 0; }",
        "export default () => { try { for (;;); } finally { for (;;); } }",
        "Object.prototype.then = function () { for (;;); }; export default () => ({})",
        "export default () => { const a = []; a.length = 4294967295; return a.indexOf(1) + a.join().length }",
    ] {
        let (reason, text) = abstention(&engine, tight(code)).await;
        assert!(
            matches!(reason, Abstention::Cpu | Abstention::Heap | Abstention::Wall),
            "{code}: {reason} {text}"
        );
        still_works(&engine).await;
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn memory_is_bounded() {
    let engine = engine().await;
    for (code, expected) in [
        ("export default () => { const a = []; for (;;) a.push({ a }); }", &[Abstention::Heap][..]),
        ("export default () => { let s = 'x'; for (;;) s += s + s.slice(1); }", &[Abstention::Heap]),
        ("export default () => new Array(1e7).fill(1).length", &[Abstention::Heap]),
        (
            "export default () => { const s = new Set(); for (let i = 0; i < 1e6; i++) s.add(i); return s.size }",
            &[Abstention::Heap],
        ),
        // V8 grows one list far beyond the limit before it looks: whoever sees it first ends it.
        ("export default () => [...'.'.repeat(500000000)].length", &[Abstention::Heap, Abstention::Memory]),
        ("export default () => new Array(1e8).fill(0).length", &[Abstention::Heap, Abstention::Memory]),
        (
            "export default () => JSON.parse('[' + '1,'.repeat(4e7) + '1]').length",
            &[Abstention::Heap, Abstention::Memory],
        ),
        // Temporal's objects are native: the heap holds a small part of each.
        (
            "export default () => { const a = []; for (;;) a.push(Temporal.Duration.from({ hours: a.length })) }",
            &[Abstention::Heap, Abstention::Memory],
        ),
        (
            "export default () => { const a = []; for (;;) a.push(new Uint8Array(1e6)); }",
            &[Abstention::ArrayBuffers],
        ),
        (
            "export default () => { try { new Uint8Array(1e8) } catch {} return 1 }",
            &[Abstention::ArrayBuffers],
        ),
    ] {
        let (reason, text) = abstention(&engine, patient(code)).await;
        assert!(expected.contains(&reason), "{code}: {reason} {text}");
        let limit = match reason {
            Abstention::Heap => 24 << 20,
            Abstention::ArrayBuffers => 4 << 20,
            _ => (24 + 4 + 192) << 20,
        };
        let (has, says) = (text.split_once(" bytes"), text.contains(&format!("limit is {limit}")));
        assert!(says || text.contains(&format!("limit of {limit}")), "the limit is named: {text}");
        let used = has.and_then(|(before, _)| before.rsplit(' ').next()?.parse::<u64>().ok());
        assert!(used.is_some(), "the use is named: {text}");
        still_works(&engine).await;
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn a_worker_that_takes_more_than_its_limits_explain_is_killed() {
    let mut config = common::config();
    // Less than the process itself takes: what a job adds within its limits is then too much.
    config.worker_memory = 0;
    let engine = Engine::start(config).await.unwrap();
    let code = "export default () => { const keep = []; \
                for (let i = 0; i < 30; i++) keep.push(new Uint8Array(1e6).fill(1)); \
                for (let i = 0; i < 55; i++) keep.push(new Array(1e5).fill(i + 0.5)); \
                for (;;) keep.at(-1)[0] = keep.length }";
    let limits = Limits {
        heap_bytes: 60 << 20,
        array_buffer_bytes: 32 << 20,
        cpu_ms: 60_000,
        wall_ms: 60_000,
        ..Limits::default()
    };
    let (reason, text) = abstention(&engine, Job { limits, ..job(code, "0") }).await;
    assert_eq!(reason, Abstention::Memory, "{text}");
    assert!(text.contains("the limit is 96468992"), "{text}");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_stopped_run_says_where_it_was() {
    let engine = engine().await;
    let code = "function spin() {\n  for (;;) { Math.sqrt(2) }\n}\nexport default () => spin()";
    let job = patient(code);
    let job = Job { limits: Limits { cpu_ms: 300, ..job.limits }, ..job };
    match engine.run(job).await {
        Err(gateway_engine::RunError::Abstain { reason: Abstention::Cpu, text, site, usage }) => {
            let site = site.expect("a place");
            assert_eq!((site.function.as_str(), site.line), ("spin", 2));
            assert!(text.contains("limit of 300 ms"), "{text}");
            assert!(usage.cpu_us >= 300_000);
        }
        other => panic!("{other:?}"),
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn what_ends_by_itself_is_an_outcome() {
    let engine = engine().await;
    for (code, class, body) in [
        (
            "export default () => { const f = () => f(); f(); }",
            "js_throw",
            r#"{"column":1,"line":1,"message":"RangeError: Maximum call stack size exceeded"}"#,
        ),
        (
            "export default () => '.'.repeat(2 ** 30)",
            "js_throw",
            r#"{"column":26,"line":1,"message":"RangeError: Invalid string length"}"#,
        ),
        (
            "export default () => { for (let i = 0; i < 2000; i++) setTimeout(() => {}, 1); }",
            "js_throw",
            r#"{"column":55,"line":1,"message":"RangeError: more than 1000 timers"}"#,
        ),
        (
            "export default () => new Promise(() => setInterval(() => {}, 1))",
            "js_throw",
            r#"{"message":"RangeError: more than 1000 timers"}"#,
        ),
        ("const a = {}; a.a = a; export default () => a", "not_json", ""),
        (
            "export default () => [].constructor.constructor('return this')()",
            "js_throw",
            r#"{"column":37,"line":1,"message":"EvalError: Code generation from strings disallowed for this context"}"#,
        ),
        ("export default () => (async () => {}).constructor('return 1')()", "js_throw", ""),
        (
            "export default () => ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', \
          'process', 'require', 'Deno', 'ShadowRealm', 'gc', 'print'].filter((n) => n in globalThis)",
            "ok",
            "[]",
        ),
        (
            "Object.prototype.x = 1; Array.prototype.push = () => { throw 1 }; JSON.stringify = () => 'no'; \
          Promise.prototype.then = () => {}; export default async () => [1]",
            "ok",
            "[1]",
        ),
    ] {
        let (got, text) = outcome(&engine, code, "0").await;
        assert_eq!(got, class, "{code}: {text}");
        if !body.is_empty() {
            assert_eq!(text, body, "{code}");
        }
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn one_run_leaves_nothing_for_the_next() {
    let engine = engine().await;
    let poison = "globalThis.leak = 1; Array.prototype.leak = 1; Math.random(); export default () => 1";
    let look = "export default () => [typeof leak, [].leak === undefined, Math.random()]";
    let (_, clean) = outcome(&engine, look, "0").await;
    outcome(&engine, poison, "0").await;
    assert_eq!(outcome(&engine, look, "0").await.1, clean);
    engine.shutdown().await;
}

#[tokio::test]
async fn console_floods_are_cut() {
    let engine = engine().await;
    let code =
        "export default () => { for (let i = 0; i < 20000; i++) console.log('x'.repeat(100)); return 1 }";
    let run = engine.run(job(code, "0")).await.unwrap();
    let bytes: usize = run.logs.iter().map(|l| l.text.len()).sum();
    assert!((60_000..80_000).contains(&bytes), "{bytes}");
    assert_eq!(run.logs.last().unwrap().text, "(console output above the limit of 65536 bytes is dropped)");
    engine.shutdown().await;
}
