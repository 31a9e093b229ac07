//! V8's flags: the same words on every node, because they are part of the engine id.

use gateway_vm_protocol::Profile;

/// Flags of every profile.
const COMMON: &[&str] = &[
    // One thread of JavaScript and no helpers: one CPU clock, deterministic order of tiers and collections.
    "--single-threaded",
    // V8's own pow instead of the host's, whose last bit depends on CPU and C library.
    "--no-use-std-math-pow",
    "--disallow-code-generation-from-strings",
    // Kilobytes, well inside the 4 MiB of the JavaScript thread.
    "--stack-size=900",
    "--stack-trace-limit=20",
    // Refuse features that start behind a flag, whatever a later V8 turns on by default.
    "--no-harmony-shadow-realm",
];

/// The flags of a profile, in order.
pub(crate) fn of(profile: Profile) -> Vec<&'static str> {
    let mut flags = COMMON.to_vec();
    if profile == Profile::Jitless {
        flags.push("--jitless");
    }
    flags
}
