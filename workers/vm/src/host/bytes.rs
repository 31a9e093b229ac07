//! Bytes in and out of JavaScript.

use std::sync::Arc;

use super::Host;
use crate::memory::Counted;

/// A copy of what a typed array, view or buffer holds; `None` for any other value.
pub(super) fn of(value: v8::Local<'_, v8::Value>) -> Option<Vec<u8>> {
    if let Ok(view) = v8::Local::<v8::ArrayBufferView>::try_from(value) {
        let mut out = vec![0; view.byte_length()];
        let copied = view.copy_contents(&mut out);
        out.truncate(copied);
        return Some(out);
    }
    let buffer = v8::Local::<v8::ArrayBuffer>::try_from(value).ok()?;
    let store = buffer.get_backing_store();
    Some(store.iter().map(std::cell::Cell::get).collect())
}

/// `host.isUncloneable(value)`: whether it is a proxy, promise, generator, weak collection or module, of which no copy is made.
pub(super) fn is_uncloneable(
    _scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let value = args.get(0);
    result.set_bool(
        value.is_proxy()
            || value.is_promise()
            || value.is_generator_object()
            || value.is_weak_map()
            || value.is_weak_set()
            || value.is_module_namespace_object(),
    );
}

/// A new `Uint8Array` that holds these bytes; `None` where the run's buffers would become too large.
pub(super) fn to_array<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    bytes: Vec<u8>,
) -> Option<v8::Local<'s, v8::Uint8Array>> {
    let length = bytes.len();
    let budget = Arc::clone(&scope.get_slot::<Host>()?.budget);
    let counted = Box::new(Counted::new(bytes, budget)?);
    let store = v8::ArrayBuffer::new_backing_store_from_bytes(counted).make_shared();
    let buffer = v8::ArrayBuffer::with_backing_store(scope, &store);
    v8::Uint8Array::new(scope, buffer, 0, length)
}
