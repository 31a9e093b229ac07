//! Running a program until its promise settles: microtasks, then answers to fetches in the order they were
//! asked for, then the next timer. Order never depends on real time.

use crate::runtime::Runtime;
use crate::stop;

/// Why the loop ended.
pub(crate) enum Settled {
    /// The promise is fulfilled or rejected.
    Done,
    /// Nothing is left that could settle it.
    Never,
    /// The run was stopped.
    Stopped,
}

/// Runs until this promise settles.
pub(crate) fn settle<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    runtime: &Runtime<'s>,
    promise: v8::Local<'s, v8::Promise>,
) -> Result<Settled, v8::Local<'s, v8::Value>> {
    loop {
        scope.perform_microtask_checkpoint();
        if stop::reason().is_some() {
            return Ok(Settled::Stopped);
        }
        if promise.state() != v8::PromiseState::Pending {
            return Ok(Settled::Done);
        }
        v8::tc_scope!(let tc, scope);
        match runtime.call(tc, "tick", &[]) {
            Some(fired) if fired.is_true() => {}
            Some(_) => return Ok(Settled::Never),
            None if tc.has_terminated() || stop::reason().is_some() => return Ok(Settled::Stopped),
            // A timer callback threw: nobody can catch it, so the run fails.
            None => match tc.exception() {
                Some(exception) => return Err(exception),
                None => return Ok(Settled::Stopped),
            },
        }
    }
}
