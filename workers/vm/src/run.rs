//! One job from first to last: isolate, bootstrap, code, event loop, result.

use std::sync::Arc;

use gateway_vm_protocol::{Detail, Done, Ending, JobSpec, OutcomeClass, Resource, Task, Usage};

use crate::canon::{Failure, MAX_MESSAGE, canonical, clip};
use crate::compile::{self, Known, Program, Source};
use crate::event_loop::{self, Answers, Settled};
use crate::host::{Host, rejections};
use crate::inbox::Inbox;
use crate::isolate::{Fresh, Room};
use crate::link::Link;
use crate::memory::{self, Budget};
use crate::refusal::{Refusal, Tried};
use crate::runtime::Runtime;
use crate::transform::Transform;
use crate::{errors, imports, interpose, stack, stop};

/// How the code ended, before usage is known. `None` stands for "stopped, ask the watchdog why".
type Verdict = Option<(OutcomeClass, String, Option<Detail>)>;

/// Runs a job to its end in an isolate that enforces its limits and is not used again.
pub(crate) fn execute(
    job: JobSpec,
    fresh: &mut Fresh,
    known: &mut Known,
    link: &Link,
    inbox: &mut Inbox,
) -> Done {
    interpose::pin(job.now_ns);
    let Fresh { isolate, room, budget, .. } = fresh;
    stop::begin(isolate.thread_safe_handle(), job.limits.clone());
    let mut answers = Answers::new(inbox, link.clone());
    let verdict = in_context(isolate, room, budget, &job, known, &mut answers);
    memory::check_heap(job.limits.heap_bytes as usize);
    let stopped = stop::end();
    let explained = isolate.get_slot_mut::<Host>().and_then(|host| host.ending.take());
    let usage = usage(isolate, budget, &stopped);
    let (ending, detail) = match (stopped.reason, verdict) {
        // A resource that ran out decides whatever the code made of it.
        (Some(resource), _) => {
            let of_requests = matches!(resource, Resource::Network | Resource::Source | Resource::Secret);
            let explained = explained.filter(|_| of_requests);
            let text = explained.unwrap_or_else(|| exhausted(resource, &job, &usage, budget));
            (Ending::Exhausted { resource, text, site: stopped.site }, None)
        }
        (None, Some((class, body, detail))) => (Ending::Outcome { class, body }, detail),
        (None, None) => {
            let text = "the run ended without an outcome".to_owned();
            (Ending::Exhausted { resource: Resource::Heap, text, site: None }, None)
        }
    };
    let reusable = matches!(ending, Ending::Outcome { .. });
    Done { ending, detail, usage, reusable }
}

fn in_context(
    isolate: &mut v8::OwnedIsolate,
    room: &Room,
    budget: &Arc<Budget>,
    job: &JobSpec,
    known: &mut Known,
    answers: &mut Answers<'_>,
) -> Verdict {
    v8::scope!(let scope, isolate);
    let context = v8::Local::new(scope, &room.context);
    let scope = &mut v8::ContextScope::new(scope, context);
    let (link, limits, budget) = (answers.link.clone(), job.limits.clone(), Arc::clone(budget));
    scope.set_slot(Host::new(room.context.clone(), room.runtime.clone(), link, limits, budget, job.seed));
    let runtime = Runtime::of(v8::Local::new(scope, &room.runtime));
    match program(scope, &runtime, job, known, answers)? {
        Ok(text) => Some(conclude(&text, job)),
        Err(mut refusal) => {
            let prefix = job.code_prefix as usize;
            if refusal.failure.line == Some(1)
                && let Some(own) = refusal.detail.source_line.get(prefix..).map(str::to_owned)
            {
                refusal.detail.source_line = own;
            }
            Some((refusal.class, refusal.failure.body(), Some(refusal.detail)))
        }
    }
}

/// Compiles, runs and serialises: JSON text, or the outcome that takes its place.
fn program<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    runtime: &Runtime<'s>,
    job: &JobSpec,
    known: &mut Known,
    answers: &mut Answers<'_>,
) -> Option<Result<String, Refusal>> {
    let name = errors::file_name(&job.code_hash);
    let source = Source { name: &name, code: &job.code, prefix: job.code_prefix };
    let program = match compile::compile(scope, source, known)? {
        Ok(program) => program,
        Err(refusal) => return Some(Err(refusal)),
    };
    if job.task == Task::Check {
        let kind = match program {
            Program::Module(_) => "module",
            Program::Script(_) => "script",
        };
        return Some(Ok(format!("\"{kind}\"")));
    }
    v8::tc_scope!(let tc, scope);
    answers.transform = Transform::of(tc, &program, job);
    let Some(input) = v8::String::new(tc, &job.input).and_then(|text| v8::json::parse(tc, text)) else {
        return Refusal::caught(tc, OutcomeClass::InputNotJson).map(Err);
    };
    let started = match &program {
        Program::Module(module) => stack::evaluate(tc, *module),
        Program::Script(script) => stack::run(tc, *script),
    };
    let Some(started) = started else { return Refusal::caught(tc, OutcomeClass::JsThrow).map(Err) };
    if let (Program::Module(_), Ok(promise)) = (&program, v8::Local::<v8::Promise>::try_from(started)) {
        match finish(tc, runtime, answers, promise)? {
            Ok(_) => {}
            Err(refusal) => return Some(Err(refusal)),
        }
    }
    let function = match compile::entry(tc, runtime, &program) {
        Some(Ok(function)) => function,
        Some(Err(refusal)) => return Some(Err(refusal)),
        None => return Refusal::caught(tc, OutcomeClass::JsThrow).map(Err),
    };
    let now = v8::Number::new(tc, (job.now_ns / 1_000_000) as f64);
    let context = runtime.call(tc, "context", &[now.into()])?;
    let undefined = v8::undefined(tc).into();
    let arguments = [input, context];
    // The old convention has one argument, and code that looks at `arguments` may rely on it.
    let arguments = if matches!(program, Program::Script(_)) { &arguments[..1] } else { &arguments[..] };
    let Some(value) = stack::call(tc, function, undefined, arguments) else {
        return Refusal::caught(tc, OutcomeClass::JsThrow).map(Err);
    };
    let promise = match v8::Local::<v8::Promise>::try_from(value) {
        // Looked at directly: code may have replaced `then`.
        Ok(promise) => promise,
        Err(_) => {
            let resolver = v8::PromiseResolver::new(tc)?;
            stack::resolve(tc, resolver, value)?;
            resolver.get_promise(tc)
        }
    };
    let value = match finish(tc, runtime, answers, promise)? {
        Ok(value) => value,
        Err(refusal) => return Some(Err(refusal)),
    };
    if let Some(reason) = rejections::unhandled(tc, promise) {
        return Some(Err(uncaught(tc, runtime, reason, None)?));
    }
    match runtime.call(tc, "serialize", &[value]) {
        Some(text) => Some(Ok(text.to_rust_string_lossy(tc))),
        None => serialisation_failed(tc),
    }
}

/// Waits for a promise: its value, or the outcome that takes its place.
fn finish<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    runtime: &Runtime<'s>,
    answers: &mut Answers<'_>,
    promise: v8::Local<'s, v8::Promise>,
) -> Option<Result<v8::Local<'s, v8::Value>, Refusal>> {
    match event_loop::settle(scope, runtime, answers, promise) {
        Ok(Settled::Stopped) => None,
        Ok(Settled::Never) => Some(Err(Refusal::of(
            OutcomeClass::NeverSettled,
            "the promise never settles: no timer and no fetch is left that could settle it",
        ))),
        Ok(Settled::Refused(refusal)) => Some(Err(refusal)),
        Ok(Settled::Done) if promise.state() == v8::PromiseState::Fulfilled => {
            Some(Ok(promise.result(scope)))
        }
        Ok(Settled::Done) => {
            let reason = promise.result(scope);
            Some(Err(uncaught(scope, runtime, reason, None)?))
        }
        Err(exception) => Some(Err(uncaught(scope, runtime, exception, None)?)),
    }
}

/// An error that nobody caught, as an outcome; `None` when it is the network's or the source's and the node abstains.
pub(crate) fn uncaught<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    runtime: &Runtime<'s>,
    exception: v8::Local<'s, v8::Value>,
    message: Option<v8::Local<'s, v8::Message>>,
) -> Option<Refusal> {
    let kind = runtime.call(scope, "classify", &[exception])?.uint32_value(scope);
    let class = match kind {
        Some(NETWORK_FAILED) => return abstain(scope, runtime, exception, Resource::Network),
        Some(SOURCE_UNAVAILABLE) => return abstain(scope, runtime, exception, Resource::Source),
        Some(HTTP_STATUS) => OutcomeClass::HttpStatus,
        Some(FETCH_DENIED) => OutcomeClass::FetchDenied,
        _ if imports::is_refusal(scope, exception) => OutcomeClass::ImportDenied,
        _ => OutcomeClass::JsThrow,
    };
    Some(Refusal::thrown(scope, exception, message, class))
}

/// Ends the run without an outcome, with the error's own words.
fn abstain<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    runtime: &Runtime<'s>,
    exception: v8::Local<'s, v8::Value>,
    resource: Resource,
) -> Option<Refusal> {
    let text = runtime.call(scope, "explain", &[exception]).map(|text| text.to_rust_string_lossy(scope));
    if let Some(host) = scope.get_slot_mut::<Host>() {
        host.ending = text.map(|mut text| {
            clip(&mut text, MAX_MESSAGE);
            text
        });
    }
    stop::stop_at_once(resource);
    None
}

/// What the runtime's `classify` says.
const NETWORK_FAILED: u32 = 1;
const HTTP_STATUS: u32 = 2;
const FETCH_DENIED: u32 = 3;
const SOURCE_UNAVAILABLE: u32 = 4;

/// An error while the value was turned into text: ours, or one that `toJSON` or a getter threw.
fn serialisation_failed(tc: &mut Tried<'_, '_, '_, '_>) -> Option<Result<String, Refusal>> {
    let mut refusal = Refusal::caught(tc, OutcomeClass::NotJson)?;
    // An overflow is the code's nesting, wherever it is noticed.
    if refusal.failure.line.is_some() || refusal.failure.message.starts_with(OVERFLOW) {
        refusal.class = OutcomeClass::JsThrow;
    }
    Some(Err(refusal))
}

/// V8's words for a stack that is used up.
const OVERFLOW: &str = "RangeError: Maximum call stack size exceeded";

/// The last step: canonical form and size.
fn conclude(text: &str, job: &JobSpec) -> (OutcomeClass, String, Option<Detail>) {
    let limit = job.limits.output_bytes as usize;
    match canonical(text) {
        Ok(body) if body.len() > limit => {
            let text = format!("the result has {} bytes of canonical JSON; the limit is {limit}", body.len());
            (OutcomeClass::OutputTooLarge, Failure::of(text).body(), None)
        }
        Ok(body) => (OutcomeClass::Ok, body, None),
        Err(reason) => (OutcomeClass::NotJson, Failure::of(reason).body(), None),
    }
}

fn usage(isolate: &mut v8::OwnedIsolate, budget: &Arc<Budget>, stopped: &stop::Stopped) -> Usage {
    let heap_bytes = isolate.get_heap_statistics().used_heap_size() as u64;
    let mut usage = Usage {
        cpu_us: stopped.cpu_ns / 1_000,
        wall_us: stopped.wall_ns / 1_000,
        heap_bytes,
        array_buffer_bytes: budget.peak() as u64,
        ..Usage::default()
    };
    if let Some(host) = isolate.get_slot::<Host>() {
        usage.log_bytes = host.log_bytes;
        usage.timers = host.timers;
        usage.fetches = host.fetches.started;
        usage.fetch_bytes = host.fetches.bytes;
    }
    // The slot holds handles of this isolate and must go before it.
    isolate.remove_slot::<Host>();
    usage
}

fn exhausted(resource: Resource, job: &JobSpec, usage: &Usage, budget: &Budget) -> String {
    let limits = &job.limits;
    match resource {
        Resource::Cpu => {
            format!("CPU time {} ms is above the limit of {} ms", usage.cpu_us / 1_000, limits.cpu_ms)
        }
        Resource::Wall => {
            format!("run time {} ms is above the limit of {} ms", usage.wall_us / 1_000, limits.wall_ms)
        }
        Resource::Heap => {
            format!("the heap has {} bytes; the limit is {}", memory::heap_in_use(), limits.heap_bytes)
        }
        Resource::ArrayBuffers => {
            let limit = limits.array_buffer_bytes;
            match budget.refused() {
                Some((asked, used)) => format!(
                    "the code asked for {asked} bytes of buffer; {used} bytes are in use, and the limit is {limit}"
                ),
                None => {
                    format!("array buffers have {} bytes; the limit is {limit}", usage.array_buffer_bytes)
                }
            }
        }
        Resource::Network => "a fetch failed and the code did not handle it".to_owned(),
        Resource::Source => "the source is unavailable and the code did not handle it".to_owned(),
        Resource::Secret => "a secret that the code asks for is not set on this node".to_owned(),
    }
}
