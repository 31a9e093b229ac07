//! Running a program until its promise settles: microtasks, then answers to fetches in the order they were
//! asked for, then the next timer. A timer that is due while fetches are outstanding fires when all of them have taken that
//! long; how long a fetch took is decided by the daemon and recorded. Nothing else here depends on real time.

use std::collections::BTreeMap;

use gateway_vm_protocol::{FetchFailure, FetchResponse, FromWorker, Resource};

use crate::host::fetch::Pending;
use crate::host::{Host, fetch};
use crate::inbox::{FetchReport, Inbox};
use crate::link::Link;
use crate::refusal::Refusal;
use crate::runtime::Runtime;
use crate::transform::Transform;
use crate::{stack, stop};

/// Answers to fetches: taken from the daemon in any order, given to the code in the order of the requests.
pub(crate) struct Answers<'a> {
    inbox: &'a mut Inbox,
    pub(crate) link: Link,
    early: BTreeMap<u32, (u32, Result<FetchResponse, FetchFailure>)>,
    /// How long those take at least that a timer was due before, milliseconds.
    late: BTreeMap<u32, u32>,
    /// What every response goes through first.
    pub(crate) transform: Option<Transform>,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(inbox: &'a mut Inbox, link: Link) -> Answers<'a> {
        Answers { inbox, link, early: BTreeMap::new(), late: BTreeMap::new(), transform: None }
    }

    /// Waits for the answer to this request, at most until it has taken `within_ms`; `None` when the run is stopped
    /// meanwhile.
    fn wait(&mut self, id: u32, within_ms: Option<u32>) -> Option<Waited> {
        let mut asked = false;
        let least = self.late.get(&id).copied();
        loop {
            if within_ms.zip(least).is_some_and(|(within, least)| least >= within) {
                return Some(Waited::Late);
            }
            if let Some((took_ms, _)) = self.early.get(&id) {
                if within_ms.is_some_and(|within| *took_ms >= within) {
                    return Some(Waited::Late);
                }
                return self.early.remove(&id).map(|(_, answer)| Waited::Answer(answer));
            }
            if let (Some(ms), false) = (within_ms, asked) {
                // A daemon that is gone ends this process from elsewhere.
                let _ = self.link.send(&FromWorker::Wait { id, ms });
                asked = true;
            }
            match self.inbox.answer()? {
                FetchReport::Answer { id, took_ms, result } => _ = self.early.insert(id, (took_ms, result)),
                FetchReport::Late { id: late } if late == id => {
                    // Its answer cannot have taken less any more, whatever was measured meanwhile.
                    self.late.insert(id, within_ms.unwrap_or(0).max(least.unwrap_or(0)));
                    return Some(Waited::Late);
                }
                FetchReport::Late { .. } => {}
            }
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

/// A request and its answer.
type Answered = (u32, Result<FetchResponse, FetchFailure>);

/// What came of waiting for a fetch.
enum Waited {
    /// Its answer.
    Answer(Result<FetchResponse, FetchFailure>),
    /// A timer is due first.
    Late,
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
        let pending = scope.get_slot::<Host>().map(|host| host.fetches.pending()).unwrap_or_default();
        let due = if pending.is_empty() { None } else { next_due(scope, runtime) };
        match first_in_time(answers, &pending, due) {
            Some(Some((id, answer))) => {
                if let Some(host) = scope.get_slot_mut::<Host>() {
                    host.fetches.forget(id);
                    host.clock.waited();
                }
                match deliver(scope, runtime, answers, id, answer) {
                    Some(Ok(())) => continue,
                    Some(Err(refusal)) => return Ok(Settled::Refused(refusal)),
                    None => return Ok(Settled::Stopped),
                }
            }
            Some(None) => {
                if let Some(host) = scope.get_slot_mut::<Host>() {
                    host.fetches.overtake();
                }
            }
            None => return Ok(Settled::Stopped),
        }
        v8::tc_scope!(let tc, scope);
        match runtime.call(tc, "tick", &[]) {
            Some(fired) if fired.is_true() => {
                if let (false, Some(host)) = (pending.is_empty(), tc.get_slot_mut::<Host>()) {
                    host.clock.waited();
                }
            }
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

/// The first request in this order whose answer comes before the next timer is due, and the answer; none where the timer is due
/// before all of them, `None` when the run is stopped. A slow request keeps no faster one behind it from the code.
fn first_in_time(
    answers: &mut Answers<'_>,
    pending: &[Pending],
    due: Option<u64>,
) -> Option<Option<Answered>> {
    for Pending { id, started_ms } in pending {
        let within = due.map(|due| due.saturating_sub(*started_ms));
        let within = within.map(|ms| u32::try_from(ms).unwrap_or(u32::MAX));
        if let Waited::Answer(answer) = answers.wait(*id, within)? {
            return Some(Some((*id, answer)));
        }
    }
    Some(None)
}

/// When the next timer is due, in milliseconds of the virtual clock.
fn next_due<'s>(scope: &mut v8::PinScope<'s, '_>, runtime: &Runtime<'s>) -> Option<u64> {
    let due = runtime.call(scope, "nextDue", &[])?.number_value(scope)?;
    // Not a number where there is no timer.
    (due >= 0.0).then_some(due as u64)
}

/// Gives the code an answer; `None` when the run is stopped.
fn deliver<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    runtime: &Runtime<'s>,
    answers: &mut Answers<'_>,
    id: u32,
    answer: Result<FetchResponse, FetchFailure>,
) -> Option<Result<(), Refusal>> {
    if let Err(FetchFailure::Local(text)) = answer {
        if let Some(host) = scope.get_slot_mut::<Host>() {
            host.ending = Some(text);
        }
        stop::stop_at_once(Resource::Secret);
        return None;
    }
    let answer = fetch::count(scope, answer);
    let answer = match answers.transformed(scope, id, answer)? {
        Ok(answer) => answer,
        Err(refusal) => return Some(Err(refusal)),
    };
    v8::tc_scope!(let tc, scope);
    let arguments = fetch::arguments(tc, id, answer)?;
    runtime.call(tc, "fetched", &arguments).map(|_| Ok(()))
}
