//! The engine id: one hash over everything in a worker that can change a result.
//!
//! Nodes with different ids are distinguished in the outcome, so a release that could answer differently can
//! never be mistaken for disagreement about the data. What can be measured is: the archive, the versions, the target.

use gateway_vm_protocol::Profile;
use sha2::{Digest, Sha256};

use crate::{flags, runtime};

/// Raised with any change of native code that can change a result. A golden test pins the results themselves.
const POLICY_VERSION: u32 = 7;

/// SHA-256 of the V8 archive that is linked, measured while this crate is compiled. Where the release has one in its
/// tree, another one ends the build.
#[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
pub(crate) const ARCHIVE: &str =
    gateway_vm_archive::linked_v8_sha256!("3813827afaa5e7d752ede276ca9b14f8ad466db3fa8f84e19e85ddd627b367c4");
#[cfg(not(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu")))]
pub(crate) const ARCHIVE: &str = gateway_vm_archive::linked_v8_sha256!();

/// Architecture, system and C library that this was built for.
const TARGET: &str = env!("GATEWAY_VM_TARGET");

/// Versions and checksums of the crates whose code decides bytes of results.
const VERSIONS: &str = include_str!(concat!(env!("OUT_DIR"), "/versions.txt"));

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
    field(TARGET.as_bytes());
    field(VERSIONS.as_bytes());
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

    #[test]
    fn the_versions_that_decide_bytes_are_covered() {
        for name in [
            "v8 152.2.0 ",
            "url ",
            "idna ",
            "serde_json ",
            "serde_json_canonicalizer ",
            "libm ",
            "rand_chacha ",
        ] {
            assert!(VERSIONS.lines().any(|line| line.starts_with(name)), "{name}\n{VERSIONS}");
        }
        assert!(!VERSIONS.contains("seccompiler"), "walls decide no byte");
        assert!(TARGET.starts_with(std::env::consts::ARCH), "{TARGET}");
    }

    /// The build has compared what is linked with the pin; this says that the tree holds it too.
    #[cfg(all(target_arch = "x86_64", target_os = "linux", target_env = "gnu"))]
    #[test]
    fn the_archive_in_the_tree_is_the_one_that_is_documented() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
        let path = "third_party/rusty_v8/v152.2.0/librusty_v8_release_x86_64-unknown-linux-gnu.a.gz";
        let bytes = std::fs::read(format!("{root}{path}")).unwrap();
        let recipe = std::fs::read_to_string(format!("{root}scripts/build-v8.md")).unwrap();
        assert!(recipe.contains(&hex::encode(Sha256::digest(&bytes))) && recipe.contains(ARCHIVE));
    }
}
