//! Web requests of the code: counted and checked here, made by the daemon, answered in the order they were
//! made. This process has no network.

use std::collections::VecDeque;

use gateway_vm_protocol::{
    Bytes, FetchFailure, FetchRequest, FetchResponse, FromWorker, MAX_HEADER_BYTES, MAX_HEADERS, check_url,
    header_bytes,
};

use super::{Host, arguments, bytes, throw_range, throw_type};

/// Requests of a run.
#[derive(Default)]
pub(crate) struct Fetches {
    /// Started so far.
    pub(crate) started: u32,
    /// Bytes of response bodies so far.
    pub(crate) bytes: u64,
    /// Not answered yet, oldest first.
    waiting: VecDeque<Pending>,
    /// Those that a timer has overtaken, oldest first: answered when nothing younger is left to wait for.
    overtaken: VecDeque<Pending>,
}

/// A request without an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) id: u32,
    /// Where the virtual clock stood when it was started, milliseconds from the start of the run.
    pub(crate) started_ms: u64,
}

impl Fetches {
    /// Returns the requests without an answer, in the order in which they are answered.
    pub(crate) fn pending(&self) -> Vec<Pending> {
        self.waiting.iter().chain(&self.overtaken).copied().collect()
    }

    /// Notes that a timer was due before an answer came: requests that are made from now on go first, so that a fallback
    /// need not wait for what it replaces.
    pub(crate) fn overtake(&mut self) {
        self.overtaken.append(&mut self.waiting);
    }

    /// Forgets a request that is answered or that the code has given up.
    pub(crate) fn forget(&mut self, id: u32) {
        self.waiting.retain(|pending| pending.id != id);
        self.overtaken.retain(|pending| pending.id != id);
    }
}

/// The virtual clock, milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    /// From the start of the run.
    now_ms: u64,
    /// The part of it that nobody has waited for yet: the next requests do.
    ahead_ms: u64,
}

impl Clock {
    pub(crate) fn advance(&mut self, ms: u64) {
        self.now_ms = self.now_ms.saturating_add(ms);
        self.ahead_ms = self.ahead_ms.saturating_add(ms);
    }

    /// Notes that real time has passed: an answer came, or was waited for until a timer was due.
    pub(crate) fn waited(&mut self) {
        self.ahead_ms = 0;
    }
}

/// `host.fetch(method, url, headers, body, limit)`: the id of the request. A header is a line with its name and one with its value;
/// `limit` is its own in milliseconds, if any.
pub(super) fn fetch(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let Some([method, url, headers]) = arguments::texts(scope, &args) else { return };
    if let Err(text) = check_url(&url) {
        return throw_range(scope, &text);
    }
    let headers = arguments::pairs(&headers);
    if headers.len() > MAX_HEADERS {
        return throw_range(scope, &format!("more than {MAX_HEADERS} request headers"));
    }
    if header_bytes(&headers) > MAX_HEADER_BYTES {
        return throw_range(scope, &format!("more than {MAX_HEADER_BYTES} bytes of request headers"));
    }
    let body = if args.get(3).is_null_or_undefined() {
        Vec::new()
    } else {
        match bytes::of(args.get(3)) {
            Some(body) => body,
            None => return throw_type(scope, "the body is not bytes"),
        }
    };
    let limit_ms = arguments::number(args.get(4)).filter(|ms| *ms >= 1.0).map(|ms| ms as u32);
    let Some(host) = scope.get_slot_mut::<Host>() else { return };
    if host.sealed {
        return throw_type(scope, "the transform has no network");
    }
    let (ahead, wall) = (host.clock.ahead_ms, host.limits.wall_ms);
    let Some(after_ms) = u32::try_from(ahead).ok().filter(|ms| *ms <= wall) else {
        let text = format!("the code pauses {ahead} ms before this request, and the run may take {wall} ms");
        return throw_range(scope, &text);
    };
    let (limit, body_limit) = (host.limits.fetches, host.limits.fetch_body_bytes as usize);
    if host.fetches.started >= limit {
        return throw_range(scope, &format!("more than {limit} fetches"));
    }
    if body.len() > body_limit {
        let text = format!("the request body has {} bytes; the limit is {body_limit}", body.len());
        return throw_range(scope, &text);
    }
    let id = host.fetches.started;
    host.fetches.started = id.saturating_add(1);
    let started_ms = host.clock.now_ms;
    host.fetches.waiting.push_back(Pending { id, started_ms });
    let request = FetchRequest { id, method, url, headers, body: Bytes(body), after_ms, limit_ms };
    // A daemon that is gone ends this process from the main thread.
    let _ = host.link.send(&FromWorker::Fetch(request));
    result.set_uint32(id);
}

/// `host.giveUp(id)`: nobody waits for the answer to this request any more.
pub(super) fn give_up(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    _result: v8::ReturnValue<'_>,
) {
    let Some(id) = arguments::integer(args.get(0)) else { return };
    if let Some(host) = scope.get_slot_mut::<Host>() {
        host.fetches.forget(id);
    }
}

/// `host.fetchesLeft()`: how many requests the run may still start; undefined without a run.
pub(super) fn fetches_left(
    scope: &mut v8::PinScope<'_, '_>,
    _args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    if let Some(host) = scope.get_slot::<Host>() {
        result.set_uint32(host.limits.fetches.saturating_sub(host.fetches.started));
    }
}

/// The answer as arguments for the runtime's `fetched`.
pub(crate) fn arguments<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    id: u32,
    answer: Result<FetchResponse, FetchFailure>,
) -> Option<Vec<v8::Local<'s, v8::Value>>> {
    let id = v8::Integer::new_from_unsigned(scope, id);
    let response = match answer {
        Ok(response) => response,
        Err(failure) => {
            let (kind, text) = match failure {
                FetchFailure::Denied(text) => ("denied", text),
                FetchFailure::Failed(text) | FetchFailure::Local(text) => ("failed", text),
            };
            let kind = v8::String::new(scope, kind)?;
            let text = v8::String::new(scope, &text)?;
            return Some(vec![id.into(), kind.into(), text.into()]);
        }
    };
    let kind = v8::String::new(scope, "ok")?;
    let [status, url, headers, body] = parts(scope, &response)?;
    Some(vec![id.into(), kind.into(), status, url, headers, body])
}

/// Counts what an answer brought, as it came from the network. Answers are counted in the order in which the code gets
/// them, so the one that is too much is the same on every node that was answered alike.
pub(crate) fn count(
    scope: &mut v8::PinScope<'_, '_>,
    answer: Result<FetchResponse, FetchFailure>,
) -> Result<FetchResponse, FetchFailure> {
    let (Ok(response), Some(host)) = (&answer, scope.get_slot_mut::<Host>()) else { return answer };
    let total = u64::from(host.limits.fetch_total_bytes);
    host.fetches.bytes = host.fetches.bytes.saturating_add(response.body.0.len() as u64);
    if host.fetches.bytes > total {
        return Err(FetchFailure::Denied(format!("all responses together are above {total} bytes")));
    }
    answer
}

/// Status, URL, headers as a flat list, and body.
pub(crate) fn parts<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    response: &FetchResponse,
) -> Option<[v8::Local<'s, v8::Value>; 4]> {
    let status = v8::Integer::new(scope, i32::from(response.status));
    let url = v8::String::new(scope, &response.url)?;
    let texts: Vec<&str> =
        response.headers.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
    let headers = arguments::list(scope, &texts)?;
    let body = bytes::to_array(scope, response.body.0.clone())?;
    Some([status.into(), url.into(), headers.into(), body.into()])
}

/// What a transform made of a response.
pub(crate) struct Made {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Reads `[status, headers, bytes]`, as the runtime makes it of a transform's answer; the headers as [`fetch`] takes them.
pub(crate) fn made(scope: &mut v8::PinScope<'_, '_>, made: v8::Local<'_, v8::Value>) -> Option<Made> {
    let made = v8::Local::<v8::Array>::try_from(made).ok()?;
    let status = arguments::integer(made.get_index(scope, 0)?).and_then(|n| u16::try_from(n).ok())?;
    let headers = v8::Local::<v8::String>::try_from(made.get_index(scope, 1)?).ok()?;
    let headers = arguments::pairs(&headers.to_rust_string_lossy(scope));
    Some(Made { status, headers, body: bytes::of(made.get_index(scope, 2)?)? })
}
