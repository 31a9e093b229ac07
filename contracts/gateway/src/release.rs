//! The contract's name and release, as its version record on the chain, its answers and its migration use them.

/// The contract's name in its version record.
pub(crate) const CONTRACT: &str = "gateway-contract";
/// The release.
pub(crate) const RELEASE: &str = env!("CARGO_PKG_VERSION");
