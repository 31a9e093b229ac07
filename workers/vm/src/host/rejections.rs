//! Rejected promises nobody handles. Those left when the code's own promise has settled fail the run.
#![allow(unsafe_code)]

use super::Host;

/// A rejection without a handler so far.
pub(crate) struct Rejected {
    promise: v8::Global<v8::Promise>,
    value: v8::Global<v8::Value>,
}

/// V8's report of a rejection, or of a handler that came later.
pub(crate) extern "C" fn on_reject(message: v8::PromiseRejectMessage) {
    v8::callback_scope!(unsafe scope, &message);
    let promise = v8::Global::new(scope, message.get_promise());
    match message.get_event() {
        v8::PromiseRejectEvent::PromiseRejectWithNoHandler => {
            let Some(value) = message.get_value() else { return };
            let value = v8::Global::new(scope, value);
            if let Some(host) = scope.get_slot_mut::<Host>() {
                host.rejected.push(Rejected { promise, value });
            }
        }
        v8::PromiseRejectEvent::PromiseHandlerAddedAfterReject => {
            if let Some(host) = scope.get_slot_mut::<Host>() {
                host.rejected.retain(|rejected| rejected.promise != promise);
            }
        }
        v8::PromiseRejectEvent::PromiseRejectAfterResolved
        | v8::PromiseRejectEvent::PromiseResolveAfterResolved => {}
    }
}

/// The first rejection still unhandled, other than that of `own`.
pub(crate) fn unhandled<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    own: v8::Local<'s, v8::Promise>,
) -> Option<v8::Local<'s, v8::Value>> {
    let own = v8::Global::new(scope, own);
    let host = scope.get_slot_mut::<Host>()?;
    let value = host.rejected.iter().find(|rejected| rejected.promise != own)?.value.clone();
    Some(v8::Local::new(scope, value))
}
