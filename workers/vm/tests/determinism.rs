//! The same code, input and seed give the same bytes: on every worker, in any environment, under load, and
//! whatever ran before.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use common::{config, engine, job};
use gateway_engine::{Engine, Job, Limits, WorkerCommand};

/// Programs whose result would show a difference in numbers, order, locale, clock, randomness or memory.
const CORPUS: &[&str] = &[
    // Every function of Math on values that reach its branches.
    "export default () => Object.getOwnPropertyNames(Math).filter((n) => typeof Math[n] === 'function' && n !== 'sumPrecise').map((n) => \
      [n, [0.1, 0.7, 1.1, -2.5, 1e-9, 1e9, 710.3].map((x) => String(Math[n](x, 3.3)))])",
    "export default () => { let x = 0.5, out = []; for (let i = 0; i < 2000; i++) { x = Math.tanh(x * 1.7) + Math.pow(1.0001, i * 0.37) ** 0.3 - Math.sin(x); out.push(x) } return [x, out.reduce((a, b) => a + b)] }",
    "export default () => { let n = 0; const f = () => { n++; f() }; try { f() } catch (e) { return [n, e.message] } }",
    // The same in a microtask, a timer, a getter of the result, a `then` that is looked for, and a script.
    "export default async () => { let n = 0; const f = () => { n++; f() }; const g = () => { try { f() } catch {} }; await Promise.resolve().then(g); \
      const a = n; await new Promise((r) => setTimeout(() => { g(); r() }, 1)); return { a, b: n, get c() { g(); return n }, toJSON() { g(); const { a, b, c } = this; return { a, b, c, d: n } } } }",
    "export default () => { let n = 0; const f = () => { n++; f() }; return { get then() { try { f() } catch {} return (r) => r(n) } } }",
    "let n = 0; const f = () => { n++; f() }; try { f() } catch {} function mainFunction() { const top = n; try { f() } catch {} return [top, n] }",
    // Nesting that the serialiser and the parser of patterns bear.
    "export default () => { const deep = (ok) => { let low = 100, high = 60000; while (high - low > 1) { const m = (low + high) >> 1; try { ok(m); low = m } catch { high = m } } return low }; \
      return [deep((d) => { let v = 1; for (let i = 0; i < d; i++) v = [v]; JSON.stringify(v) }), deep((d) => new RegExp('('.repeat(d) + ')'.repeat(d)))] }",
    "export default () => [0.1 + 0.2, 1e21, 123456.789e-9, 5e-324, 2 ** 53, -0].map(String).concat((12345.678).toLocaleString('de-DE'), new Date().toLocaleString())",
    "export default () => ['z', 'ä', 'a', 'Z', 'å', '10', '9'].sort(new Intl.Collator().compare).concat([3, 1, 2].sort(() => 0), Intl.DateTimeFormat().resolvedOptions().timeZone, Intl.NumberFormat().resolvedOptions().locale)",
    "export default async () => { const log = []; const p = (n) => Promise.resolve().then(() => log.push(n)); \
      setTimeout(() => log.push('t2'), 2); setTimeout(() => log.push('t1'), 1); queueMicrotask(() => log.push('m')); p(1); await p(2); \
      await new Promise((r) => setTimeout(r, 5)); return [log, Date.now(), performance.now(), Math.random(), crypto.randomUUID()] }",
    "export default () => { const m = new Map(), s = new Set(), o = {}; for (let i = 0; i < 500; i++) { const k = 'k' + (i * 7919 % 500); m.set(k, i); s.add(k); o[k] = i; o[i] = k } return [[...m.keys()].join(), [...s].join(), Object.keys(o).join()] }",
    "export default () => { try { null.f() } catch (e) { return e.stack } }",
    "export default () => new Error('x').stack + [...'𝒳é'].map((c) => c.normalize('NFD').length) + 'straße'.toUpperCase() + 'I'.toLocaleLowerCase()",
];

async fn digests(engine: &Engine, project: u64) -> Vec<String> {
    let mut out = Vec::new();
    for code in CORPUS {
        let run = engine.run(Job { project, ..job(code, "null") }).await.expect("an outcome");
        assert_eq!(run.class.as_str(), "ok", "{code}: {}", run.body);
        out.push(run.body);
    }
    out
}

/// An engine whose workers are started through `env` with these settings.
async fn in_environment(settings: &[&str]) -> Engine {
    let mut config = config();
    let mut args: Vec<_> = settings.iter().map(Into::into).collect();
    args.push(config.worker.program.clone().into_os_string());
    config.worker = WorkerCommand { program: "/usr/bin/env".into(), args };
    Engine::start(config).await.unwrap()
}

#[tokio::test]
async fn the_environment_changes_nothing() {
    let plain = engine().await;
    let expected = digests(&plain, 1).await;
    let id = plain.engine_id(gateway_engine::Profile::Jitless);
    plain.shutdown().await;
    for settings in [
        &["TZ=America/New_York", "LANG=de_DE.UTF-8", "LC_ALL=tr_TR.UTF-8"][..],
        &["GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F,-AVX2_Usable,-FMA_Usable"],
        // More thread-local storage at the top of the stack.
        &["GLIBC_TUNABLES=glibc.rtld.optional_static_tls=65536"],
        &["HOME=/nowhere", "MALLOC_ARENA_MAX=8", "ICU_DATA=/nowhere", "NODE_OPTIONS=--jitless"],
        // Bound to one core: V8 and the C library count cores.
        &["taskset", "--cpu-list", "0"],
    ] {
        let engine = in_environment(settings).await;
        assert_eq!(engine.engine_id(gateway_engine::Profile::Jitless), id);
        for (i, (got, expected)) in digests(&engine, 1).await.iter().zip(&expected).enumerate() {
            assert_eq!(got, expected, "{settings:?}: {}", CORPUS[i]);
        }
        engine.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_runs_on_many_workers_under_load_give_one_digest_each() {
    let mut config = config();
    config.workers = 4;
    config.jobs_per_worker = 7;
    let engine = Arc::new(Engine::start(config).await.unwrap());
    // A busy thread for each core, so that workers are interrupted at any point.
    let busy = Arc::new(AtomicBool::new(true));
    for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
        let busy = Arc::clone(&busy);
        std::thread::spawn(move || while busy.load(Ordering::Relaxed) {});
    }
    let mut runs = tokio::task::JoinSet::new();
    for project in 0..10u64 {
        for _ in 0..10 {
            let engine = Arc::clone(&engine);
            runs.spawn(async move { digests(&engine, project).await });
        }
    }
    let mut seen = BTreeSet::new();
    let mut count = 0;
    while let Some(bodies) = runs.join_next().await {
        seen.insert(bodies.unwrap());
        count += 1;
    }
    busy.store(false, Ordering::Relaxed);
    assert_eq!((count, seen.len()), (100, 1));
    if let Some(engine) = Arc::into_inner(engine) {
        engine.shutdown().await;
    }
}

/// Everything that can be reached from the global object: a line for each value, with what getters, clocks and
/// functions without arguments say.
const WALK: &str = r#"export default async () => {
  const names = new Map();
  const lines = [];
  const line = (path, value) => lines.push(`${path} = ${typeof value === 'symbol' ? String(value) : `${typeof value} ${value}`}`);
  const walk = (value, path) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return line(path, value);
    if (names.has(value)) return lines.push(`${path} is ${names.get(value)}`);
    names.set(value, path);
    for (const key of Reflect.ownKeys(value)) {
      const own = Reflect.getOwnPropertyDescriptor(value, key);
      const name = `${path}.${String(key)}`;
      if ('value' in own) { walk(own.value, name); continue; }
      walk(own.get, `${name} get`);
      walk(own.set, `${name} set`);
      try { const got = value[key]; if (typeof got !== 'object' && typeof got !== 'function') line(name, got); } catch (error) { line(name, error.message); }
    }
    walk(Reflect.getPrototypeOf(value), `${path} prototype`);
  };
  walk(globalThis, 'g');
  const values = [Date.now(), Date(), new Date(), performance.now(), performance.timeOrigin, Math.random(), crypto.randomUUID(),
    new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'full' }).format(), new Error('here').stack];
  await new Promise((resolve) => setTimeout(resolve, 1));
  values.push(Date.now(), performance.now());
  return [lines, values.map(String)];
}"#;

/// What the walk finds, on a worker of its own.
async fn walk(now_ns: u64) -> (SystemTime, String) {
    let engine = engine().await;
    let limits = Limits { cpu_ms: 20_000, output_bytes: 1_000_000, ..Limits::default() };
    let at = SystemTime::now();
    let run = engine.run(Job { now_ns, limits, ..job(WALK, "null") }).await.unwrap();
    assert_eq!(run.class.as_str(), "ok", "{}", run.body);
    engine.shutdown().await;
    (at, run.body)
}

fn parsed(body: &str) -> (Vec<String>, Vec<String>) {
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn real_time_is_not_visible_to_code() {
    let (first_at, first) = walk(common::NOW_NS).await;
    let (second_at, second) = walk(common::NOW_NS).await;
    assert!(second_at > first_at, "real time has moved between the two");
    assert_eq!(first, second, "two runs at different times see the same");
    let (lines, values) = parsed(&first);
    assert!(lines.len() > 2_500, "{} lines", lines.len());
    // Another pinned time changes what clocks return, and nothing that lies about.
    let (_, other) = walk(1_000_000_000_000_000_000).await;
    let (other_lines, other_values) = parsed(&other);
    assert_eq!(lines, other_lines);
    assert_eq!((&*values[0], &*other_values[0]), ("1700000000123", "1000000000000"));
}

/// Pinned, so that a debug and a release build, and builds of two machines, cannot differ: one engine id, one depth.
#[cfg(target_arch = "x86_64")]
#[tokio::test]
async fn recursion_goes_as_deep_in_every_build() {
    let engine = engine().await;
    let code =
        "let n = 0; const f = () => { n++; f() }; export default () => { try { f() } catch {} return n }";
    let run = engine.run(job(code, "null")).await.unwrap();
    assert_eq!(run.body, "11510");
    engine.shutdown().await;
}
