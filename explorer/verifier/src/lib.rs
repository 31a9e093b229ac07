//! The protocol's checks for the explorer, compiled to wasm: three functions that a page can call without a binding
//! generator. It must hold no rule of its own: every operation is one call of `gateway-protocol`.
//!
//! A page calls `reserve`, writes the encoded arguments to the address returned, calls `run` with the operation's number
//! and reads the answer at `answer`. One call at a time: wasm has one thread.
// Exported names are an unsafe attribute, because two of one name would clash; nothing else here is unsafe.
#![allow(unsafe_code, reason = "the three exported names")]

mod arguments;
mod operations;

use std::cell::RefCell;

/// Largest arguments taken, bytes: the largest code with room for its framing.
const MAX_ARGUMENTS: usize = 2 << 20;

thread_local! {
    static ARGUMENTS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static ANSWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Makes room for `size` bytes of arguments, at most 2 MiB, and returns where to write them; null where it is more.
#[unsafe(no_mangle)]
pub extern "C" fn reserve(size: usize) -> *mut u8 {
    if size > MAX_ARGUMENTS {
        return std::ptr::null_mut();
    }
    ARGUMENTS.with_borrow_mut(|arguments| {
        arguments.clear();
        arguments.resize(size, 0);
        arguments.as_mut_ptr()
    })
}

/// Runs an operation on the arguments written and returns the answer's length; -1 where they do not read as its own.
#[unsafe(no_mangle)]
pub extern "C" fn run(operation: u32) -> i32 {
    let found = ARGUMENTS.with_borrow(|arguments| operations::run(operation, arguments));
    let Some(found) = found else { return -1 };
    let length = i32::try_from(found.len()).unwrap_or(-1);
    ANSWER.set(found);
    length
}

/// Where the last answer stands.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    ANSWER.with_borrow(|answer| answer.as_ptr())
}
