//! Making the isolate of a run: heap limits, allocator, policies and callbacks. It runs no code of its own.
#![allow(unsafe_code)]

use std::sync::Arc;

use gateway_vm_protocol::Limits;

use crate::fatal_report;
use crate::host::rejections;
use crate::imports;
use crate::memory::{self, Budget};
use crate::runtime::Runtime;
use crate::snapshot::Snapshot;
use crate::stack;

/// A fresh isolate for one run, with its context. It lives on the thread that made it, where there is one at a time.
pub(crate) struct Fresh {
    // Before the isolate, because handles must go before it.
    pub(crate) room: Room,
    pub(crate) isolate: v8::OwnedIsolate,
    /// Counts its array buffers.
    pub(crate) budget: Arc<Budget>,
    heap_bytes: u32,
    array_buffer_bytes: u32,
}

/// What a run finds in its isolate.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) context: v8::Global<v8::Context>,
    /// The object of the [`Runtime`].
    pub(crate) runtime: v8::Global<v8::Object>,
}

impl Fresh {
    /// Whether it enforces these limits.
    pub(crate) fn fits(&self, limits: &Limits) -> bool {
        (self.heap_bytes, self.array_buffer_bytes) == (limits.heap_bytes, limits.array_buffer_bytes)
    }
}

/// Makes an isolate that nothing runs in and that is never thrown away. While one exists, all that come after it share the part
/// of their heaps that nobody can write to; otherwise each would build it anew.
pub(crate) fn keep_one(snapshot: Snapshot) {
    std::mem::forget(v8::Isolate::new(snapshot.params()));
}

/// A fresh isolate that enforces these limits, with a context in which the bootstrap has run; `None` where V8 refuses.
///
/// Nothing in either depends on the job: the clock is pinned and randomness seeded when the job has come.
pub(crate) fn create(limits: &Limits, snapshot: Snapshot) -> Option<Fresh> {
    let budget = Budget::new(limits.array_buffer_bytes as usize);
    let params = snapshot
        .params()
        .heap_limits(0, limits.heap_bytes as usize)
        .allow_atomics_wait(false)
        .array_buffer_allocator(memory::allocator(Arc::clone(&budget)));
    let mut isolate = v8::Isolate::new(params);
    isolate.set_microtasks_policy(v8::MicrotasksPolicy::Explicit);
    isolate.set_capture_stack_trace_for_uncaught_exceptions(true, 20);
    isolate.set_promise_reject_callback(rejections::on_reject);
    isolate.set_host_import_module_dynamically_callback(imports::refuse_dynamic);
    isolate.set_modify_code_generation_from_strings_callback(refuse_code);
    isolate.set_allow_wasm_code_generation_callback(refuse_wasm);
    memory::watch_heap(&isolate);
    stack::limit(&isolate);
    isolate.add_near_heap_limit_callback(memory::near_heap_limit, std::ptr::null_mut());
    isolate.add_gc_epilogue_callback(
        memory::collected,
        std::ptr::null_mut(),
        v8::GCType::kGCTypeMarkSweepCompact,
    );
    isolate.set_oom_error_handler(fatal_report::out_of_memory);
    let room = furnish(&mut isolate)?;
    let Limits { heap_bytes, array_buffer_bytes, .. } = *limits;
    Some(Fresh { room, isolate, budget, heap_bytes, array_buffer_bytes })
}

fn furnish(isolate: &mut v8::OwnedIsolate) -> Option<Room> {
    v8::scope!(let scope, isolate);
    let context = v8::Context::new(scope, v8::ContextOptions::default());
    context.set_allow_generation_from_strings(false);
    let scope = &mut v8::ContextScope::new(scope, context);
    let runtime = Runtime::restore(scope)?;
    let runtime = v8::Global::new(scope, runtime.object());
    Some(Room { context: v8::Global::new(scope, context), runtime })
}

unsafe extern "C" fn refuse_wasm(_: v8::Local<v8::Context>, _: v8::Local<v8::String>) -> bool {
    false
}

fn refuse_code<'s>(
    _scope: &mut v8::PinScope<'s, '_>,
    _source: v8::Local<'s, v8::Value>,
    _is_code_like: bool,
) -> v8::ModifyCodeGenerationFromStringsResult<'s> {
    v8::ModifyCodeGenerationFromStringsResult { codegen_allowed: false, modified_source: None }
}
