//! The VM worker process: sandboxed V8, the only crate that links it.
