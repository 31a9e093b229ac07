//! Web requests of the code: counted and checked here, made by the daemon, answered in the order they were
//! made. This process has no network.

use std::collections::VecDeque;

use gateway_vm_protocol::{
    Bytes, FetchFailure, FetchRequest, FetchResponse, FromWorker, MAX_HEADER_BYTES, MAX_HEADERS, MAX_URL,
};

use super::{Host, bytes, throw_range, throw_type};

/// Requests of a run.
#[derive(Default)]
pub(crate) struct Fetches {
    /// Started so far.
    pub(crate) started: u32,
    /// Bytes of response bodies so far.
    pub(crate) bytes: u64,
    /// Not answered yet, oldest first.
    pub(crate) waiting: VecDeque<u32>,
}

/// `host.fetch(method, url, [name, value, …], body)`: the id of the request.
pub(super) fn fetch(
    scope: &mut v8::PinScope<'_, '_>,
    args: v8::FunctionCallbackArguments<'_>,
    mut result: v8::ReturnValue<'_>,
) {
    let method = args.get(0).to_rust_string_lossy(scope);
    let url = args.get(1).to_rust_string_lossy(scope);
    if url.len() > MAX_URL {
        return throw_range(scope, &format!("the URL has {} bytes; the limit is {MAX_URL}", url.len()));
    }
    let Ok(flat) = v8::Local::<v8::Array>::try_from(args.get(2)) else {
        return throw_type(scope, "headers are a list");
    };
    if flat.length() as usize > MAX_HEADERS * 2 {
        return throw_range(scope, &format!("more than {MAX_HEADERS} request headers"));
    }
    let mut texts = Vec::new();
    for i in 0..flat.length() {
        let Some(text) = flat.get_index(scope, i) else { return };
        texts.push(text.to_rust_string_lossy(scope));
    }
    if texts.iter().map(String::len).sum::<usize>() > MAX_HEADER_BYTES {
        return throw_range(scope, &format!("more than {MAX_HEADER_BYTES} bytes of request headers"));
    }
    let mut texts = texts.into_iter();
    let headers = std::iter::from_fn(|| Some((texts.next()?, texts.next()?))).collect();
    let body = if args.get(3).is_null_or_undefined() {
        Vec::new()
    } else {
        match bytes::of(args.get(3)) {
            Some(body) => body,
            None => return throw_type(scope, "the body is not bytes"),
        }
    };
    let Some(host) = scope.get_slot_mut::<Host>() else { return };
    if host.sealed {
        return throw_type(scope, "the transform has no network");
    }
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
    host.fetches.waiting.push_back(id);
    let request = FetchRequest { id, method, url, headers, body: Bytes(body) };
    // A daemon that is gone ends this process from the main thread.
    let _ = host.link.send(&FromWorker::Fetch(request));
    result.set_uint32(id);
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
                FetchFailure::Failed(text) => ("failed", text),
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

/// Counts what an answer brought, as it came from the network.
pub(crate) fn count(scope: &mut v8::PinScope<'_, '_>, answer: &Result<FetchResponse, FetchFailure>) {
    if let (Ok(response), Some(host)) = (answer, scope.get_slot_mut::<Host>()) {
        host.fetches.bytes = host.fetches.bytes.saturating_add(response.body.0.len() as u64);
    }
}

/// Status, URL, headers as a flat list, and body.
pub(crate) fn parts<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    response: &FetchResponse,
) -> Option<[v8::Local<'s, v8::Value>; 4]> {
    let status = v8::Integer::new(scope, i32::from(response.status));
    let url = v8::String::new(scope, &response.url)?;
    let headers = v8::Array::new(scope, 0);
    let texts = response.headers.iter().flat_map(|(name, value)| [name, value]);
    for (i, text) in (0u32..).zip(texts) {
        let text = v8::String::new(scope, text)?;
        headers.set_index(scope, i, text.into())?;
    }
    let body = bytes::to_array(scope, response.body.0.clone())?;
    Some([status.into(), url.into(), headers.into(), body.into()])
}

/// What a transform made of a response.
pub(crate) struct Made {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Reads `[status, [name, value, …], bytes]`, as the runtime makes it of a transform's answer.
pub(crate) fn made(scope: &mut v8::PinScope<'_, '_>, made: v8::Local<'_, v8::Value>) -> Option<Made> {
    let made = v8::Local::<v8::Array>::try_from(made).ok()?;
    let status =
        made.get_index(scope, 0)?.uint32_value(scope).and_then(|status| u16::try_from(status).ok())?;
    let flat = v8::Local::<v8::Array>::try_from(made.get_index(scope, 1)?).ok()?;
    let mut headers = Vec::new();
    for i in (0..flat.length()).step_by(2) {
        let name = flat.get_index(scope, i)?.to_rust_string_lossy(scope);
        let value = flat.get_index(scope, i.saturating_add(1))?.to_rust_string_lossy(scope);
        headers.push((name, value));
    }
    Some(Made { status, headers, body: bytes::of(made.get_index(scope, 2)?)? })
}
