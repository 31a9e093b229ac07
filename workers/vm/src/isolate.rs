//! Making the isolate of a run: heap limits, allocator, policies and callbacks. It runs no code of its own.
#![allow(unsafe_code)]

use std::sync::Arc;

use gateway_vm_protocol::Limits;

use crate::host::rejections;
use crate::imports;
use crate::last_word;
use crate::memory::{self, Budget};
use crate::snapshot::Snapshot;

/// A fresh isolate for one run. It lives on the thread that made it, where there is one at a time.
pub(crate) struct Fresh {
    pub(crate) isolate: v8::OwnedIsolate,
    /// Counts its array buffers.
    pub(crate) budget: Arc<Budget>,
    heap_bytes: u32,
    array_buffer_bytes: u32,
}

impl Fresh {
    /// Whether it enforces these limits.
    pub(crate) fn fits(&self, limits: &Limits) -> bool {
        (self.heap_bytes, self.array_buffer_bytes) == (limits.heap_bytes, limits.array_buffer_bytes)
    }
}

/// A fresh isolate that enforces these limits.
pub(crate) fn create(limits: &Limits, snapshot: Snapshot) -> Fresh {
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
    isolate.add_near_heap_limit_callback(memory::near_heap_limit, std::ptr::null_mut());
    isolate.set_oom_error_handler(last_word::out_of_memory);
    let Limits { heap_bytes, array_buffer_bytes, .. } = *limits;
    Fresh { isolate, budget, heap_bytes, array_buffer_bytes }
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
