//! The engine id: one hash over everything in a worker that can change a result.
//!
//! Nodes with different ids are told apart in the outcome, so a release that could answer differently can
//! never be mistaken for disagreement about the data.

use gateway_vm_protocol::Profile;
use sha2::{Digest, Sha256};

use crate::{flags, runtime};

/// Raised with any change of native code that can change a result. A golden test pins the results themselves.
const POLICY_VERSION: u32 = 3;

/// SHA-256 of the V8 archive this target links.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(crate) const ARCHIVE: &str = "d69b94bd4c129db87bd9887d9803a02bc73929ead1f7d896237adf48befd1ca7";
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
pub(crate) const ARCHIVE: &str = "upstream";

/// The engine id of a profile.
pub fn engine_id(profile: Profile) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    field(b"gateway/engine");
    field(&POLICY_VERSION.to_be_bytes());
    field(v8::V8::get_version().as_bytes());
    field(ARCHIVE.as_bytes());
    field(std::env::consts::ARCH.as_bytes());
    field(profile.name().as_bytes());
    for flag in flags::of(profile) {
        field(flag.as_bytes());
    }
    field(runtime::BOOTSTRAP.as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_have_different_ids() {
        assert_ne!(engine_id(Profile::Jitless), engine_id(Profile::Jit));
    }

    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    #[test]
    fn the_pinned_archive_is_the_one_in_the_tree() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../third_party/rusty_v8/v152.2.0/librusty_v8_release_x86_64-unknown-linux-gnu.a.gz"
        );
        let bytes = std::fs::read(path).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&bytes)), ARCHIVE);
    }
}
