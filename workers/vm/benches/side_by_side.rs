//! The same jobs here, in `node:vm` (a fresh context in one process, which isolates nothing) and in a fresh
//! node process, one after another on one machine: prints a table of milliseconds per run.
//!
//! `cargo bench -p gateway-vm --bench side_by_side`. Columns of node are empty where there is no node.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway_engine::{Engine, EngineConfig, Job, Limits, Profile, SandboxMode, WorkerCommand};

const JOBS: &[(&str, &str)] = &[
    ("empty function", "function mainFunction() { return 1 }"),
    (
        "50 KB JSON: parse, filter, sort",
        "function mainFunction() { const text = JSON.stringify(Array.from({ length: 900 }, (_, i) => ({ id: i, name: 'item ' + i, price: (i * 7919) % 1000 }))); \
         return JSON.parse(text).filter((x) => x.price > 500).sort((a, b) => b.price - a.price || a.id - b.id).slice(0, 5) }",
    ),
    (
        "SHA-256 of 100 KB in JavaScript",
        "function mainFunction() { const K = []; for (let n = 2, c = 0; c < 64; n++) { let p = true; for (let d = 2; d * d <= n; d++) if (n % d === 0) p = false; if (p) { K.push((Math.cbrt(n) % 1 * 4294967296) | 0); c++ } } \
         const h = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19].map((x) => x | 0); const w = new Int32Array(64); \
         const r = (x, n) => (x >>> n) | (x << (32 - n)); for (let block = 0; block < 1600; block++) { for (let i = 0; i < 16; i++) w[i] = block * 16 + i; \
         for (let i = 16; i < 64; i++) w[i] = (w[i-16] + (r(w[i-15], 7) ^ r(w[i-15], 18) ^ (w[i-15] >>> 3)) + w[i-7] + (r(w[i-2], 17) ^ r(w[i-2], 19) ^ (w[i-2] >>> 10))) | 0; \
         let [a, b, c, d, e, f, g, j] = h; for (let i = 0; i < 64; i++) { const t1 = (j + (r(e, 6) ^ r(e, 11) ^ r(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0; const t2 = ((r(a, 2) ^ r(a, 13) ^ r(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0; j = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0 } \
         [a, b, c, d, e, f, g, j].forEach((x, i) => { h[i] = (h[i] + x) | 0 }) } return h }",
    ),
    (
        "256-bit BigInt modexp",
        "function mainFunction() { const m = 2n ** 256n - 189n; let out = 1n, b = 0x123456789abcdef123456789abcdefn, e = 2n ** 255n - 19n; while (e > 0n) { if (e & 1n) out = out * b % m; b = b * b % m; e >>= 1n } return out.toString(16) }",
    ),
    (
        "regular expressions and strings",
        "function mainFunction() { let text = ''; for (let i = 0; i < 2000; i++) text += 'user' + i + '@example' + (i % 7) + '.com, '; return (text.match(/[a-z]+\\d+@[a-z]+3\\.com/g) || []).map((x) => x.toUpperCase()).join('|').length }",
    ),
    (
        "promises and timers",
        "async function mainFunction() { const wait = (v) => Promise.resolve(v); let sum = 0; for (let i = 0; i < 100; i++) sum += await wait(i); return sum }",
    ),
];

fn job(code: &str, profile: Profile) -> Job {
    Job {
        label: "bench".to_owned(),
        project: 1,
        code: Arc::from(code.as_bytes()),
        code_hash: [0; 32],
        input: "null".to_owned(),
        now_ns: 0,
        seed: [0; 32],
        limits: Limits::default(),
        profile,
    }
}

/// Median and 99th percentile of runs, milliseconds, and the result.
async fn ours(engine: &Engine, code: &str, profile: Profile, runs: usize) -> (f64, f64, String) {
    let mut times = Vec::new();
    let mut body = String::new();
    for _ in 0..runs + 5 {
        let started = Instant::now();
        body = engine.run(job(code, profile)).await.expect("an outcome").body;
        times.push(started.elapsed());
    }
    let times = times.split_off(5);
    (percentile(times.clone(), 50), percentile(times, 99), body)
}

fn percentile(mut times: Vec<Duration>, percent: usize) -> f64 {
    times.sort();
    times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3
}

/// `node:vm` in one process: median milliseconds per fresh context, and the result.
fn node_vm(code: &str, runs: usize) -> Option<(f64, String)> {
    let script = format!(
        "const vm = require('node:vm'); const code = {code}; const times = []; let out; (async () => {{ \
         for (let i = 0; i < {runs} + 5; i++) {{ const t = process.hrtime.bigint(); const context = vm.createContext({{}}); \
         vm.runInContext(code, context); out = JSON.stringify(await vm.runInContext('mainFunction(null)', context)); \
         times.push(Number(process.hrtime.bigint() - t) / 1e6) }} \
         const sorted = times.slice(5).sort((a, b) => a - b); console.log(sorted[sorted.length >> 1] + ' ' + out) }})()",
        code = serde_json::to_string(code).ok()?
    );
    let output = Command::new("node").args(["-e", &script]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (time, body) = text.trim_end().split_once(' ')?;
    Some((time.parse().ok()?, body.to_owned()))
}

/// A fresh node process per run: median milliseconds.
fn node_process(code: &str) -> Option<f64> {
    let script =
        format!("{code}; Promise.resolve(mainFunction(null)).then((v) => console.log(JSON.stringify(v)))");
    let mut times = Vec::new();
    for _ in 0..7 {
        let started = Instant::now();
        Command::new("node").args(["-e", &script]).output().ok()?;
        times.push(started.elapsed());
    }
    Some(percentile(times, 50))
}

fn main() {
    let program = env!("CARGO_BIN_EXE_gateway-vm-worker").into();
    let mut config = EngineConfig::new(WorkerCommand { program, args: Vec::new() });
    config.sandbox = SandboxMode::BestEffort;
    config.jobs_per_worker = u32::MAX;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let engine = Engine::start(config.clone()).await.unwrap();
        println!("| job | jitless p50 / p99 | jit p50 / p99 | node:vm | fresh node | jit to node:vm |");
        println!("|---|---|---|---|---|---|");
        for (name, code) in JOBS {
            let (a50, a99, a) = ours(&engine, code, Profile::Jitless, 100).await;
            let (b50, b99, b) = ours(&engine, code, Profile::Jit, 100).await;
            let node = node_vm(code, 100);
            assert_eq!(a, b, "both profiles give one result");
            let show = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v:.2}"));
            let ratio = node.as_ref().map(|(v, _)| b50 / v);
            println!(
                "| {name} | {a50:.2} / {a99:.2} | {b50:.2} / {b99:.2} | {} | {} | {} |",
                show(node.map(|(v, _)| v)),
                show(node_process(code)),
                show(ratio)
            );
        }
        engine.shutdown().await;
        // Every run on a new process.
        config.jobs_per_worker = 1;
        config.spare = 0;
        let engine = Engine::start(config).await.unwrap();
        let (p50, p99, _) = ours(&engine, JOBS[0].1, Profile::Jitless, 20).await;
        println!("\ncold worker, process start to result: {p50:.2} / {p99:.2} ms");
        engine.shutdown().await;
    });
}
