//! Running a program until its promise settles: microtasks, then answers to fetches in the order they were
//! asked for, then the next timer. Order never depends on real time.

use std::collections::BTreeMap;

use gateway_vm_protocol::{FetchFailure, FetchResponse, FromWorker};

use crate::host::{Host, fetch};
use crate::inbox::Inbox;
use crate::link::Link;
use crate::refusal::Refusal;
use crate::runtime::Runtime;
use crate::transform::Transform;
use crate::{stack, stop};

/// Answers to fetches: taken from the daemon in any order, given to the code in the order of the requests.
pub(crate) struct Answers<'a> {
    inbox: &'a mut Inbox,
    link: Link,
    early: BTreeMap<u32, Result<FetchResponse, FetchFailure>>,
    /// What every response goes through first.
    pub(crate) transform: Option<Transform>,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(inbox: &'a mut Inbox, link: Link) -> Answers<'a> {
        Answers { inbox, link, early: BTreeMap::new(), transform: None }
    }

    /// Waits for the answer to this request; `None` when the run is stopped meanwhile.
    fn wait(&mut self, id: u32) -> Option<Result<FetchResponse, FetchFailure>> {
        loop {
            if let Some(answer) = self.early.remove(&id) {
                return Some(answer);
            }
            let (id, answer) = self.inbox.answer()?;
            self.early.insert(id, answer);
        }
    }

    /// The answer as the code gets it, once the daemon knows what the transform made of it.
    fn transformed(
        &mut self,
        scope: &mut v8::PinScope<'_, '_>,
        id: u32,
        answer: Result<FetchResponse, FetchFailure>,
    ) -> Option<Result<Result<FetchResponse, FetchFailure>, Refusal>> {
        let response = match (answer, &mut self.transform) {
            (Ok(response), Some(transform)) if !response.transformed => transform.apply(scope, response)?,
            (answer, _) => return Some(Ok(answer)),
        };
        match response {
            Ok(response) => {
                // A daemon that is gone ends this process from elsewhere.
                let _ = self.link.send(&FromWorker::Transformed { id, response: response.clone() });
                Some(Ok(Ok(response)))
            }
            Err(refusal) => Some(Err(refusal)),
        }
    }
}

/// Why the loop ended.
pub(crate) enum Settled {
    /// The promise is fulfilled or rejected.
    Done,
    /// Nothing is left that could settle it.
    Never,
    /// A response cannot be given to the code: its transform failed, which nothing can catch.
    Refused(Refusal),
    /// The run was stopped.
    Stopped,
}

/// Runs until this promise settles.
pub(crate) fn settle<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    runtime: &Runtime<'s>,
    answers: &mut Answers<'_>,
    promise: v8::Local<'s, v8::Promise>,
) -> Result<Settled, v8::Local<'s, v8::Value>> {
    loop {
        stack::checkpoint(scope);
        if stop::reason().is_some() {
            return Ok(Settled::Stopped);
        }
        if promise.state() != v8::PromiseState::Pending {
            return Ok(Settled::Done);
        }
        let oldest = scope.get_slot_mut::<Host>().and_then(|host| host.fetches.waiting.pop_front());
        if let Some(id) = oldest {
            let Some(answer) = answers.wait(id) else { return Ok(Settled::Stopped) };
            fetch::count(scope, &answer);
            let answer = match answers.transformed(scope, id, answer) {
                Some(Ok(answer)) => answer,
                Some(Err(refusal)) => return Ok(Settled::Refused(refusal)),
                None => return Ok(Settled::Stopped),
            };
            v8::tc_scope!(let tc, scope);
            let delivered = fetch::arguments(tc, id, answer)
                .and_then(|arguments| runtime.call(tc, "fetched", &arguments));
            if delivered.is_none() {
                return Ok(Settled::Stopped);
            }
            continue;
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
