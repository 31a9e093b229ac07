//! What a node reads from a project's code before running it.

use gateway_engine::Manifest;

/// Returns whether the code's manifest lists hosts. Such code cannot be deterministic, whatever its owner declares: an honest
/// node's attestation could be reported as a dissent, so the node makes none. `false` for bytes that are not code.
pub(crate) fn may_fetch(code: &[u8]) -> bool {
    let manifest = std::str::from_utf8(code).ok().and_then(|code| Manifest::of(code).ok());
    manifest.is_some_and(|manifest| !manifest.hosts.is_empty())
}
