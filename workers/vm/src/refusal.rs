//! An outcome that takes the place of a value: class, what the outcome says, and what only the author sees.

use gateway_vm_protocol::{Detail, OutcomeClass};

use crate::canon::Failure;
use crate::{errors, stop};

/// Why there is no value, as an outcome.
pub(crate) struct Refusal {
    pub(crate) class: OutcomeClass,
    pub(crate) failure: Failure,
    pub(crate) detail: Detail,
}

/// A scope that catches what its code throws.
pub(crate) type Tried<'p, 't, 's, 'i> = v8::PinnedRef<'p, v8::TryCatch<'t, 's, v8::HandleScope<'i>>>;

impl Refusal {
    /// A refusal that has no place in the code.
    pub(crate) fn of(class: OutcomeClass, text: impl Into<String>) -> Refusal {
        Refusal { class, failure: Failure::of(text), detail: Detail::default() }
    }

    /// A thrown value. `message` is V8's own, where there is one.
    pub(crate) fn thrown<'s>(
        scope: &mut v8::PinScope<'s, '_>,
        exception: v8::Local<'s, v8::Value>,
        message: Option<v8::Local<'s, v8::Message>>,
        class: OutcomeClass,
    ) -> Refusal {
        let (failure, detail) = errors::describe(scope, exception, message);
        Refusal { class, failure, detail }
    }

    /// The caught exception; `None` when the run was stopped.
    pub(crate) fn caught(tc: &mut Tried<'_, '_, '_, '_>, class: OutcomeClass) -> Option<Refusal> {
        if tc.has_terminated() || stop::reason().is_some() {
            return None;
        }
        let exception = tc.exception()?;
        let message = tc.message();
        Some(Refusal::thrown(tc, exception, message, class))
    }
}
