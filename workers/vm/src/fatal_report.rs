//! The report of a worker before V8 ends the process: by it the daemon distinguishes running out of memory from a crash.
//!
//! It runs while V8 is out of memory or out of its mind: it takes no lock that the same thread may hold and asks V8 for
//! counters only.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};
use std::sync::OnceLock;

use gateway_vm_protocol::{FromWorker, Resource};

use crate::link::Link;
use crate::{memory, stop};

static LINK: OnceLock<Link> = OnceLock::new();

/// Sends V8's fatal errors to this daemon from now on.
pub(crate) fn goes_to(link: &Link) {
    // There is one link in the life of a process.
    let _ = LINK.set(link.clone());
    v8::V8::set_fatal_error_handler(fatal);
}

/// Called by V8 when an allocation fails for good; ends the process, as V8 would.
pub(crate) unsafe extern "C" fn out_of_memory(location: *const c_char, details: &v8::OomDetails) {
    let place = words(location);
    let detail = words(details.detail);
    let limit = stop::limits().map_or(0, |limits| limits.heap_bytes);
    let used = memory::heap_in_use();
    let text = format!(
        "the heap has {used} bytes, the limit is {limit}, and V8 could not get what the code asked for ({place}{}{detail})",
        if detail.is_empty() { "" } else { ": " },
    );
    say(Some(Resource::Heap), text);
    // V8 would only go on to find fault with a handler that returns.
    std::process::abort();
}

/// Called by V8 when it finds itself broken.
fn fatal(file: &str, line: i32, message: &str) {
    say(None, format!("{message} ({file}:{line})"));
    // V8 hands the end of the process to whoever takes its words.
    std::process::abort();
}

fn say(resource: Option<Resource>, text: String) {
    if let Some(link) = LINK.get() {
        // A daemon that is gone needs no last word.
        let _ = link.send(&FromWorker::FatalReport { resource, text });
    }
}

fn words(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: V8 passes C strings that live as long as the process.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
