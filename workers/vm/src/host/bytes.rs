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
