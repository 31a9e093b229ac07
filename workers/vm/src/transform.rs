//! The code's `transform`: what it makes of a response stands in its place, before the code sees it and before it is
//! recorded.
//!
//! It runs in a context of its own, where the module is evaluated once more, without network and timers and with
//! randomness of its own: nothing it does can be seen by the rest of the run, so that a run which is answered from a
//! recording, and runs no transform, goes the same way.
#![allow(unsafe_code)]

use std::rc::Rc;

use gateway_vm_protocol::{Bytes, FetchResponse, JobSpec, OutcomeClass};

use crate::compile::{self, Known, Program, Source};
use crate::errors;
use crate::host::fetch::{self, Made};
use crate::host::{Host, Sealed};
use crate::refusal::{Refusal, Tried};
use crate::run::uncaught;
use crate::runtime::Runtime;
use crate::stack;

/// Name of the export.
const EXPORT: &str = "transform";

/// What a promise of the transform waits for does not exist.
const NEVER: &str = "the transform never settles: it has neither fetch nor timers";

/// The transform of a run, set up when the first response arrives.
pub(crate) struct Transform {
    name: String,
    code: String,
    prefix: u32,
    sealed: Sealed,
    ready: Option<Ready>,
}

/// A context in which the module has been evaluated, its transform, and the runtime there.
struct Ready {
    // Before the queue, which the context points to.
    context: v8::Global<v8::Context>,
    function: v8::Global<v8::Function>,
    runtime: v8::Global<v8::Object>,
    microtasks: Microtasks,
}

/// The microtasks of the transform's context. They run while it is sealed, and none is left when it is not.
#[derive(Clone)]
struct Microtasks {
    queue: Rc<v8::MicrotaskQueueHandle>,
}

impl Microtasks {
    fn new(scope: &mut v8::PinScope<'_, '_>) -> Microtasks {
        Microtasks { queue: Rc::new(v8::MicrotaskQueue::new(scope, v8::MicrotasksPolicy::Explicit)) }
    }

    /// Runs all there are, and those that they add.
    fn drain(&self, scope: &mut v8::PinScope<'_, '_>) {
        stack::checkpoint_of(scope, &self.queue);
    }
}

impl Transform {
    /// The transform of this program, when it exports one.
    pub(crate) fn of(
        scope: &mut v8::PinScope<'_, '_>,
        program: &Program<'_>,
        job: &JobSpec,
    ) -> Option<Transform> {
        let Program::Module(module) = program else { return None };
        let namespace = module.get_module_namespace().to_object(scope)?;
        let key = v8::String::new(scope, EXPORT)?;
        namespace.has(scope, key.into())?.then(|| Transform {
            name: errors::file_name(&job.code_hash),
            code: job.code.clone(),
            prefix: job.code_prefix,
            sealed: Sealed::new(job.seed),
            ready: None,
        })
    }

    /// What the transform makes of a response, or the outcome of a run whose transform fails; `None` when the run was
    /// stopped.
    pub(crate) fn apply(
        &mut self,
        scope: &mut v8::PinScope<'_, '_>,
        response: FetchResponse,
    ) -> Option<Result<FetchResponse, Refusal>> {
        self.swap(scope);
        let result = self.apply_sealed(scope, response);
        self.swap(scope);
        result
    }

    fn swap(&mut self, scope: &mut v8::PinScope<'_, '_>) {
        if let Some(host) = scope.get_slot_mut::<Host>() {
            host.swap(&mut self.sealed);
        }
    }

    fn apply_sealed(
        &mut self,
        scope: &mut v8::PinScope<'_, '_>,
        response: FetchResponse,
    ) -> Option<Result<FetchResponse, Refusal>> {
        if self.ready.is_none() {
            match self.prepare(scope)? {
                Ok(ready) => self.ready = Some(ready),
                Err(refusal) => return Some(Err(refusal)),
            }
        }
        let Ready { context, function, runtime, microtasks } = self.ready.as_ref()?;
        let context = v8::Local::new(scope, context);
        let microtasks = microtasks.clone();
        let scope = &mut v8::ContextScope::new(scope, context);
        let function = v8::Local::new(scope, function);
        let runtime = Runtime::of(v8::Local::new(scope, runtime));
        v8::tc_scope!(let tc, scope);
        let arguments = fetch::parts(tc, &response)?;
        let seen = runtime.call(tc, "toTransform", &arguments)?;
        let undefined = v8::undefined(tc).into();
        let Some(value) = stack::call(tc, function, undefined, &[seen]) else {
            return thrown(tc, &runtime).map(Err);
        };
        let value = match settled(tc, &microtasks, &runtime, value)? {
            Ok(value) => value,
            Err(refusal) => return Some(Err(refusal)),
        };
        let [status, _, headers, body] = arguments;
        let Some(made) = runtime.call(tc, "fromTransform", &[value, status, headers, body]) else {
            return Refusal::caught(tc, OutcomeClass::JsThrow).map(Err);
        };
        let Made { status, headers, body } = fetch::made(tc, made)?;
        // Its getters and `toJSON` may have left some more.
        microtasks.drain(tc);
        if crate::stop::reason().is_some() {
            return None;
        }
        let limits = tc.get_slot::<Host>()?.limits.clone();
        let made = FetchResponse { status, headers, body: Bytes(body), url: response.url, transformed: true };
        Some(match made.check(&limits) {
            Ok(()) => Ok(made),
            Err(text) => {
                Err(Refusal::of(OutcomeClass::JsThrow, format!("RangeError: the transform made {text}")))
            }
        })
    }

    /// Evaluates the module in a context of the transform's own.
    fn prepare(&self, scope: &mut v8::PinScope<'_, '_>) -> Option<Result<Ready, Refusal>> {
        let microtasks = Microtasks::new(scope);
        let queue = std::ptr::from_ref::<v8::MicrotaskQueue>(&microtasks.queue).cast_mut();
        let options = v8::ContextOptions { microtask_queue: Some(queue), ..v8::ContextOptions::default() };
        let context = v8::Context::new(scope, options);
        context.set_allow_generation_from_strings(false);
        // Of one origin: a stack taken from the run's context shows the transform's frames.
        let token = scope.get_current_context().get_security_token(scope);
        context.set_security_token(token);
        let scope = &mut v8::ContextScope::new(scope, context);
        let runtime = Runtime::restore(scope)?;
        v8::tc_scope!(let tc, scope);
        let source = Source { name: &self.name, code: &self.code, prefix: self.prefix };
        let module = match compile::compile(tc, source, &mut Known::default())? {
            Ok(Program::Module(module)) => module,
            Ok(Program::Script(_)) => return None,
            Err(refusal) => return Some(Err(refusal)),
        };
        let Some(evaluated) = stack::evaluate(tc, module) else {
            return Refusal::caught(tc, OutcomeClass::JsThrow).map(Err);
        };
        if let Err(refusal) = settled(tc, &microtasks, &runtime, evaluated)? {
            return Some(Err(refusal));
        }
        let key = v8::String::new(tc, EXPORT)?;
        let value = module.get_module_namespace().to_object(tc)?.get(tc, key.into())?;
        match v8::Local::<v8::Function>::try_from(value) {
            Ok(function) => Some(Ok(Ready {
                context: v8::Global::new(tc, context),
                function: v8::Global::new(tc, function),
                runtime: v8::Global::new(tc, runtime.object()),
                microtasks,
            })),
            Err(_) => {
                Some(Err(Refusal::of(OutcomeClass::NoFunction, "the export transform is not a function")))
            }
        }
    }
}

/// What the transform threw; `None` where it says that the source answered something else than data, or the run was
/// stopped.
fn thrown<'s>(tc: &mut Tried<'_, '_, 's, '_>, runtime: &Runtime<'s>) -> Option<Refusal> {
    if tc.has_terminated() || crate::stop::reason().is_some() {
        return None;
    }
    let exception = tc.exception()?;
    let message = tc.message();
    uncaught(tc, runtime, exception, message)
}

/// The value itself, or what its promise is fulfilled with. No microtask is left behind.
fn settled<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    microtasks: &Microtasks,
    runtime: &Runtime<'s>,
    value: v8::Local<'s, v8::Value>,
) -> Option<Result<v8::Local<'s, v8::Value>, Refusal>> {
    microtasks.drain(scope);
    if crate::stop::reason().is_some() {
        return None;
    }
    let Ok(promise) = v8::Local::<v8::Promise>::try_from(value) else { return Some(Ok(value)) };
    match promise.state() {
        v8::PromiseState::Fulfilled => Some(Ok(promise.result(scope))),
        v8::PromiseState::Pending => Some(Err(Refusal::of(OutcomeClass::NeverSettled, NEVER))),
        v8::PromiseState::Rejected => {
            let reason = promise.result(scope);
            Some(Err(uncaught(scope, runtime, reason, None)?))
        }
    }
}
