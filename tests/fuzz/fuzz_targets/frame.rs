//! The target `frame` of libFuzzer; what it does is in the library.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gateway_fuzz::targets::frame(data));
