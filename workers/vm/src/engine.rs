//! V8's process-wide set-up. It happens once, on the main thread, before any other thread exists.

use gateway_vm_protocol::Profile;

use crate::flags;

/// Why V8 could not be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    /// V8 did not know a flag: it would be ignored, and results could differ.
    #[error("this V8 does not know the flags {0:?}")]
    UnknownFlags(Vec<String>),
    /// ICU has no time zone data.
    #[error("time zone UTC is not known to ICU")]
    NoTimeZone,
}

/// Sets flags, locale, time zone and entropy, and starts V8.
pub(crate) fn start(profile: Profile) -> Result<(), EngineError> {
    // The first word of a command line is the program.
    let args = std::iter::once("worker").chain(flags::of(profile)).map(str::to_owned).collect();
    let unknown: Vec<String> = v8::V8::set_flags_from_command_line(args).into_iter().skip(1).collect();
    if !unknown.is_empty() {
        return Err(EngineError::UnknownFlags(unknown));
    }
    // V8 would open /dev/urandom, which the sandbox forbids; it uses this for hash seeds and addresses only.
    v8::V8::set_entropy_source(|buffer: &mut [u8]| entropy(buffer));
    v8::icu::set_default_locale("en-US");
    v8::V8::initialize_platform(v8::new_single_threaded_default_platform(false).make_shared());
    v8::V8::initialize();
    if !v8::icu::set_default_time_zone("UTC") {
        return Err(EngineError::NoTimeZone);
    }
    Ok(())
}

/// Fills a buffer with the kernel's randomness.
#[allow(unsafe_code)]
fn entropy(buffer: &mut [u8]) -> bool {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        // SAFETY: pointer and length are those of a slice that may be written.
        let n = unsafe { nix::libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(n) {
            Ok(n) if n > 0 => filled += n,
            _ => return false,
        }
    }
    true
}
