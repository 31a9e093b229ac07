//! The parts of a run: frames, canonical form, a fresh isolate, and the way from the call to the result on a warm worker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// Helpers of tests are tests.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use gateway_engine::{Engine, EngineConfig, Job, Limits, Profile, SandboxMode, WorkerCommand};
use gateway_vm::measure::{Bare, canonical};
use gateway_vm_protocol::{
    Done, Ending, FromWorker, HEADER_BYTES, JobSpec, MAX_FROM_WORKER, MAX_TO_WORKER, OutcomeClass, Task,
    ToWorker, Usage, decode, encode,
};
use tokio::runtime::Runtime;

/// The jobs that the comparison with other engines runs too.
const JOBS: [(&str, &str); 2] =
    [("empty", include_str!("jobs/empty.js")), ("modexp", include_str!("jobs/modexp.js"))];

const INPUT: &str = r#"{"base":"0x123456789abcdef0fedcba9876543210","exponent":"0xe5a7e5a7e5a7e5a7e5a7e5a7e5a7e5a7","modulus":"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff43"}"#;

/// In this process, and before the benchmarks that start threads.
fn isolate(c: &mut Criterion) {
    let bare = Bare::start(Profile::Jitless).expect("V8 starts");
    c.bench_function("fresh isolate and context", |b| b.iter(|| assert!(bare.fresh_isolate())));
}

fn frames(c: &mut Criterion) {
    let mut group = c.benchmark_group("frame");
    for kib in [1usize, 64, 1024] {
        let job = ToWorker::Job(Box::new(JobSpec {
            task: Task::Run,
            code: "x".repeat(kib << 10),
            code_prefix: 0,
            code_hash: [0; 32],
            input: "null".to_owned(),
            now_ns: 0,
            seed: [0; 32],
            limits: Limits::default(),
        }));
        group.throughput(Throughput::Bytes((kib << 10) as u64));
        group.bench_function(BenchmarkId::new("job there and back", format!("{kib} KiB")), |b| {
            b.iter(|| {
                let bytes = encode(black_box(&job), MAX_TO_WORKER).unwrap();
                decode::<ToWorker>(&bytes[HEADER_BYTES..]).unwrap()
            });
        });
    }
    let done = FromWorker::Done(Box::new(Done {
        ending: Ending::Outcome { class: OutcomeClass::Ok, body: "1".repeat(4 << 10) },
        detail: None,
        usage: Usage::default(),
        reusable: true,
    }));
    group.throughput(Throughput::Bytes(4 << 10));
    group.bench_function(BenchmarkId::new("result there and back", "4 KiB"), |b| {
        b.iter(|| {
            let bytes = encode(black_box(&done), MAX_FROM_WORKER).unwrap();
            decode::<FromWorker>(&bytes[HEADER_BYTES..]).unwrap()
        });
    });
    group.finish();
}

fn canonical_form(c: &mut Criterion) {
    let mut group = c.benchmark_group("canonical JSON");
    for items in [1usize, 50, 1_000] {
        let value: Vec<_> = (0..items)
            .map(|i| serde_json::json!({ "name": format!("item {i}"), "id": i, "price": i as f64 * 0.37 }))
            .collect();
        let text = serde_json::Value::from(value).to_string();
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{} bytes", text.len())), |b| {
            b.iter(|| canonical(black_box(&text)).unwrap());
        });
    }
    group.finish();
}

/// From the call to the result, one run after another on one warm worker.
fn dispatch(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let program = env!("CARGO_BIN_EXE_gateway-vm-worker").into();
    let mut config = EngineConfig::new(WorkerCommand { program, args: Vec::new() });
    config.sandbox = SandboxMode::BestEffort;
    let engine = runtime.block_on(Engine::start(config)).unwrap();
    let mut group = c.benchmark_group("dispatch");
    for profile in [Profile::Jitless, Profile::Jit] {
        for (name, code) in JOBS {
            let job = Job {
                label: "benchmark".to_owned(),
                project: 1,
                code: Arc::from(code.as_bytes()),
                code_hash: [0; 32],
                input: INPUT.to_owned(),
                now_ns: 0,
                seed: [0; 32],
                limits: Limits::default(),
                profile,
            };
            group.bench_function(BenchmarkId::new(name, profile.name()), |b| {
                b.iter(|| runtime.block_on(engine.run(job.clone())).unwrap());
            });
        }
    }
    group.finish();
    runtime.block_on(engine.shutdown());
}

criterion_group!(benches, isolate, frames, canonical_form, dispatch);
criterion_main!(benches);
